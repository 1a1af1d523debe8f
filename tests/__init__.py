"""The tests: one folder a room, `journeys/` in a real browser, `lint/` for the checks of the code itself."""
