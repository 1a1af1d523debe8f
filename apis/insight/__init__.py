"""Pages that explain and compare configurations and change nothing."""
