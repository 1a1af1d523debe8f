"""An event for EventBridge: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html."""

from __future__ import annotations

import json
from typing import Any

from apis.alerting.channels.message import Message

SOURCE = "corsdash"


def payload(message: Message, bus: str) -> dict[str, Any]:
    """Return one entry; its detail is the message's data with its id, severity, status and title."""
    about = {"id": message.id, "severity": message.severity, "status": message.status, "title": message.title}
    return {
        "Time": message.at,
        "Source": SOURCE,
        "DetailType": message.event,
        "Detail": json.dumps(about | {"data": message.data}, ensure_ascii=False),
        "EventBusName": bus,
    }
