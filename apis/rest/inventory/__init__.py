"""Resources of the inventory."""
