"""The process that calculates: reads calls from its standard input until that ends, or until none came temporarily."""

from __future__ import annotations

import contextlib
import os
import pickle
import resource
import select
import signal
import sys
from typing import Any, BinaryIO

from apis.isolation.limits import BYTES, IDLE_SECONDS, NICE


def main() -> None:
    """Answer one call after the other."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.nice(NICE)
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (BYTES if most == resource.RLIM_INFINITY else min(BYTES, most), most))
    calls = sys.stdin.buffer
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Whatever prints must not come between the replies.
    while select.select([calls], [], [], IDLE_SECONDS)[0] and _answer(calls, replies):
        pass


def _answer(calls: BinaryIO, replies: BinaryIO) -> bool:
    """Answer one call; False when there is none any more."""
    try:
        function, arguments, cpu_seconds = pickle.load(calls)
    except EOFError:
        return False
    # The signal's default ends the process, wherever it is: also within one long regular expression.
    signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
    try:
        reply = pickle.dumps((True, function(*arguments)))
    except Exception as error:
        reply = _refusal(error)
    signal.setitimer(signal.ITIMER_PROF, 0)
    replies.write(reply)
    replies.flush()
    return True


def _refusal(error: Exception) -> bytes:
    """Return an error in a form that arrives: those of the rules have more than the message that exceptions take."""
    value: Any = (type(error), error.args, vars(error))
    try:
        return pickle.dumps((False, value))
    except Exception:
        return pickle.dumps((False, (RuntimeError, (repr(error)[:1000],), {})))


if __name__ == "__main__":
    main()
