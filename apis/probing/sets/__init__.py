"""Many probes at once: suggestions, sets that follow a configuration, files, and bulk actions."""
