"""Resources of probing."""
