"""A fork server: one process loads the application once, and each Python part of `up` is a fork of it.

A part is then there at once, and the parts share the memory of all that was loaded. Linux alone: other systems
cannot fork a process safely that has loaded so much, and start each part as a program of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import json
import logging
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import traceback
import warnings
from collections import deque
from typing import Any, NoReturn

from django.conf import settings
from django.urls import get_resolver
from setproctitle import setproctitle

from apis.management.up.process import Part, Process, die_with_us
from corsdash.celery import app

_LOADED = (
    "celery.bin.celery",
    "celery.bin.worker",
    "celery.bin.beat",
    "celery.apps.worker",
    "celery.concurrency.thread",
    "kombu.transport.redis",
    "boto3",
    "botocore.endpoint",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.lifespan.on",
    "apis.management.web.server",
    "apis.management.web.application",
    "apis.management.commands.serve",
)
_LARGEST = 2**20  # bytes of a message


class ForkServer:
    """The supervisor's end: it asks for forks, and hears of their ends."""

    def __init__(self) -> None:
        """Fork the server from this process, which must have no thread but this one and no event loop yet."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sys.stdout.flush()
        sys.stderr.flush()
        promise = die_with_us()
        pid = os.fork()
        if pid == 0:
            ours.close()
            promise()
            _serve(theirs)
        theirs.close()
        ours.setblocking(False)
        self.pid = pid
        self._socket = ours
        self._asked: deque[tuple[Forked, asyncio.Future[None]]] = deque()
        self._running: dict[int, Forked] = {}
        self._listening = False

    @property
    def alive(self) -> bool:
        """Whether it can be asked for a fork."""
        return self._socket.fileno() >= 0

    async def start(self, part: Part, output: int) -> Process:
        """Fork a part, whose command is `python -m module …`. Raises OSError when the server is gone."""
        loop = asyncio.get_running_loop()
        if not self._listening:
            loop.add_reader(self._socket, self._hear)
            self._listening = True
        fork, started = Forked(), loop.create_future()
        asked = {"command": part.command, "environ": part.environ, "death_signal": part.death_signal}
        socket.send_fds(self._socket, [json.dumps(asked, default=dict).encode()], [output])
        self._asked.append((fork, started))
        await started
        return fork

    def close(self) -> None:
        """End the server, and with it what is left of its forks."""
        if self._listening and self.alive:
            self._lost()

    def _hear(self) -> None:
        try:
            message = self._socket.recv(_LARGEST)
        except BlockingIOError:
            return
        except OSError:
            message = b""
        if not message:
            self._lost()
            return
        heard = json.loads(message)
        if "started" in heard:
            fork, started = self._asked.popleft()
            fork.pid = heard["started"]
            self._running[fork.pid] = fork
            if not started.done():
                started.set_result(None)
        else:
            self._running.pop(heard["ended"]).end(heard["code"])

    def _lost(self) -> None:
        """Handle the server's death; the kernel has killed its forks."""
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        for fork in self._running.values():
            fork.end(-signal.SIGKILL)
        self._running.clear()
        for _, started in self._asked:
            if not started.done():
                started.set_exception(ConnectionResetError("the fork server has ended"))
        self._asked.clear()


class Forked:
    """A fork, with what the supervisor uses of asyncio's Process."""

    def __init__(self) -> None:
        self.pid = 0
        self.returncode: int | None = None
        self._ended = asyncio.Event()

    def terminate(self) -> None:
        """Send SIGTERM."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGTERM)

    async def wait(self) -> int:
        """Return how it ended; negative: the signal that killed it."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def end(self, code: int) -> None:
        """Note how it ended."""
        self.returncode = code
        self._ended.set()


def _serve(asked: socket.socket) -> NoReturn:
    """Load the application, then fork a part for each message; end with the supervisor."""
    try:
        os.setsid()  # The terminal's Ctrl-C is for the supervisor alone.
        _close_all_but(asked.fileno())
        setproctitle("corsdash: fork server")
        _load()
        children = selectors.DefaultSelector()
        children.register(asked, selectors.EVENT_READ)
        while True:
            for key, _ in children.select():
                if key.fileobj is not asked:
                    _, status = os.waitpid(key.data, 0)
                    children.unregister(key.fileobj)
                    os.close(key.fd)
                    _tell(asked, {"ended": key.data, "code": os.waitstatus_to_exitcode(status)})
                    continue
                message, files, _, _ = socket.recv_fds(asked, _LARGEST, 1)
                if not message:
                    os._exit(0)
                parent = os.getpid()
                pid = os.fork()
                if pid == 0:
                    children.close()
                    asked.close()
                    _become(json.loads(message), files[0], parent)
                os.close(files[0])
                children.register(os.pidfd_open(pid), selectors.EVENT_READ, pid)
                _tell(asked, {"started": pid})
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)


def _load() -> None:
    """Import what the parts need; nothing of it may start a thread, open a connection or read the database."""
    # They follow from what the supervisor only now decided: the dashboard's address, and those of the demo AWS.
    module = importlib.reload(importlib.import_module(settings.SETTINGS_MODULE))
    for name in filter(str.isupper, dir(module)):
        setattr(settings, name, getattr(module, name))
    for name in _LOADED:
        importlib.import_module(name)
    app.loader.import_default_modules()
    _ = get_resolver(settings.ROOT_URLCONF).url_patterns
    gc.collect()
    # The collector would write to each object, and so make the parts' own copies of them.
    gc.freeze()


def _become(asked: dict[str, Any], output: int, parent: int) -> NoReturn:
    """In the fork: run its command as `python -m` would, and end the process with it."""
    code: int | str | None = 1
    try:
        os.setsid()
        die_with_us(asked["death_signal"], parent)()
        with open(os.devnull) as nothing:
            os.dup2(nothing.fileno(), 0)
        os.dup2(output, 1)
        os.dup2(output, 2)
        os.close(output)
        for stream in (sys.stdout, sys.stderr):
            stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
        os.environ.update(asked["environ"])
        for given in filter(None, asked["environ"].get("PYTHONWARNINGS", "").split(",")):
            action, _, text = given.partition(":")
            warnings.filterwarnings(action, text)
        _, _, module, *arguments = asked["command"]
        setproctitle(" ".join(["python", "-m", module, *arguments]))
        sys.argv = [module, *arguments]
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code
        if isinstance(code, str):
            print(code, file=sys.stderr)  # noqa: T201
            code = 1
    except BaseException:
        traceback.print_exc()
    finally:
        with contextlib.suppress(BaseException):
            for thread in threading.enumerate():
                if thread is not threading.current_thread() and not thread.daemon:
                    thread.join()
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0)


def _tell(asked: socket.socket, what: dict[str, int]) -> None:
    try:
        asked.send(json.dumps(what).encode())
    except OSError:
        os._exit(0)


def _close_all_but(kept: int) -> None:
    """Close what the supervisor has open, above all its lock on the data folder."""
    for name in os.listdir("/proc/self/fd"):
        number = int(name)
        if number > 2 and number != kept:
            with contextlib.suppress(OSError):
                os.close(number)
