"""What an isolated call may use."""

INLINE = 16 * 1024
"""Characters of a text that is read at once: they take less time than a page."""
CPU_SECONDS = 8.0
WALL_SECONDS = 20.0
TURN_SECONDS = 10.0
"""How long a call waits for the one before it."""
MOST_AT_ONCE = 2
"""Requests that may wait for the process: more would leave too few threads to pages."""
IDLE_SECONDS = 60.0
BYTES = 2**30
NICE = 10
"""Pages go first when there is too little CPU for both."""
