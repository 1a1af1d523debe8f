"""Resources of alerting."""
