"""`judge` against real browsers: generated exchanges, a local server that plays them, and the browser that decides."""
