"""Messages through AWS: SNS topics and EventBridge buses."""

from __future__ import annotations

from typing import Any

from apis.aws.clients import call_operation
from apis.aws.connection import Reach
from apis.aws.errors import AwsError

SNS, EVENTS = "sns", "events"


def publish(reach: Reach, region: str, topic: str, message: dict[str, Any]) -> None:
    """Publish to a topic; `message` has the members of the Publish action. Raises AwsError."""
    call_operation(reach, region, "Publish", SNS, TopicArn=topic, **message)


def put_event(reach: Reach, region: str, entry: dict[str, Any]) -> None:
    """Put one event on its bus. Raises AwsError, also when the bus did not take it."""
    answer = call_operation(reach, region, "PutEvents", EVENTS, Entries=[entry])
    if answer.get("FailedEntryCount"):
        failed = answer["Entries"][0]
        raise AwsError(f"EventBridge refused the event: {failed.get('ErrorCode')}.", str(failed.get("ErrorCode") or ""))
