"""Parts of `python -m tests.cors.mutate`."""
