"""A program that forks a worker for each order it reads, and has it kill itself at a step.

An order is a line: the number of the step at which its worker dies by SIGKILL; 0 for never.
Steps are counted over all threads: before and after each commit, and each statement that writes outside a transaction.
A death at any other statement leaves the same database as one before the commit, or as one before the next write. The
answers are lines, too: the worker's process, and how it ended (its exit code, or minus the signal).
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Any

DATABASE, NETWORKS = sys.argv[1], sys.argv[2]


def serve() -> None:
    """Fork a worker for each order."""
    import django

    django.setup()
    from django.conf import settings
    from django.db import connection

    connection.settings_dict["NAME"] = DATABASE
    settings.CORSDASH_ALLOWED_NETWORKS = [NETWORKS]
    from django.db import connections

    from apis.alerting.sending.senders import senders

    # All that is loaded and cached at its first use is loaded once, before the forks.
    sweep()
    senders.stop()
    connections.close_all()
    _answer("ready")
    for line in sys.stdin:
        step = int(line)
        if not (pid := os.fork()):
            _work(step)
        _answer(pid)
        _, status = os.waitpid(pid, 0)
        _answer(os.waitstatus_to_exitcode(status))


def _answer(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _work(step: int) -> None:
    code = 1
    try:
        _die_at(step)
        sweep()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _die_at(step: int) -> None:
    """Count the steps of every connection that is opened from now on, and die at one of them."""
    from django.db.backends.signals import connection_created

    left, lock = [step], threading.Lock()

    def count() -> None:
        with lock:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def statement(execute: Callable[..., Any], sql: str, *given: Any) -> Any:
        is_write = sql.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
        if not is_write or given[-1]["connection"].in_atomic_block:
            return execute(sql, *given)
        count()
        done = execute(sql, *given)
        count()
        return done

    def watch(connection: Any, **_: Any) -> None:
        connection.execute_wrappers.append(statement)
        commit = connection.commit

        def counted() -> None:
            count()
            commit()
            count()

        connection.commit = counted

    connection_created.connect(watch, weak=False)


def sweep() -> None:
    """Settle the flips and send what is due, as the tasks of a worker do."""
    from apis.alerting.incidents import incidents
    from apis.alerting.sending import outbox
    from apis.alerting.sending.senders import senders

    incidents.settle_flips()
    for channel, has_failed in outbox.due_channels():
        senders.start(channel, has_failed)
    senders.wait()


if __name__ == "__main__":
    serve()
