"""Work that must survive a crash, and the queue it waits in."""
