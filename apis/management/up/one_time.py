"""A process that does one thing and ends."""

from __future__ import annotations

import contextlib
import os
import signal

from apis.management.up.process import Part, Start, execute, lines_of


async def run_once(part: Part, start: Start = execute) -> tuple[int, str]:
    """Run a part to its end; return its exit code and its last lines. When we die or stop, it does."""
    ours, theirs = os.pipe()
    try:
        process = await start(part, theirs)
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    try:
        printed = [line async for line in lines_of(ours)]
        code = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
            await process.wait()
    return code, "\n".join(printed[-10:])
