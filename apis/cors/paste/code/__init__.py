"""Calls in the source code of scripts: `fetch` and the libraries around it."""
