"""A worker that is killed at any step between a flip and its delivery loses no message, and repeats ids only."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apis.alerting import channels
from apis.alerting.models import Delivery, Incident
from apis.inventory.models import HttpApi
from apis.management.up.process import die_with_us
from apis.probing.models import Probe
from tests.alerting.conftest import ran
from tests.support.servers import until
from tests.support.sinks import Give, Got, HttpSink

pytestmark = pytest.mark.django_db(transaction=True)

MOST_STEPS = 200
OPENED, CLOSED = "incident.opened", "incident.closed"


class Workers:
    """Workers of `killed_worker`, one after another."""

    pid = 0

    def __init__(self) -> None:
        name = str(connection.settings_dict["NAME"])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.alerting.sending.killed_worker", name, "127.0.0.0/8"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=die_with_us(),
        )
        assert self._answer() == "ready"

    def work(self, step: int = 0) -> int:
        """Have a worker settle and send everything, up to a step; return how it ended."""
        assert self._process.stdin
        self._process.stdin.write(f"{step}\n")
        self._process.stdin.flush()
        self.pid = int(self._answer())
        code, self.pid = int(self._answer()), 0
        return code

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


@pytest.fixture
def receivers(transactional_db: None, inbox: HttpSink) -> HttpSink:
    """Where two channels send to."""
    for name in ("a", "b"):
        channels.create(None, "webhook", name, url=f"{inbox.url}/{name}")
    return inbox


@pytest.fixture
def workers(receivers: HttpSink, probe: Probe) -> Iterator[Workers]:
    """Workers that have everything loaded by a first incident."""
    ran(probe, False, False)
    running = Workers()
    yield running
    running.close()


@pytest.fixture
def make_passing(make_api: Callable[..., HttpApi], make_probe: Callable[..., Probe]) -> Callable[[int], Probe]:
    """Makes a probe that passed until now, of an API of its own."""

    def make(number: int) -> Probe:
        probe = make_probe(api=make_api(f"api {number}", f"api{number:07}"), failures=1)
        ran(probe, True, at=timezone.now() - timedelta(seconds=30))
        return probe

    return make


def outlive(workers: Workers) -> None:
    """Have a new worker go on, once the leases of the killed one have run out."""
    later = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(leased_until__isnull=False).update(leased_until=later)
    assert workers.work() == 0


def messages(got: list[Got], api: str) -> dict[tuple[str, str], set[str]]:
    """The ids that each receiver got for each event of an API; equal ids have equal bodies."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    bodies: dict[str, set[bytes]] = defaultdict(set)
    for one in got:
        body: dict[str, Any] = json.loads(one.body)
        if body["data"]["api"]["name"] == api:
            found[one.path, body["type"]].add(one.headers["webhook-id"])
            bodies[one.headers["webhook-id"]].add(one.body)
    assert all(len(texts) == 1 for texts in bodies.values())
    return found


def check(receivers: HttpSink, probe: Probe, events: list[str], where: str) -> None:
    """One incident, and each receiver got one message about each event: by one id, however often."""
    incident = Incident.objects.get(api=probe.api)
    found = messages(receivers.received, probe.api.name)
    assert set(found) == {(path, event) for path in ("/a", "/b") for event in events}, where
    assert all(len(ids) == 1 for ids in found.values()), (where, found)
    states = list(incident.deliveries.values_list("state", flat=True))
    assert states == ["sent"] * 2 * len(events), where


def test_at_each_step(workers: Workers, make_passing: Callable[[int], Probe], receivers: HttpSink) -> None:
    steps, repeated = {OPENED: 0, CLOSED: 0}, 0
    for step in range(1, MOST_STEPS):
        probe, events = make_passing(step), list[str]()
        for event in (OPENED, CLOSED):
            before = len(receivers.received)
            ran(probe, event == CLOSED)
            events.append(event)
            ended = workers.work(step)
            assert ended in (0, -signal.SIGKILL), (event, step)
            steps[event] += ended != 0
            outlive(workers)
            check(receivers, probe, events, f"killed at step {step} of {event}")
            repeated += len(receivers.received) - before - 2
        if max(steps.values()) < step:
            break
    assert min(steps.values()) >= 10, "there are writes to be killed at"
    assert max(steps.values()) < MOST_STEPS - 1
    assert repeated > 0, "a worker that dies between the receipt and its note sends again"


def test_while_a_receiver_reads_it(workers: Workers, make_passing: Callable[[int], Probe], receivers: HttpSink) -> None:
    """The worker dies after its message has come in and before the response: the receiver kills it."""
    assert workers.work() == 0
    for number in (1, 2):
        probe = make_passing(number)
        ran(probe, False)
        left = [number]

        def answer(got: Got, left: list[int] = left) -> Give:
            left[0] -= 1
            if left[0] == 0:
                os.kill(until(lambda: workers.pid, "the worker is known"), signal.SIGKILL)
            return Give(204)

        receivers.answer = answer
        assert workers.work() == -signal.SIGKILL
        outlive(workers)
        check(receivers, probe, [OPENED], f"killed at message {number}")
