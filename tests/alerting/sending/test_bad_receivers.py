"""Channels whose receivers hang, drip, reset, fail or redirect delay no other channel, and reach nothing inside."""

from __future__ import annotations

import json
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
from django.conf import settings

from apis.alerting import channels, tasks
from apis.alerting.channels import http
from apis.alerting.incidents import incidents
from apis.alerting.models import Attempt, Channel, Delivery
from apis.alerting.sending import deliveries, outbox
from apis.inventory.models import HttpApi
from apis.outbound import smtp
from apis.probing.models import Probe
from corsdash import celery_app
from tests.alerting.conftest import ran
from tests.outbound.hosts import Behaviour, Host, answering, reset, silent, trickling
from tests.support.servers import until
from tests.support.sinks import ALLOWED, HttpSink, SmtpSink, http_sink

pytestmark = pytest.mark.django_db(transaction=True)

MESSAGES = 3
GOOD = 15
WAITING = (silent, silent, silent, trickling, trickling)
"""They answer nothing, or without end: only the call's own deadline ends them."""
ERROR = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call reaches its deadline while the test lasts, however busy the machine is."""
    monkeypatch.setattr(http, "TIMEOUT_S", 120)


@pytest.fixture
def receiver(settings: Any) -> Iterator[HttpSink]:
    """A receiver that works, on the only address that messages may go to."""
    settings.CORSDASH_ALLOWED_NETWORKS = [f"{ALLOWED}/32"]
    yield from http_sink(ALLOWED)


@pytest.fixture
def make_bad(receiver: HttpSink) -> Iterator[Callable[[Behaviour], Channel]]:
    """Makes a channel whose receiver behaves like this."""
    with ExitStack() as hosts:

        def make(behave: Behaviour) -> Channel:
            host = hosts.enter_context(Host(behave, address=ALLOWED))
            return channels.create(None, "webhook", f"bad {host.port}", url=f"{host.url}/hook")

        yield make


@pytest.fixture
def fail(make_api: Callable[..., HttpApi], make_probe: Callable[..., Probe]) -> Callable[[], None]:
    """Opens incidents of several APIs: each channel gets a message about each of them."""

    def open_incidents() -> None:
        for number in range(MESSAGES):
            api = make_api(f"api {number}", f"abcdefgh{number:02}")
            ran(make_probe(f"probe {number}", api=api), False, False)
        incidents.settle_flips()

    return open_incidents


def arrivals(receiver: HttpSink) -> Counter[str]:
    return Counter(got.path for got in list(receiver.received))


def openings(receiver: HttpSink) -> list[str]:
    """The messages about incidents that opened: others say which channels fail."""
    types = [json.loads(got.body)["type"] for got in list(receiver.received)]
    return [kind for kind in types if kind == "incident.opened"]


@pytest.mark.usefixtures("patient")
def test_twenty_channels_of_which_five_never_answer(
    worker: object, receiver: HttpSink, make_bad: Callable[[Behaviour], Channel], fail: Callable[[], None]
) -> None:
    """All messages of the others arrive before the first call of the five has reached its deadline."""
    # The worker has four threads, and these five come first.
    bad = [make_bad(behave) for behave in WAITING]
    good = [channels.create(None, "webhook", f"good {n}", url=f"{receiver.url}/{n}") for n in range(GOOD)]
    fail()
    assert {pk for pk, _ in outbox.due_channels()} == {channel.pk for channel in bad + good}
    tasks.sweep.delay()
    expected = {f"/{n}": MESSAGES for n in range(GOOD)}
    until(lambda: arrivals(receiver) == expected, "each message has arrived", detail=lambda: str(arrivals(receiver)))
    assert not Attempt.objects.filter(delivery__channel__in=bad).exists(), "the five still wait"
    assert len({got.headers["webhook-id"] for got in receiver.received}) == MESSAGES * GOOD


@pytest.mark.usefixtures("patient")
def test_many_failing_channels_leave_threads_for_others(
    worker: object, receiver: HttpSink, make_bad: Callable[[Behaviour], Channel], fail: Callable[[], None]
) -> None:
    """More channels than there are threads have failed before: they share some, and leave the others free."""
    from apis.alerting.sending.senders import FAILING, WORKING

    bad = [make_bad(silent) for _ in range(2)]
    for number in range(WORKING + FAILING):
        bad.append(channels.create(None, "webhook", f"bad as well {number}", url=bad[0].url))
    Channel.objects.update(failing_since="2026-11-20T12:00:00Z")
    channels.create(None, "webhook", "good", url=f"{receiver.url}/hook")
    fail()
    tasks.sweep.delay()
    until(lambda: len(openings(receiver)) == MESSAGES, "the messages have arrived")
    assert not Attempt.objects.filter(delivery__channel__in=bad).exists()


@pytest.mark.usefixtures("patient")
def test_a_receiver_that_hangs_is_called_once_at_a_time(
    worker: object, receiver: HttpSink, fail: Callable[[], None]
) -> None:
    with Host(silent, address=ALLOWED) as host:
        channels.create(None, "webhook", "hangs", url=f"{host.url}/hook")
        fail()
        tasks.sweep.delay()
        until(lambda: host.connections, "it is called")
        for number in range(3):
            channels.create(None, "webhook", f"good {number}", url=f"{receiver.url}/{number}")
            api = HttpApi.objects.get(name=f"api {number}")
            ran(Probe.objects.get(api=api), True)
            ran(Probe.objects.get(api=api), False, False)
            tasks.sweep.delay()
            until(lambda: any(got.path == f"/{number}" for got in receiver.received), "the next sweep is over")  # noqa: B023
        assert Delivery.objects.filter(channel__name="hangs", state="waiting").count() > 3
        assert host.connections == 1


def test_failing_and_redirecting_receivers(
    worker: object,
    receiver: HttpSink,
    webhook_sink: HttpSink,
    make_bad: Callable[[Behaviour], Channel],
    fail: Callable[[], None],
) -> None:
    """An address inside, which the guard refuses, gets nothing by way of a redirect either."""
    inside = webhook_sink
    redirect = f"HTTP/1.1 307 Temporary Redirect\r\nLocation: {inside.url}/admin\r\nContent-Length: 0\r\n\r\n".encode()
    bad = {
        "redirect": make_bad(answering(redirect)),
        "error": make_bad(answering(ERROR)),
        "reset": make_bad(reset(b"")),
        "reset later": make_bad(reset(b"HTTP/1.1 200 OK\r\nX-A: 1\r\n")),
        "inside": channels.create(None, "webhook", "inside", url=f"{inside.url}/hook"),
    }
    channels.create(None, "webhook", "good", url=f"{receiver.url}/hook")
    fail()
    tasks.sweep.delay()
    tried = Attempt.objects.values("delivery__channel")
    until(lambda: tried.distinct().count() == len(bad) + 1, "each channel was tried")
    until(lambda: len(openings(receiver)) == MESSAGES, "the other channel has all")
    assert inside.received == []
    states = Delivery.objects.filter(channel__in=bad.values()).values_list("state", flat=True)
    assert set(states) == {"waiting"}, "they are tried again"
    errors = {name: Attempt.objects.filter(delivery__channel=row).first() for name, row in bad.items()}
    assert {name: one.status for name, one in errors.items() if one} == {
        "redirect": 307,
        "error": 500,
        "reset": None,
        "reset later": None,
        "inside": None,
    }
    assert "CORSDASH_ALLOWED_NETWORKS" in errors["inside"].error  # type: ignore[union-attr]


def test_a_worker_that_stops_finishes_what_it_sends(receiver: HttpSink, fail: Callable[[], None]) -> None:
    from celery.contrib.testing.worker import start_worker

    channels.create(None, "webhook", "good", url=f"{receiver.url}/hook")
    fail()
    with start_worker(celery_app, perform_ping_check=False, pool="solo"):
        tasks.sweep.delay()
        until(lambda: receiver.received, "it begins to send")
    assert {row.state for row in Delivery.objects.filter(attempts__isnull=False)} == {"sent"}
    sent = Delivery.objects.filter(state="sent").count()
    assert sent == len(receiver.received)


def test_a_mail_server_that_drips_is_left_at_a_deadline(
    probe: Probe, smtp_sink: SmtpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its every byte comes in time, its reply never ends."""
    monkeypatch.setattr(smtp, "LONGEST_S", 0.5)

    def behave(connection: socket.socket) -> None:
        connection.settimeout(0.05)
        connection.sendall(b"220 ")
        while True:
            with suppress(TimeoutError):
                if not connection.recv(1):
                    return
            connection.sendall(b"x")

    with Host(behave) as host:
        settings.MAILERS["default"]["OPTIONS"]["port"] = host.port
        channels.create(None, "email", "on call", address="oncall@example.com")
        ran(probe, False, False)
        incidents.settle_flips()
        (delivery,) = outbox.due()
        deliveries.send(delivery)
        assert host.connections == 1
    attempt = Attempt.objects.get()
    assert "mail server" in attempt.error
    assert attempt.delivery.state == "waiting"
