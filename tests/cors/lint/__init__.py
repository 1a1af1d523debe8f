"""The findings and the linter for pipelines."""
