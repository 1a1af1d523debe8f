"""The Configure panel: the console's six fields as a form, and presets that fill it in."""
