"""A process that does one thing and ends: started ahead of time, it waits for a signal to go on."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Mapping, Sequence

from apis.management.up.process import die_with_us


class OneTime:
    """A process that waits for a line on its standard input. When we die or stop, it does."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.output = ""

    @classmethod
    async def start(cls, command: Sequence[str], environ: Mapping[str, str]) -> OneTime:
        """Start it; it loads what it needs, and waits."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **environ},
            start_new_session=True,
            preexec_fn=die_with_us(),
        )
        return cls(process)

    async def finish(self) -> int:
        """Let it go on, and wait for its end; returns its exit code."""
        try:
            output, _ = await self._process.communicate(b"go\n")
            self.output = "\n".join(output.decode(errors="replace").splitlines()[-10:])
        finally:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        return await self._process.wait()
