"""What alerts besides incidents: what happened once, and what lasts, each notified of once."""
