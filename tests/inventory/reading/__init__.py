"""Reading from AWS."""
