"""The body of Grafana IRM's formatted webhook.

https://grafana.com/docs/grafana-cloud/alerting-and-irm/irm/configure/integrations/webhooks/incoming-webhooks/oncall-webhooks
"""

from __future__ import annotations

from typing import Any

from apis.alerting.channels.message import Message, labeled


def payload(message: Message) -> dict[str, Any]:
    """Return the alert; `ok` resolves the one with the same id."""
    return {
        "alert_uid": message.key or message.id,
        "title": message.title,
        "state": "ok" if message.status == "resolved" else "alerting",
        "link_to_upstream_details": message.url,
        "message": "\n".join(labeled(label, text) for label, text in message.facts),
    }
