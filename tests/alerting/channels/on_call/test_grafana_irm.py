"""Grafana IRM, by the fields that its formatted webhook recognizes.

https://grafana.com/docs/grafana-cloud/alerting-and-irm/irm/configure/integrations/webhooks/incoming-webhooks/oncall-webhooks
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.alerting.channels.conftest import Vendor

pytestmark = pytest.mark.once

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["alert_uid", "title", "state"],
    "properties": {
        "alert_uid": {"type": "string", "minLength": 1},
        "title": {"type": "string", "minLength": 1},
        "image_url": {"type": "string"},
        "state": {"enum": ["ok", "alerting"]},
        "link_to_upstream_details": {"type": "string"},
        "message": {"type": "string"},
    },
}


@pytest.fixture
def grafana(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """A formatted webhook."""
    made = vendor(SCHEMA)
    make_channel("grafana_irm", url=f"{made.url}/integrations/v1/formatted_webhook/XXXX/")
    return made


def test_a_recovery_resolves_the_alert(grafana: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = arrives(grafana)
    assert (opened["state"], closed["state"]) == ("alerting", "ok")
    assert opened["alert_uid"] == closed["alert_uid"]
    assert "removed an origin" in opened["message"]
    assert "/incidents/" in opened["link_to_upstream_details"]
