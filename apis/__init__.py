"""corsdash's one Django app. Each folder is a room: one concern, whose docstring names what other rooms may use."""
