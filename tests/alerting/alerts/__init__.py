"""What alerts besides incidents."""
