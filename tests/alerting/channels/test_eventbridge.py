"""Amazon EventBridge, as moto plays it.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from apis.alerting.models import Channel
from apis.errors import InvalidFields
from apis.inventory.models import Account
from tests.alerting.channels.moto_server import NUMBER, REGION, Queue, client, moto_url, sender

pytestmark = pytest.mark.once

__all__ = ["moto_url", "sender"]

BUS = f"arn:aws:events:{REGION}:{NUMBER}:event-bus/default"


@pytest.fixture
def queue(moto_url: str, sender: Account, make_channel: Callable[..., Channel]) -> Queue:
    """A rule on the default bus that hands corsdash's events to a queue, and a channel to the bus."""
    events, queue = client(moto_url, "events"), Queue(moto_url, "events")
    events.put_rule(Name="corsdash", EventPattern=json.dumps({"source": ["corsdash"]}))
    events.put_targets(Rule="corsdash", Targets=[{"Id": "queue", "Arn": queue.arn}])
    make_channel("eventbridge", address=BUS, account=str(sender.pk))
    return queue


def test_an_incident_and_its_end(queue: Queue, incident_story: Callable[..., Any]) -> None:
    rows = incident_story()
    assert [row.state for row in rows] == ["sent", "sent"], [str(row.attempts.last()) for row in rows]
    found = {body["detail-type"]: body["detail"] for body in queue.bodies(2)}
    assert found.keys() == {"incident.opened", "incident.closed"}
    opened = found["incident.opened"]
    assert (opened["status"], opened["data"]["api"]["name"]) == ("problem", "orders")
    assert found["incident.closed"]["status"] == "resolved"
    assert opened["id"].startswith("msg_")


@pytest.mark.parametrize("address", ["default", "arn:aws:events:eu-central-1:123456789012:rule/x"])
def test_what_is_no_bus_is_refused(sender: Account, make_channel: Callable[..., Any], address: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        make_channel("eventbridge", address=address)
    assert set(caught.value.errors) == {"address"}
