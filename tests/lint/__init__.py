"""The rules that the code itself keeps. They need no database, so they run once."""
