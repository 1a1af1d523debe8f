"""Bodies for Opsgenie and Jira Service Management.

Both take the same fields: https://docs.opsgenie.com/docs/alert-api and
https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/api-group-integration-events.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from apis.alerting.channels.message import Message, cut

PRIORITIES = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P5"}
MOST_MESSAGE, MOST_ALIAS, MOST_DESCRIPTION, MOST_SOURCE, MOST_ENTITY = 130, 512, 15_000, 100, 512


def payload(message: Message) -> dict[str, Any]:
    """Return the body that opens an alert, or the one that closes it."""
    if message.status == "resolved":
        return {"source": "corsdash", "note": cut(message.title, 25_000)}
    return {
        "message": cut(message.title, MOST_MESSAGE),
        "alias": alias(message),
        "description": cut(f"{message.title}\n{message.text}", MOST_DESCRIPTION),
        "tags": ["corsdash", message.severity],
        "details": {"event": message.event, "url": message.url} | message.details,
        "entity": cut(message.source, MOST_ENTITY),
        "source": "corsdash",
        "priority": PRIORITIES[message.severity],
    }


def alias(message: Message) -> str:
    """Return the name by which an alert is deduplicated and closed."""
    return cut(message.key or message.id, MOST_ALIAS)


def path(message: Message) -> str:
    """Return what is added to the URL of alerts: nothing to open one, its alias to close it."""
    return f"/{quote(alias(message), safe='')}/close?identifierType=alias" if message.status == "resolved" else ""
