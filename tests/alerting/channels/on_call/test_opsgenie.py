"""Jira Service Management and Opsgenie, by the references of their alert APIs.

https://developer.atlassian.com/cloud/jira/service-desk-ops/rest/v1/api-group-integration-events
https://docs.opsgenie.com/docs/alert-api#create-alert and #close-alert
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.alerting.channels.conftest import HOSTILE, Vendor
from tests.support.sinks import Give

pytestmark = pytest.mark.once

CREATE = {
    "type": "object",
    "required": ["message"],
    "additionalProperties": False,
    "properties": {
        "message": {"type": "string", "minLength": 1, "maxLength": 130},
        "alias": {"type": "string", "maxLength": 512},
        "description": {"type": "string", "maxLength": 15_000},
        "tags": {"type": "array", "maxItems": 20, "items": {"type": "string", "maxLength": 50}},
        "details": {"type": "object", "additionalProperties": {"type": "string"}},
        "entity": {"type": "string", "maxLength": 512},
        "source": {"type": "string", "maxLength": 100},
        "priority": {"enum": ["P1", "P2", "P3", "P4", "P5"]},
    },
}
CLOSE = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "user": {"type": "string", "maxLength": 100},
        "source": {"type": "string", "maxLength": 100},
        "note": {"type": "string", "maxLength": 25_000},
    },
}


@pytest.fixture
def opsgenie(vendor: Callable[..., Vendor], make_channel: Callable[..., Any]) -> Vendor:
    """Requests are processed later: 202."""
    made = vendor(CREATE, Give(202, body=b'{"result": "Request will be processed"}'), closes=CLOSE)
    make_channel("opsgenie", url=f"{made.url}/v2/alerts", secret="0123-4567")
    return made


def test_a_recovery_closes_the_alert_by_its_alias(opsgenie: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = arrives(opsgenie)
    assert opened["priority"] == "P2"
    paths = [got.path for got in opsgenie.received]
    assert paths == ["/v2/alerts", f"/v2/alerts/{opened['alias']}/close?identifierType=alias"]
    assert "recovered" in closed["note"]
    assert {got.headers["authorization"] for got in opsgenie.received} == {"GenieKey 0123-4567"}


def test_long_names_fit(opsgenie: Vendor, arrives: Callable[..., list[Any]]) -> None:
    assert len(arrives(opsgenie, HOSTILE)) == 2
