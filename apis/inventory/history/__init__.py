"""The history of an API's configuration: changes, drift, baselines and downloads."""
