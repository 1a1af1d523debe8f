"""corsdash's one Django app; each folder in it is a room with a door of its own (see its docstring)."""
