"""A process of its own for long calculations, so that they hold no page up."""
