"""How soon messages arrive while other channels hang: 20 webhooks, of which 5 never answer.

    python -m tests.benchmarks.channels [--channels 20] [--hanging 5] [--messages 3] [--runs 3]

A worker with the eight threads of `manage.py up` sends what one sweep hands out. Printed is when the last message to a
working channel arrived, with all channels working and with some hanging, and the ratio of the two. The goal is 5 s.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from contextlib import ExitStack
from typing import Any

ADDRESS = "127.0.0.2"
GOAL_S = 5.0


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser()
    for name, value in (("channels", 20), ("hanging", 5), ("messages", 3), ("runs", 3)):
        parser.add_argument(f"--{name}", type=int, default=value)
    given = parser.parse_args()
    from tests.support.environment import enter

    enter()
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from celery.contrib.testing.worker import start_worker
    from django.conf import settings
    from django.core.management import call_command

    from corsdash import celery_app
    from tests.support.servers import broker as broker_fixture

    settings.CORSDASH_ALLOWED_NETWORKS = [f"{ADDRESS}/32"]
    call_command("migrate", verbosity=0)
    broker = broker_fixture.__wrapped__()  # type: ignore[attr-defined]
    next(broker)
    with start_worker(celery_app, pool="threads", concurrency=8, perform_ping_check=False, loglevel="ERROR"):
        _measure(1, 0, 1)  # imports and connections
        calm, hung = [], []
        for _ in range(given.runs):
            calm.append(_measure(given.channels - given.hanging, 0, given.messages))
            hung.append(_measure(given.channels, given.hanging, given.messages))
    next(broker, None)
    print("until the last message to a working channel arrived, median and longest:")
    for times, what in ((calm, "all channels work"), (hung, f"{given.hanging} of {given.channels} hang")):
        print(f"  {what:20} {statistics.median(times):6.2f} s {max(times):6.2f} s")
    print(f"  ratio                {statistics.median(hung) / statistics.median(calm):6.2f}   goal {GOAL_S} s")


def _measure(count: int, hanging: int, messages: int) -> float:
    """Return the seconds from the sweep to the last message of a working channel."""
    from apis.alerting import channels, tasks
    from apis.alerting.models import Channel, Delivery
    from tests.outbound.hosts import Host, silent
    from tests.support.servers import until
    from tests.support.sinks import http_sink

    sinks = http_sink(ADDRESS)
    sink = next(sinks)
    with ExitStack() as hosts:
        made: list[Any] = []
        for number in range(hanging):
            host = hosts.enter_context(Host(silent, address=ADDRESS))
            made.append(channels.create(None, "webhook", f"hangs {number}", url=f"{host.url}/hook"))
        for number in range(count - hanging):
            made.append(channels.create(None, "webhook", f"works {number}", url=f"{sink.url}/hook"))
        for channel in made:
            _queue(channel, messages)
        begun = time.perf_counter()
        tasks.sweep.delay()
        until(lambda: len(sink.received) >= (count - hanging) * messages, "all messages have arrived", 120)
        took = time.perf_counter() - begun
    until(lambda: not Delivery.objects.filter(leased_until__isnull=False).exists(), "the hanging calls are over")
    Delivery.objects.all().delete()
    Channel.objects.all().delete()
    next(sinks, None)
    return took


def _queue(channel: Any, messages: int) -> None:
    from django.utils import timezone

    from apis.alerting.models import Delivery
    from apis.alerting.sending import events

    now = timezone.now()
    data = events.about_test(channel, "benchmark")
    Delivery.objects.bulk_create(
        Delivery(channel=channel, event=events.TEST, data=data, created_at=now, next_attempt_at=now)
        for _ in range(messages)
    )


if __name__ == "__main__":
    main()
