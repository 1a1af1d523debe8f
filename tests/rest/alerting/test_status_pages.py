"""Status pages over REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apis.access.models import AuditEvent
from apis.inventory.models import HttpApi
from tests.rest.conftest import Program


def test_a_page_is_made_changed_and_deleted(
    writer: Program, reader: Program, client: Client, api: HttpApi, editor: Any
) -> None:
    made = writer.post("status-pages", {"name": "Shop", "public": True, "apis": [api.pk]}).good(201)
    link = made.pop("link")
    assert client.get(link).status_code == 200
    path = f"status-pages/{made['id']}"
    assert reader.get(path).good() == made
    assert (made["public"], made["selection"], made["apis"]) == (True, "apis", [api.pk])
    [[listed]] = reader.pages("status-pages")
    assert listed == made
    changed = writer.patch(path, {"show_origins": True}).good()
    assert (changed["show_origins"], changed["link"], changed["apis"]) == (True, None, [api.pk])
    fresh = writer.post(f"{path}/link").good()["link"]
    assert (client.get(link).status_code, client.get(fresh).status_code) == (404, 200)
    narrowed = writer.patch(path, {"selection": "tag", "tag": "team=shop", "public": False}).good()
    assert (narrowed["tag"], narrowed["apis"], narrowed["public"]) == ("team=shop", [], False)
    assert client.get(fresh).status_code == 404
    writer.post(f"{path}/link").problem(409)
    writer.delete(path).good(204)
    writer.get(path).problem(404)
    assert AuditEvent.objects.filter(action__contains="status page", actor=editor).count() == 5


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "apis"), ({"apis": [4711]}, "apis"), ({"selection": "account", "account": 4711}, "account")],
)
def test_a_page_names_the_field_at_fault(writer: Program, body: dict[str, Any], field: str) -> None:
    writer.post("status-pages", {"name": "x"} | body).problem(422, field)
