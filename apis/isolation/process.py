"""Calls of a function in another process: with a limit of time, one at a time, and refused by name beyond that."""

from __future__ import annotations

import contextlib
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apis.errors import InvalidInput, Unavailable
from apis.isolation import limits

_ROOT = Path(__file__).resolve().parents[2]
_BUSY = "Other large texts are being read. Try again in a few seconds."


class TooMuchWork(InvalidInput):
    """A text that takes more time or memory than a request may: 422."""


class Busy(Unavailable):
    """Other calls take all places: 503."""


class _Ended(Exception):
    """The process has ended without a reply; `at_limit` when it was for the call's own sake."""

    def __init__(self, at_limit: bool) -> None:
        super().__init__()
        self.at_limit = at_limit


class Isolated:
    """One process, started when it is first needed; it ends when no one needs it temporarily, or with this one."""

    def __init__(self) -> None:
        self._places = threading.BoundedSemaphore(limits.MOST_AT_ONCE)
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def stop(self) -> None:
        """End the process, once it has answered."""
        with self._turn:
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()
                self._process.wait()

    def call[Found](self, function: Callable[..., Found], *arguments: Any, field: str = "") -> Found:
        """Return what the function returns, or raise what it raises. Raises TooMuchWork and Busy.

        Function, arguments and result must be picklable. `field` is the input that is too large.
        """
        if not self._places.acquire(blocking=False):
            raise Busy(_BUSY)
        try:
            if not self._turn.acquire(timeout=limits.TURN_SECONDS):
                raise Busy(_BUSY)
            try:
                done, found = self._ask(pickle.dumps((function, arguments, limits.CPU_SECONDS)), field)
            finally:
                self._turn.release()
        finally:
            self._places.release()
        if done:
            return found
        kind, arguments, members = found
        if issubclass(kind, MemoryError):
            raise _too_much(field)
        error = kind.__new__(kind, *arguments)
        error.args = arguments
        vars(error).update(members)
        raise error

    def _ask(self, call: bytes, field: str) -> Any:
        try:
            if self._process is not None and self._process.poll() is None:
                try:
                    return self._exchange(self._process, call)
                except _Ended as ended:
                    if ended.at_limit:
                        raise
                    # It had just ended: no one needed it temporarily, or someone killed it.
            self._process = self._start()
            return self._exchange(self._process, call)
        except _Ended:
            raise _too_much(field) from None
        except OSError as error:  # No descriptors, no memory.
            raise Busy(_BUSY) from error

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "apis.isolation"]
        return subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    @staticmethod
    def _exchange(process: subprocess.Popen[bytes], call: bytes) -> Any:
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def end() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(limits.WALL_SECONDS, end)
        timer.daemon = True
        timer.start()
        try:
            process.stdin.write(call)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (BrokenPipeError, EOFError, pickle.UnpicklingError):
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.stdout.close()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(1)
            process.kill()
            raise _Ended(late.is_set() or process.wait() == -signal.SIGPROF) from None
        finally:
            timer.cancel()


def _too_much(field: str) -> TooMuchWork:
    return TooMuchWork("This text takes too long to read. Paste only the part about the API.", field)


_ISOLATED = Isolated()


def read[Found](function: Callable[..., Found], text: str, field: str = "") -> Found:
    """Call a reader: at once when the text is short, else in the other process. Raises TooMuchWork and Busy too."""
    if len(text) <= limits.INLINE:
        return function(text)
    return _ISOLATED.call(function, text, field=field)
