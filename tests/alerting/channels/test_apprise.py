"""Apprise, through its JSON service: https://github.com/caronc/apprise/wiki/Notify_Custom_JSON."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from apis.access.models import AuditEvent
from apis.alerting import channels
from apis.alerting.channels.apprise import acceptance
from apis.alerting.models import Channel, Delivery
from apis.errors import InvalidFields
from tests.alerting.channels.conftest import HOSTILE, Vendor, send_all

pytestmark = pytest.mark.once

SCHEMA = {
    "type": "object",
    "required": ["version", "title", "message", "type"],
    "properties": {
        "version": {"type": "string"},
        "title": {"type": "string"},
        "message": {"type": "string", "minLength": 1},
        "attachments": {"type": "array", "maxItems": 0},
        "type": {"enum": ["info", "success", "warning", "failure"]},
    },
    "additionalProperties": False,
}
TOKEN = "0123456789secret"


@pytest.fixture
def accepted(admin_client: Client) -> None:
    """An admin has turned it on."""
    assert admin_client.post("/settings/channels/apprise/", {"on": "1"}).status_code == 302


@pytest.fixture
def service(vendor: Callable[..., Vendor], make_channel: Callable[..., Channel], accepted: None) -> Vendor:
    """A JSON service and a channel to it."""
    made = vendor(SCHEMA)
    make_channel("apprise", url=f"json://{made.url.removeprefix('http://')}/{TOKEN}")
    return made


def test_an_incident_and_its_end(service: Vendor, arrives: Callable[..., list[Any]]) -> None:
    opened, closed = arrives(service)
    assert {got.path for got in service.received} == {f"/{TOKEN}"}
    assert [body["type"] for body in (opened, closed)] == ["failure", "success"]
    assert "/incidents/" in opened["message"]


def test_names_are_text(service: Vendor, arrives: Callable[..., list[Any]]) -> None:
    assert all(HOSTILE.split()[0] in body["title"] for body in arrives(service, HOSTILE))


class TestOff:
    """Until an admin accepts that it does not pass the guard, and again after that."""

    def test_no_channel_is_made(self, make_channel: Callable[..., Channel]) -> None:
        with pytest.raises(InvalidFields) as caught:
            make_channel("apprise", url="json://127.0.0.1/x")
        assert set(caught.value.errors) == {"url"}
        assert not Channel.objects.exists()

    def test_none_sends(self, service: Vendor, incident_story: Callable[..., Any], admin_client: Client) -> None:
        admin_client.post("/settings/channels/apprise/", {"on": "0"})
        incident_story()
        assert service.received == []
        row = Delivery.objects.order_by("pk")[0]
        assert row.state == "waiting", "it is sent when someone accepts again"
        assert row.attempts.latest("pk").error == acceptance.NOT_ACCEPTED

    def test_both_ways_are_audited(self, accepted: None, admin_client: Client, admin_user: User) -> None:
        admin_client.post("/settings/channels/apprise/", {"on": "0"})
        found = AuditEvent.objects.filter(action__contains="Apprise").order_by("pk")
        assert list(found.values_list("action", "actor_name")) == [
            ("accepted Apprise", admin_user.username),
            ("turned Apprise off", admin_user.username),
        ]

    def test_only_an_admin_decides(self, client: Client, django_user_model: Any) -> None:
        client.force_login(django_user_model.objects.create_user("visitor"))
        assert client.post("/settings/channels/apprise/", {"on": "1"}).status_code == 403
        assert acceptance.acceptance() is None


@pytest.mark.parametrize("url", ["syslog://", "dbus://", "nothing://host", "no url", "json://"])
def test_urls_that_are_refused(accepted: None, make_channel: Callable[..., Channel], url: str) -> None:
    with pytest.raises(InvalidFields) as caught:
        make_channel("apprise", url=url)
    assert set(caught.value.errors) == {"url"}


def test_the_url_is_a_secret(
    service: Vendor, admin_client: Client, caplog: pytest.LogCaptureFixture, incident_story: Callable[..., Any]
) -> None:
    """Encrypted in the database, on no page, and in no log or attempt when sending fails."""
    row = Channel.objects.get()
    channels.change(None, row, row.name, url=f"json://127.0.0.1:9/{TOKEN}")
    incident_story()
    send_all()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT url FROM {Channel._meta.db_table}")
        assert TOKEN not in str(cursor.fetchall())
    assert TOKEN not in admin_client.get(row.get_absolute_url()).content.decode()
    assert TOKEN not in str(list(AuditEvent.objects.values_list("target", "detail")))
    errors = [one.error for delivery in Delivery.objects.all() for one in delivery.attempts.all()]
    assert errors and all(errors) and TOKEN not in str(errors)
    assert TOKEN not in caplog.text


def test_it_is_loaded_only_when_it_sends() -> None:
    code = "import django; django.setup(); from apis.alerting import channels; channels.kinds(); import sys"
    check = f"{code}; sys.exit('apprise' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0
