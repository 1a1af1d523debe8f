"""Resources of editing."""
