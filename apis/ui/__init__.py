"""What every page draws with: template tags, formatting, and reading the times that people type."""
