"""What the tests stand on: their environment, real servers to talk to, and a browser."""
