"""The history of an API's configuration: changes, drift and baselines."""
