"""Rules and maintenance windows."""
