"""Webhooks, by the specification of Standard Webhooks and its library.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from standardwebhooks import Webhook

from apis.alerting.models import Channel
from tests.alerting.channels.conftest import HOSTILE
from tests.support.sinks import HttpSink

pytestmark = pytest.mark.once

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_every_message_verifies_whatever_it_contains(
    inbox: HttpSink, make_channel: Callable[..., Channel], incident_story: Callable[..., Any]
) -> None:
    make_channel("webhook", url=f"{inbox.url}/hook", secret=KEY)
    assert [row.state for row in incident_story("ä€😀 " + HOSTILE)] == ["sent", "sent"]
    types = [Webhook(KEY).verify(got.body, dict(got.headers))["type"] for got in inbox.received]
    assert types == ["incident.opened", "incident.closed"]
