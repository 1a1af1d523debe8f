"""The tests: one folder a room, `journeys/` in a real browser, `house/` for the rules that the code keeps."""
