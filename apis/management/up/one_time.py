"""A process that does one thing and ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence

from apis.management.up.process import die_with_us


async def run_once(command: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str]:
    """Run a command to its end; return its exit code and its last lines. When we die or stop, it does."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, **environ},
        start_new_session=True,
        preexec_fn=die_with_us(),
    )
    try:
        output, _ = await process.communicate()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
    return await process.wait(), "\n".join(output.decode(errors="replace").splitlines()[-10:])
