"""Explain: its evidence, causes, fixes and drawing."""
