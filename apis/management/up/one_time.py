"""A process that does one thing and ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal

from apis.management.up.process import Part, Start, execute


async def run_once(part: Part, start: Start = execute) -> tuple[int, str]:
    """Run a part to its end; return its exit code and its last lines. When we die or stop, it does."""
    ours, theirs = os.pipe()
    with open(ours, "rb") as output:
        try:
            process = await start(part, theirs)
        finally:
            os.close(theirs)
        try:
            printed = await asyncio.to_thread(output.read)
            code = await process.wait()
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
                await process.wait()
    return code, "\n".join(printed.decode(errors="replace").splitlines()[-10:])
