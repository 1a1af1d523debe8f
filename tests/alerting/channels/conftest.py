"""A stand-in for each vendor: a real HTTP server that takes only what the vendor's documentation allows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import jsonschema
import pytest

from apis.alerting import channels
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery
from apis.alerting.sending import deliveries, outbox
from apis.inventory.models import Change, HttpApi
from apis.probing.models import Probe
from tests.alerting.conftest import NOON, ran
from tests.support.sinks import Give, Got, HttpSink

HOSTILE = "<!channel> @everyone *b* [x](http://evil.example) & <script>\"'\r\nBcc: x@example.com " + "long " * 30


def send_all() -> None:
    """Send what is due, as sweep after sweep does."""
    while due := outbox.due():
        for delivery in due:
            deliveries.send(delivery)


@dataclass
class Vendor:
    """What the stand-in took, and what it found wrong."""

    sink: HttpSink
    schema: dict[str, Any]
    success: Give = field(default_factory=Give)
    closes: dict[str, Any] | None = None
    taken: list[Any] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.sink.url

    @property
    def received(self) -> list[Got]:
        """The raw requests."""
        return self.sink.received

    def answer(self, got: Got) -> Give:
        """Take a body that fits the schema; 400 for any other."""
        try:
            body = json.loads(got.body)
            closes = self.closes is not None and "/close" in got.path
            jsonschema.validate(body, self.closes if closes else self.schema)
        except (ValueError, jsonschema.ValidationError) as error:
            self.wrong.append(str(error)[:800])
            return Give(400)
        self.taken.append(body)
        return self.success


@pytest.fixture
def vendor(inbox: HttpSink) -> Callable[..., Vendor]:
    """Makes the stand-in of a vendor, given the schema of the bodies that it takes."""

    def make(schema: dict[str, Any], success: Give | None = None, closes: dict[str, Any] | None = None) -> Vendor:
        made = Vendor(inbox, schema, success or Give(200, body=b"{}"), closes)
        inbox.answer = made.answer
        return made

    return make


@pytest.fixture
def make_channel(db: None) -> Callable[..., Channel]:
    """Makes a channel as an admin does."""
    return lambda kind, **values: channels.create(None, kind, kind, **values)


@pytest.fixture
def incident_story(api: HttpApi, probe: Probe, changed: Callable[..., Change]) -> Callable[..., list[Delivery]]:
    """A change, a failure, and twelve minutes later a recovery; returns the deliveries, oldest first."""

    def announce(name: str = "orders") -> list[Delivery]:
        HttpApi.objects.filter(pk=api.pk).update(name=name[:256])
        Probe.objects.filter(pk=probe.pk).update(origin="https://app.example.com")
        changed(NOON + timedelta(seconds=10))
        ran(probe, True, False, False, at=NOON)
        incidents.settle_flips()
        send_all()
        ran(probe, True, at=NOON + timedelta(seconds=30, minutes=12))
        incidents.settle_flips()
        send_all()
        return list(Delivery.objects.order_by("pk"))

    return announce


@pytest.fixture
def arrives(incident_story: Callable[..., list[Delivery]]) -> Callable[..., list[Any]]:
    """Plays the story and returns the two bodies that the vendor took."""

    def play(vendor: Vendor, name: str = "orders") -> list[Any]:
        rows = incident_story(name)
        assert vendor.wrong == []
        assert [row.state for row in rows] == ["sent", "sent"], [str(row.attempts.last()) for row in rows]
        return vendor.taken

    return play
