"""What browsers print to their console."""
