"""One run of everything, in order: tables, first user and accounts, broker, demo AWS, web, workers.

From the first fork on this process has no thread and no connection of its own: its forks would get halves of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.db import DatabaseError, connections

from apis.demo.history import making
from apis.jobs import pause
from apis.management.up import broker, demo, forks, prepare, schema
from apis.management.up.claim import DataFolder
from apis.management.up.health import health_problem
from apis.management.up.one_time import run_once
from apis.management.up.process import Child, Part, Process, execute, how_it_ended, say
from corsdash.celery import app
from corsdash.environment import broker_socket

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}
_PATIENCE = 30.0
_BROKER_NOISE = ("signal-handler", "ready to exit", "Memory overcommit must be enabled")


class StartFailed(Exception):
    """Raised when a required part does not start; the message names it and shows the end of its output."""


@dataclass
class Run:
    """`manage.py up`: what was asked for, and the children of this run in the order of their start."""

    host: str
    port: int
    demo_asked: bool
    folder: DataFolder
    children: list[Child] = field(default_factory=list)
    stop_asked_at: float = 0
    demo_ports: demo.Ports | None = None
    demo_is_new: bool = False
    demo_incomplete: str = ""
    can_fork: bool = sys.platform == "linux"

    @property
    def url(self) -> str:
        """Where the dashboard is reached from this machine."""
        host = _EVERYWHERE.get(self.host, self.host)
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    def prepare(self) -> None:
        """Bring the tables up to date, decide on the demo AWS, and make the first rows. Raises StartFailed."""
        os.environ.update(self._environ())
        try:
            prepare.migrate()
        except schema.IncompatibleData as error:
            raise StartFailed(str(error)) from error
        except DatabaseError as error:
            raise StartFailed(f"the database cannot be used: {str(error).strip()}") from error
        before = demo.last_ports(settings.DATA)
        if demo.wanted(self.demo_asked, before):
            # Written down first: the parts read which addresses they may call when they start.
            self.demo_ports = demo.choose_ports(settings.DATA, before)
            self.demo_is_new = not demo.register(self.demo_ports, before)
            self.demo_incomplete = making.incomplete_reason()
        else:
            demo.close(settings.DATA, before)
        # A new demo brings its own accounts.
        for line in (*prepare.first_user(), *(() if self.demo_is_new else prepare.first_account())):
            say(line)
        connections.close_all()

    async def run_until_stopped(self) -> None:
        """Start all, wait for Ctrl-C or SIGTERM, stop all. Raises StartFailed and NoBroker."""
        stopping = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._stop_requested, stopping)
        starting = asyncio.create_task(self._start())
        waiting = asyncio.create_task(stopping.wait())
        try:
            await asyncio.wait([starting, waiting], return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
            await waiting
        finally:
            starting.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await starting
            await self._stop()

    def _stop_requested(self, stopping: asyncio.Event) -> None:
        now = asyncio.get_running_loop().time()
        if not stopping.is_set():
            say("stopping")
            stopping.set()
            self.stop_asked_at = now
        elif now - self.stop_asked_at > 1:  # Not the same Ctrl-C, passed on by `uv run`: someone is in a hurry.
            for child in self.children:
                child.kill()

    async def _start(self) -> None:
        command = broker.embedded_broker()
        if command:
            await self._add(Part("broker", command, stops_in=2, noise=_BROKER_NOISE))
        if self.can_fork:
            forks.load()
        # It needs longer than all others: they start in the meantime.
        demo_line = await self._start_demo()
        if command:
            await self._in_time(broker.wait_for(broker_socket(settings.DATA)), "the broker", 15)
        where = ("--host", self.host, "--port", str(self.port))
        await self._add(Part("web", [sys.executable, "-m", "django", "serve", *where], stops_in=5))
        if demo_line is not None:
            # Probes that are due would find no gateway.
            say(await demo_line)
            if not self.demo_is_new:
                say("its CORS settings are kept; its list of APIs is reset, which shows as drift")
            if self.demo_incomplete:
                say(self.demo_incomplete)
        await self._add(*_workers())
        if not self.demo_is_new:  # Its past comes first.
            await self._start_sync()
        await self._answers()
        say(f"ready at {self.url}")
        if self.demo_is_new:
            await self._make_history()

    async def _start_demo(self) -> Awaitable[str] | None:
        """Start it, if it is wanted; what it says when it is ready."""
        if self.demo_ports is None:
            return None
        [child] = self._children(Part("demo", self.demo_ports.command, stops_in=2))
        line = child.line_that_starts("demo AWS at ")
        await child.start()
        return self._in_time(line, "the demo AWS", _PATIENCE, child)

    async def _make_history(self) -> None:
        """Have the demo's past day made, now that the pages are served."""
        say("preparing the demo's past day; results appear in a few seconds")
        # No probe, sync or alert of today may come between those of the past.
        with pause.paused(settings.DATA):
            code, output = await run_once(Part("history", [sys.executable, "-m", "apis.demo.history"]), self._process)
        if code:
            say(f"the demo's past day could not be made ({how_it_ended(code)}):\n{output}")
        else:
            say("the demo's past day is ready")
        await self._start_sync()

    async def _start_sync(self) -> None:
        code, output = await run_once(Part("sync", [sys.executable, "-m", "apis.management.up.sync"]), self._process)
        if code:
            say(f"the first sync is not started: {output or how_it_ended(code)}")

    async def _process(self, part: Part, output: int) -> Process:
        """Start a part: a Python program as a fork, where that is possible."""
        if self.can_fork and list(part.command[:2]) == [sys.executable, "-m"]:
            return await forks.fork(part, output)
        return await execute(part, output)

    def _environ(self) -> dict[str, str]:
        # Django's checks import every page and its forms: the tests run them.
        environ = {"CELERY_SKIP_CHECKS": "1"}
        if "CORSDASH_URL" not in os.environ:
            environ["CORSDASH_URL"] = self.url
            local = self.host in ("127.0.0.1", "::1", "localhost")
            if not local and "CORSDASH_ALLOWED_HOSTS" not in os.environ:
                # It listens to other hosts under an unknown name.
                environ["CORSDASH_ALLOWED_HOSTS"] = "*"
        return environ

    def _children(self, *parts: Part) -> list[Child]:
        new = [Child(part, max(map(len, settings.WORKER_QUEUES)), self._process) for part in parts]
        self.children += new
        return new

    async def _add(self, *parts: Part) -> None:
        for child in self._children(*parts):
            await child.start()

    async def _in_time[T](self, awaitable: Awaitable[T], what: str, seconds: float, child: Child | None = None) -> T:
        try:
            return await asyncio.wait_for(awaitable, seconds)
        except TimeoutError:
            last = "\n".join((child or self.children[-1]).last_lines)
            raise StartFailed(f"{what} does not answer after {seconds:g} s; its last output:\n{last}") from None

    async def _answers(self) -> None:
        """Wait until the dashboard says through its own web server that all is well.

        When only the scheduler is late, or the broker away, pages work: report it and stop waiting.
        """
        clock = asyncio.get_running_loop().time
        patience_ends = clock() + _PATIENCE
        while amiss := await health_problem(_EVERYWHERE.get(self.host, self.host), self.port):
            if clock() > patience_ends:
                say(f"degraded: {amiss.words}")
                if amiss.serves:
                    return
                patience_ends += _PATIENCE
            await asyncio.sleep(0.1)

    async def _stop(self) -> None:
        """Stop the last that was started first; those that serve and work together, so that all ends within 10 s."""
        for group in self._groups():
            await asyncio.gather(*(child.stop() for child in group))
        self.folder.release()
        if self.stop_asked_at:
            say("stopped")

    def _groups(self) -> Iterator[list[Child]]:
        base = {"broker", "demo"}
        yield [child for child in reversed(self.children) if child.part.name not in base]
        for child in reversed(self.children):
            if child.part.name in base:
                yield [child]


def _workers() -> Iterator[Part]:
    """Yield what runs tasks. The one that never waits for AWS also publishes the scheduled ones."""
    for name, queues in settings.WORKER_QUEUES.items():
        beat = ["-B"] if app.conf.task_default_queue in queues else []
        command = [sys.executable, "-m", "apis.management.up.worker", "-Q", ",".join(queues), *beat]
        yield Part(name, command, noise=("Warm shutdown",))
