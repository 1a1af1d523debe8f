"""`python -m apis.management.up.worker -Q queue,… [-B]`: a worker of `up`, with -B the one that keeps the schedule.

Only `up` starts it, which keeps one worker for each queue; elsewhere there is `celery -A corsdash worker` and `beat`.
"""

from __future__ import annotations

import argparse
import logging
import sys
import warnings

import django

from apis.management.up.beat import Beat
from corsdash.celery import app

_THREADS = 8  # Their work is to wait for AWS and for probes.


def main() -> None:
    """Take over from a worker that died, and run tasks until SIGTERM."""
    reader = argparse.ArgumentParser(prog="python -m apis.management.up.worker", description="A worker of `up`.")
    reader.add_argument("-Q", "--queues", required=True, help="the queues, with commas between")
    reader.add_argument("-B", "--beat", action="store_true", help="also run the scheduled tasks when they are due")
    given = reader.parse_args()
    sys.argv[0] = "worker"  # Celery shows the arguments as the process's title, but two fewer of a `manage` script.
    queues = given.queues.split(",")
    django.setup()
    try:
        _release(queues)
    except Exception as error:  # The broker or the database is away, say: it is tried again.
        sys.exit(f"what the last worker held cannot be released: {error}")
    # As whom it runs is for the person to choose; its tasks are data, not code.
    warnings.filterwarnings("ignore", "You're running the worker with superuser privileges")
    # No one asks them or listens to their events.
    app.conf.worker_enable_remote_control = False
    worker = app.Worker(
        queues=queues,
        pool_cls="threads",
        concurrency=_THREADS,
        loglevel=logging.WARNING,
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    beat = Beat(queues) if given.beat else None
    if beat is not None:
        beat.start()
    worker.start()
    if beat is not None:
        beat.stop()
    sys.exit(worker.exitcode)


def _release(queues: list[str]) -> None:
    """Release what the only worker of these queues held when it died: its messages and leases."""
    from django.conf import settings
    from django.db import connections

    from apis.jobs import lease
    from apis.management.up import broker

    if not settings.EMBEDDED_BROKER:
        return
    for queue in queues:
        broker.restore_unacked(queue)
    if settings.EMBEDDED:  # Or there may be workers of other machines on the same database.
        for queue in queues:
            lease.release(queue)
        connections.close_all()


if __name__ == "__main__":
    main()
