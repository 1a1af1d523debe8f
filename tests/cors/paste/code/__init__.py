"""Calls in source code, and in what programs log."""
