"""Amazon SNS, as moto plays it: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from apis.alerting.models import Channel
from apis.errors import InvalidFields
from apis.inventory.models import Account
from tests.alerting.channels.conftest import HOSTILE
from tests.alerting.channels.moto_server import NUMBER, REGION, Queue, client, moto_url, sender

pytestmark = pytest.mark.once

__all__ = ["moto_url", "sender"]


@pytest.fixture
def topic(moto_url: str, sender: Account, make_channel: Callable[..., Channel]) -> tuple[str, Queue]:
    """A topic with a queue that gets what is published, and a channel to it."""
    sns = client(moto_url, "sns")
    arn = sns.create_topic(Name=f"alerts-{uuid.uuid4()}")["TopicArn"]
    queue = Queue(moto_url, f"alerts-{uuid.uuid4()}")
    sns.subscribe(TopicArn=arn, Protocol="sqs", Endpoint=queue.arn)
    channel = make_channel("sns", address=arn)
    assert channel.account == sender, "the account that owns the topic"
    return arn, queue


def test_an_incident_and_its_end(topic: tuple[str, Queue], incident_story: Callable[..., Any]) -> None:
    assert [row.state for row in incident_story()] == ["sent", "sent"]
    opened, closed = sorted(topic[1].bodies(2), key=lambda body: body["MessageAttributes"]["status"]["Value"])
    assert opened["Subject"].startswith("orders (production, eu-central-1): https://app.example.com")
    assert opened["MessageAttributes"]["status"]["Value"] == "problem"
    assert closed["MessageAttributes"]["status"]["Value"] == "resolved"
    message = json.loads(opened["Message"])
    assert (message["type"], message["data"]["api"]["name"]) == ("incident.opened", "orders")


def test_any_name_makes_a_subject(topic: tuple[str, Queue], incident_story: Callable[..., Any]) -> None:
    assert [row.state for row in incident_story("ä" + HOSTILE)] == ["sent", "sent"]
    for body in topic[1].bodies(2):
        assert len(body["Subject"]) < 100
        assert body["Subject"].isascii() and body["Subject"].isprintable()


def test_a_topic_that_is_gone(sender: Account, make_channel: Callable[..., Any], incident_story: Any) -> None:
    make_channel("sns", address=f"arn:aws:sns:{REGION}:{NUMBER}:nowhere")
    row = incident_story()[0]
    assert row.state == "waiting"
    assert row.attempts.get().status == 404


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"address": "alerts"}, "address"),
        ({"address": "arn:aws:sqs:eu-central-1:123456789012:alerts"}, "address"),
        ({"address": "arn:aws:sns:eu-central-1:210987654321:alerts"}, "account"),
        ({"address": "arn:aws:sns:eu-central-1:123456789012:alerts", "account": "4711"}, "account"),
        ({"address": "arn:aws:sns:eu-central-1:123456789012:alerts", "url": "https://a.example"}, "url"),
    ],
)
def test_what_cannot_work_is_refused(
    sender: Account, make_channel: Callable[..., Any], values: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidFields) as caught:
        make_channel("sns", **values)
    assert set(caught.value.errors) == {field}


def test_an_account_that_was_deleted(
    topic: tuple[str, Queue], sender: Account, make_probe: Any, incident_story: Callable[..., Any]
) -> None:
    Channel.objects.update(account=None)
    row = incident_story()[0]
    assert row.state == "failed"
    assert "deleted" in row.attempts.get().error
