"""What is published to an SNS topic: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html."""

from __future__ import annotations

import json
from typing import Any

from apis.alerting.channels.message import Message, cut

MOST_SUBJECT = 99
"""A subject is shorter than 100 characters: ASCII, one line, not beginning with a blank."""


def payload(message: Message) -> dict[str, Any]:
    """Return subject, texts per protocol and attributes, by which subscriptions filter.

    People's subscriptions (e-mail, SMS) get lines; programs' (SQS, Lambda, HTTPS) the webhook's JSON.
    """
    subject = "".join(sign if " " <= sign <= "~" else "?" for sign in message.title)
    data = json.dumps({"id": message.id, "type": message.event, "data": message.data}, ensure_ascii=False)
    texts = {
        "default": f"{message.title}\n{message.text}",
        "sms": cut(message.title, 140),
        **dict.fromkeys(("sqs", "lambda", "http", "https", "firehose"), data),
    }
    attributes = {"event": message.event, "severity": message.severity, "status": message.status, "id": message.id}
    return {
        "Subject": subject.strip()[:MOST_SUBJECT] or "corsdash",
        "Message": json.dumps(texts, ensure_ascii=False),
        "MessageStructure": "json",
        "MessageAttributes": {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()},
    }
