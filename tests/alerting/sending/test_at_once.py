"""Any number of processes may settle and send at once: nothing is sent twice, nothing is left out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from celery.contrib.testing.worker import start_worker
from django.contrib.auth.models import User
from django.db import connection

from apis.alerting import channels, tasks
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery, Incident
from apis.alerting.sending import deliveries
from apis.inventory.models import HttpApi
from apis.probing.models import Flip, Probe
from corsdash import celery_app
from tests.alerting.conftest import ran
from tests.support.servers import until
from tests.support.sinks import HttpSink

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(work: Callable[[], object], threads: int = 4) -> list[BaseException]:
    """Do it in several threads that begin together; returns what went wrong."""
    ready, wrong = threading.Barrier(threads), []

    def run() -> None:
        try:
            connection.ensure_connection()
            ready.wait(10)
            work()
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    running = [threading.Thread(target=run) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join(60)
    return wrong


def test_one_incident_and_one_message_per_channel(
    make_api: Callable[..., HttpApi], make_probe: Callable[..., Probe], webhook: Channel, mail: Channel
) -> None:
    made = [make_api(f"api {number}", f"abcdefgh{number:02}") for number in range(5)]
    for api in made:
        for number in range(4):
            ran(make_probe(f"probe {number}", api=api), False, False)
    assert at_once(incidents.settle_flips) == []
    assert Incident.objects.count() == len(made)
    assert all(incident.members.count() == 4 for incident in Incident.objects.all())
    assert Delivery.objects.count() == 2 * len(made)
    assert not Flip.objects.filter(handled_at=None).exists()


def test_flips_that_come_in_meanwhile(probe: Probe, make_probe: Callable[..., Probe], webhook: Channel) -> None:
    others = [make_probe(f"probe {number}") for number in range(6)]
    ran(probe, False, False)
    left = iter(others)
    lock = threading.Lock()

    def fail_and_settle() -> None:
        for _ in range(2):
            with lock:
                one = next(left, None)
            if one:
                ran(one, False, False)
            incidents.settle_flips()

    assert at_once(fail_and_settle, 3) == []
    incidents.settle_flips()
    assert Incident.objects.get().members.count() == 7
    assert Delivery.objects.count() == 1


def test_recovering_at_once_closes_once(probe: Probe, webhook: Channel) -> None:
    ran(probe, False, False)
    incidents.settle_flips()
    ran(probe, True)
    assert at_once(incidents.settle_flips) == []
    assert list(Delivery.objects.order_by("pk").values_list("event", flat=True)) == [
        "incident.opened",
        "incident.closed",
    ]


def test_a_message_has_one_sender(webhook: Channel, inbox: HttpSink, admin_user: User) -> None:
    asked = [channels.test(webhook, admin_user).pk for _ in range(30)]
    assert at_once(lambda: [deliveries.send(delivery) for delivery in asked]) == []
    ids = [post.headers["webhook-id"] for post in inbox.received]
    assert len(ids) == len(set(ids)) == len(asked)
    assert {delivery.attempts.count() for delivery in Delivery.objects.all()} == {1}


@contextmanager
def no_broker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Celery's way to the broker leads nowhere."""
    with monkeypatch.context() as away:
        away.setattr(celery_app.conf, "broker_write_url", "redis+socket:///nowhere/broker.sock")
        # Forgets the open connections, as a new process has none.
        celery_app._after_fork()
        yield
    celery_app._after_fork()


def test_the_worker_sends_what_a_lost_broker_forgot(
    probe: Probe, webhook: Channel, inbox: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran(probe, False, False)
    with no_broker(monkeypatch):
        tasks.sweep()
    assert Incident.objects.count() == 1, "the incident does not need the broker"
    assert Delivery.objects.get().state == "waiting"
    with start_worker(celery_app, perform_ping_check=False, pool="solo"):
        tasks.sweep.delay()
        until(lambda: Delivery.objects.get().state == "sent", "the message is sent")
    assert len(inbox.received) == 1
