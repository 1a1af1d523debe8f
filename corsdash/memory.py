"""The memory of processes that run for long."""

import gc


def spare_loaded() -> None:
    """Let the garbage collector leave out what was loaded, which stays."""
    gc.collect()
    gc.freeze()
