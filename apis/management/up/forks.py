"""Forks: the supervisor loads the application once, and each Python part of `up` is a fork of it.

A part is then there at once, and all of them share the memory of what was loaded. Linux alone: other systems cannot
fork a process safely that has loaded so much, and start each part as a program of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import logging
import os
import runpy
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import NoReturn

from django.conf import settings
from django.urls import get_resolver
from django.utils.module_loading import import_string
from setproctitle import setproctitle

from apis.aws import clients, sdk_models
from apis.management.up.process import Part, die_with_us
from corsdash.celery import app
from corsdash.memory import spare_loaded

_LOADED = (
    # The workers: Celery imports most of itself only when one starts.
    "celery.apps.worker",
    "celery.concurrency.thread",
    "celery.contrib.django.task",
    "celery.worker.autoscale",
    "celery.worker.components",
    "celery.worker.consumer",
    "celery.worker.consumer.delayed_delivery",
    "celery.worker.loops",
    "celery.worker.strategy",
    "billiard.pool",
    "kombu.transport.redis",
    "apis.management.up.beat",
    # The web server.
    "django.core.handlers.wsgi",
    "django.contrib.sessions.backends.db",
    "django.db.models.sql.compiler",
    "django.views.defaults",
    "uvicorn.loops.asyncio",
    "uvicorn.protocols.http.httptools_impl",
    "uvicorn.lifespan.on",
    "apis.management.web.server",
    "apis.management.web.application",
    "apis.management.commands.serve",
)
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def load() -> None:
    """Import what the parts need; nothing of it may start a thread, open a connection or read the database."""
    # They follow from what was decided only now: the dashboard's address, and those of the demo AWS.
    module = importlib.reload(importlib.import_module(settings.SETTINGS_MODULE))
    for name in filter(str.isupper, dir(module)):
        setattr(settings, name, getattr(module, name))
    for name in _LOADED:
        importlib.import_module(name)
    for path in settings.MIDDLEWARE:
        import_string(path)
    sdk_models.preload(clients.GATEWAY)
    app.loader.import_default_modules()
    app.finalize()
    _ = app.amqp.queues, app.control, app.events.Dispatcher, app.log
    _ = get_resolver(settings.ROOT_URLCONF).url_patterns
    # The collector would write to each object, and so make the parts' own copies of them.
    spare_loaded()


class Fork:
    """A part that was forked from this process, with what is used of asyncio's Process."""

    def __init__(self, part: Part, output: int) -> None:
        """Fork this process, which must have no thread but this one."""
        sys.stdout.flush()
        sys.stderr.flush()
        promise = die_with_us(part.death_signal)
        self.returncode: int | None = None
        self._ended = asyncio.Event()
        # A signal to the fork waits until it has left our handlers, which would lose it, or take it for one to us.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            self.pid = os.fork()
            if self.pid == 0:
                _become(part, output, promise, before)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._handle = os.pidfd_open(self.pid)
        asyncio.get_running_loop().add_reader(self._handle, self._note_end)

    def terminate(self) -> None:
        """Send SIGTERM."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGTERM)

    async def wait(self) -> int:
        """Return how it ended; negative: the signal that killed it."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def _note_end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        _, status = os.waitpid(self.pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        self._ended.set()


async def fork(part: Part, output: int) -> Fork:
    """Start a part, whose command is `python -m module …`, as a fork of this process."""
    return Fork(part, output)


def _become(part: Part, output: int, promise: Callable[[], None], signals: Iterable[int]) -> NoReturn:
    """In the fork: run its command as `python -m` would, and end the process with it."""
    code: int | str | None = 1
    try:
        # Nothing of the supervisor may be freed here: its descriptors have other meanings now.
        gc.freeze()
        os.setsid()
        promise()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        _take_descriptors(output)
        signal.pthread_sigmask(signal.SIG_SETMASK, signals)
        _, _, module, *arguments = part.command
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


def _take_descriptors(output: int) -> None:
    """Print to `output`, and give up all that the supervisor has open, above all its lock on the data folder.

    Their numbers stay in use: what still knows one and closes it must not close a file of the part.
    """
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(output, 1)
    os.dup2(output, 2)
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in (1, 2, nothing):
            os.dup2(nothing, int(name), inheritable=name == "0")
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
