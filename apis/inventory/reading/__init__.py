"""Reading from AWS: sync, live reads, who changed it, and which tool manages it."""
