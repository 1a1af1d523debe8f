"""CORSDASH_CA_FILE: probes and webhooks reach hosts whose certificates a private authority has issued."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apis.alerting import channels
from apis.alerting.channels import trial
from apis.alerting.models import Delivery
from apis.alerting.sending import deliveries
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.runs.runner import run
from tests.inventory.mirror import an_account, an_api
from tests.outbound.certificates import Authority
from tests.outbound.conftest import authority
from tests.outbound.hosts import NO_CONTENT, Host, answering

__all__ = ["authority"]
pytestmark = pytest.mark.once


@pytest.fixture
def host(authority: Authority, settings: Any) -> Iterator[Host]:
    """A host of one's own network."""
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with Host(answering(NO_CONTENT), certificate=authority.issue("127.0.0.1")) as host:
        yield host


@pytest.fixture
def api(db: None, host: Host) -> Iterator[HttpApi]:
    """An API behind that host, whose account can be reached."""
    with Host(answering(NO_CONTENT)) as aws:
        yield an_api(
            an_account(endpoint_url=aws.url), "orders", {"AllowOrigins": ["https://a.example"]}, endpoint=host.url
        )


def test_a_probe(api: HttpApi, authority: Authority, settings: Any) -> None:
    probe = probe_edits.save(api, {"origin": "https://a.example", "path": "/items"})
    settings.CORSDASH_CA_FILE = ""
    [untrusted] = run([probe.pk], "person")
    assert untrusted.exchange is None
    assert "CORSDASH_CA_FILE" in untrusted.error
    settings.CORSDASH_CA_FILE = str(authority.file)
    [trusted] = run([probe.pk], "person")
    assert trusted.error == ""
    assert trusted.code == "MissingAllowOriginHeader"


def test_a_webhook(db: None, host: Host, authority: Authority, admin_user: Any, settings: Any) -> None:
    channel = channels.create(None, "webhook", "pager", url=f"{host.url}/hook")
    states = []
    for file in ("", str(authority.file)):
        settings.CORSDASH_CA_FILE = file
        message = trial.test(channel, admin_user)
        deliveries.send(message.pk)
        message.refresh_from_db()
        states.append(message.state)
    assert states == [Delivery.State.FAILED, Delivery.State.SENT]
