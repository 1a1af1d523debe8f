"""Libraries that limit single reads only: a receiver that drips a byte a second is given up after a limit for all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.utils import timezone

from apis.alerting import channels
from apis.alerting.channels import time_limit
from apis.alerting.channels.apprise import acceptance
from apis.alerting.channels.message import Message
from apis.alerting.models import Channel
from apis.alerting.sending.wording import build_message
from apis.inventory.models import Account
from tests.alerting.channels.moto_server import NUMBER, REGION
from tests.outbound.hosts import Host, trickling

pytestmark = pytest.mark.once


@pytest.fixture
def dripping(monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A receiver that never stops to answer, and half a second for it."""
    monkeypatch.setattr(time_limit, "LIMIT_S", 0.5)
    with Host(trickling) as host:
        yield host


@pytest.fixture
def make_channel(dripping: Host, account: Account, settings: Any) -> Callable[[str], Channel]:
    """Makes a channel of a kind to it."""
    settings.CORSDASH_DEMO_ENDPOINT = dripping.url
    Account.objects.filter(pk=account.pk).update(aws_account_id=NUMBER, endpoint_url=dripping.url)
    acceptance.accept(None)
    values: dict[str, dict[str, Any]] = {
        "sns": {"address": f"arn:aws:sns:{REGION}:{NUMBER}:alerts"},
        "eventbridge": {"address": f"arn:aws:events:{REGION}:{NUMBER}:event-bus/alerts"},
        "apprise": {"url": f"json://{dripping.url.removeprefix('http://')}/x"},
    }
    return lambda kind: channels.create(None, kind, kind, **values[kind])


def message() -> Message:
    return build_message("msg_1", "test", timezone.now(), {"message": "a test"})


@pytest.mark.parametrize("kind", ["sns", "eventbridge", "apprise"])
def test_it_fails_after_the_limit(make_channel: Callable[[str], Channel], dripping: Host, kind: str) -> None:
    channel = make_channel(kind)
    outcome = channels.kind_of(channel).send(channel, message())
    assert "0.5 seconds" in outcome.error
    assert not outcome.final, "it is tried again"
    assert dripping.connections == 1


def test_only_so_many_are_waited_for(
    make_channel: Callable[[str], Channel], dripping: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread cannot be stopped: until their connections end, further ones are not begun."""
    monkeypatch.setattr(time_limit, "_abandoned", {})
    monkeypatch.setattr(time_limit, "MOST_ABANDONED", 2)
    channel = make_channel("apprise")
    errors = [channels.kind_of(channel).send(channel, message()).error for _ in range(3)]
    assert "0.5 seconds" in errors[1] and "0.5 seconds" not in errors[2]
    assert dripping.connections == 2
