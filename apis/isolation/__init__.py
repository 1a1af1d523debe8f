"""A separate process for long calculations, so that they delay no page."""
