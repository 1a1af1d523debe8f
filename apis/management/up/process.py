"""Child processes that are kept alive: started, logged with their name in front, restarted when they die, stopped."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from apis.jobs import full_storage
from corsdash.redaction import redact

_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1
# Seconds before each restart in a row, the last for all that follow; a child that lived a minute starts afresh.
_BACKOFF = (0.5, 1, 2, 4, 8, 15, 30)
_LIVED = 60.0


def die_with_us(how: int = signal.SIGKILL, parent: int = 0) -> Callable[[], None]:
    """Run first in a new child (its `preexec_fn`): it gets the signal `how` when we die in any way. Linux alone.

    The kernel takes the end of the thread that started the child for ours, so start children in the main thread.
    Called in the child itself, it needs the process number of its `parent`.
    """
    parent = parent or os.getpid()

    def promise() -> None:
        if _LIBC is not None:
            _LIBC.prctl(_PR_SET_PDEATHSIG, how)
            if os.getppid() != parent:  # We died between the fork and the promise.
                os._exit(1)

    return promise


def say(line: str) -> None:
    """Print a line at once; a reader that has gone away is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        print(line, flush=True)


def how_it_ended(code: int) -> str:
    """Return an exit code in words."""
    if code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit code {code}"


@dataclass(frozen=True)
class Part:
    """A process of the whole: its name in the log, its command, and how it is let go.

    `stops_in` is how many seconds it gets after SIGTERM; `death_signal` is the signal that it gets when we are killed.
    Lines with any of `noise` in them are not passed on to the log.
    """

    name: str
    command: Sequence[str]
    stops_in: float = 6
    death_signal: int = signal.SIGKILL
    noise: Sequence[str] = ()


class Process(Protocol):
    """A running process."""

    @property
    def pid(self) -> int:
        """Its number."""

    @property
    def returncode(self) -> int | None:
        """How it ended (negative: the signal that killed it); None while it runs."""

    def terminate(self) -> None:
        """Send SIGTERM."""

    async def wait(self) -> int:
        """Wait for its end and return how it ended."""


type Start = Callable[[Part, int], Awaitable[Process]]
"""Starts the process of a part, which prints to the given file descriptor."""


async def execute(part: Part, output: int) -> Process:
    """Start a part as a program of its own."""
    return await asyncio.create_subprocess_exec(
        *part.command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        # A group of its own: the terminal's Ctrl-C reaches us alone, and we stop the parts in order.
        start_new_session=True,
        preexec_fn=die_with_us(part.death_signal),
    )


async def lines_of(pipe: int) -> AsyncIterator[str]:
    """Yield what comes out of a pipe, however long its lines are, and close it."""
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(pipe, "rb", 0)
    )
    rest = b""
    try:
        while chunk := await reader.read(65536):
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                yield line.decode(errors="replace").rstrip()
        if rest:
            yield rest.decode(errors="replace").rstrip()
    finally:
        transport.close()


class Child:
    """A part that is kept running until it is stopped."""

    def __init__(self, part: Part, width: int, start: Start = execute) -> None:
        self.part = part
        self._start = start
        self.last_lines: list[str] = []
        self._label = f"{part.name:<{width}} | "
        self._process: Process | None = None
        self._stopping = False
        self._keeper: asyncio.Task[None] | None = None
        self._log: asyncio.Task[None] | None = None
        self._seen: dict[str, asyncio.Future[str]] = {}

    async def start(self) -> None:
        """Start it; from now on a death is followed by a restart."""
        await self._spawn()
        self._keeper = asyncio.create_task(self._keep())

    def line_that_starts(self, text: str) -> asyncio.Future[str]:
        """Return the first line it prints that starts so; it is not passed on to the log. Ask before `start`."""
        return self._seen.setdefault(text, asyncio.get_running_loop().create_future())

    @property
    def pid(self) -> int | None:
        """Its process, if it runs."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def stop(self) -> None:
        """Ask it to stop, and kill it with all that it started when it has not in its time."""
        self._stopping = True
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.terminate()
            try:
                await asyncio.wait_for(self._process.wait(), self.part.stops_in)
            except TimeoutError:
                say(f"{self.part.name} did not stop within {self.part.stops_in:g} s; killed")
        self.kill()
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.wait([self._keeper], timeout=1)

    def kill(self) -> None:
        """Kill it and whatever is left of what it started, now."""
        self._stopping = True
        self._kill_group()

    async def _spawn(self) -> None:
        # A pipe of our own: what the child started may hold it open, and asyncio would then not see the child's end.
        ours, theirs = os.pipe()
        try:
            self._process = await self._start(self.part, theirs)
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        self._log = asyncio.create_task(self._pass_on_lines(ours))

    async def _keep(self) -> None:
        deaths = 0
        while self._process is not None:
            started = time.monotonic()
            code = await self._process.wait()
            if self._stopping:
                return
            self._kill_group()
            if self._log is not None:
                await asyncio.wait([self._log], timeout=1)
            deaths = 0 if time.monotonic() - started > _LIVED else deaths
            pause = _BACKOFF[min(deaths, len(_BACKOFF) - 1)]
            deaths += 1
            say(f"{self.part.name} exited ({how_it_ended(code)}); restarting in {pause:g} s")
            await asyncio.sleep(pause)
            try:
                await self._spawn()
            except Exception as error:  # Whatever it is (a broker that is away, say): it is tried again.
                say(f"{self.part.name} cannot be started: {error}")

    def _kill_group(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _pass_on_lines(self, pipe: int) -> None:
        async for line in lines_of(pipe):
            self._pass_on(redact(line))

    def _pass_on(self, line: str) -> None:
        for text, future in self._seen.items():
            if line.startswith(text):
                if not future.done():
                    future.set_result(line)
                return
        self.last_lines = [*self.last_lines[-9:], line]
        if line and not any(words in line for words in self.part.noise) and _is_news(line):
            say(self._label + line)


def _is_news(line: str) -> bool:
    """Return whether a line is worth a line of ours: of all parts one says each minute that the disk is full."""
    full = full_storage.full_in(line)
    return full is None or full_storage.RECENT.is_due(full)
