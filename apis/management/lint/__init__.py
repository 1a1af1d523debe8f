"""The linter for pipelines: reads template files, runs the rules, reports. Plain Python: it needs no Django."""
