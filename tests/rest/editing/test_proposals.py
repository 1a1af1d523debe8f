"""Proposals over REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from apis.access.roles import Role
from apis.cors.policy import CorsPolicy
from apis.editing.review import scheduled
from apis.inventory.models import Account, HttpApi
from tests.rest.asking import Ask, ask
from tests.support.mirrored import START
from tests.support.people import person

__all__ = ["ask"]

AFTER = {**START, "AllowOrigins": ["https://a.example", "https://b.example"]}


@pytest.fixture
def guarded(api: HttpApi) -> HttpApi:
    """The API, whose account needs approval."""
    Account.objects.update(needs_approval=True)
    return api


@pytest.fixture
def colleague(db: None) -> User:
    """Another editor."""
    return person("cleo", Role.EDIT)


def test_put_says_what_to_do_instead(ask: Ask, editor: User, guarded: HttpApi) -> None:
    status, notified = ask(editor, "PUT", f"apis/{guarded.pk}/cors", cors=AFTER, version=guarded.version)
    assert status == 409
    assert notified["propose"] == f"/api/v1/apis/{guarded.pk}/proposals"
    assert "Request approval from another person" in notified["detail"]
    assert "account demo" in ask(editor, "GET", f"apis/{guarded.pk}")[1]["approval"]


def test_from_the_proposal_to_the_change(
    ask: Ask, editor: User, colleague: User, guarded: HttpApi, live: Callable[[], CorsPolicy]
) -> None:
    body = {"cors": AFTER, "version": guarded.version, "note": "FE-1"}
    status, made = ask(editor, "POST", f"apis/{guarded.pk}/proposals", **body)
    assert (status, made["state"], made["plan"]["summary"]) == (201, "waiting", "add https://b.example")
    address = f"proposals/{made['id']}"
    assert ask(editor, "POST", f"{address}/approve")[0] == 409
    assert ask(colleague, "POST", f"{address}/comment", text="looks right")[0] == 200
    assert ask(colleague, "POST", f"{address}/comment", text=" ")[1]["errors"][0]["field"] == "text"
    status, notified = ask(colleague, "POST", f"{address}/approve", text="go", revision=made["revision"])
    assert (status, notified["approved_by"]) == (200, "cleo")
    scheduled.carry_out(made["id"])
    status, notified = ask(editor, "GET", address)
    assert (notified["state"], notified["error"]) == ("applied", None)
    assert [row["kind"] for row in notified["timeline"]] == ["proposed", "commented", "approved", "applied"]
    change = ask(editor, "GET", f"changes/{notified['change']}")[1]
    assert (change["kind"], change["actor"], change["note"]) == ("rest", "ed", "FE-1 (approved by cleo)")
    assert live() == CorsPolicy.from_aws(AFTER)


def test_lists_and_ends(ask: Ask, editor: User, viewer: User, colleague: User, guarded: HttpApi) -> None:
    ids = [ask(viewer, "POST", f"apis/{guarded.pk}/proposals", cors=AFTER)[1]["id"] for _ in range(3)]
    assert ask(viewer, "POST", f"proposals/{ids[0]}/approve")[0] == 403
    assert ask(viewer, "POST", f"proposals/{ids[0]}/withdraw")[1]["state"] == "withdrawn"
    assert ask(colleague, "POST", f"proposals/{ids[1]}/decline", text="no")[1]["state"] == "declined"
    listed = ask(viewer, "GET", f"proposals?state=open&api={guarded.pk}")[1]["items"]
    assert [row["id"] for row in listed] == [ids[2]]
    assert len(ask(viewer, "GET", "proposals?limit=2")[1]["items"]) == 2
    assert ask(viewer, "GET", "proposals?state=lost")[1]["errors"][0]["field"] == "state"
    assert ask(viewer, "GET", "proposals/999999")[0] == 404


def test_a_time_is_scheduled_where_no_approval_is_needed(ask: Ask, editor: User, api: HttpApi) -> None:
    at = (timezone.now() + timedelta(days=1)).replace(microsecond=0)
    body = {"cors": AFTER, "at": at.isoformat()}
    made = ask(editor, "POST", f"apis/{api.pk}/proposals", **body)[1]
    assert (made["state"], made["due_at"]) == ("scheduled", at.isoformat().replace("+00:00", "Z"))
    moved = ask(editor, "POST", f"proposals/{made['id']}/schedule", at=(at + timedelta(hours=1)).isoformat())[1]
    assert moved["due_at"] != made["due_at"]
    for wrong in ("2020-01-01T00:00:00Z", "2027-01-01T00:00:00"):
        status, notified = ask(editor, "POST", f"apis/{api.pk}/proposals", cors=AFTER, at=wrong)
        assert (status, notified["errors"][0]["field"]) == (422, "at")


def test_what_aws_would_refuse_is_refused_with_its_findings(ask: Ask, editor: User, guarded: HttpApi) -> None:
    hopeless = {**AFTER, "AllowOrigins": ["*"], "AllowCredentials": True}
    status, notified = ask(editor, "POST", f"apis/{guarded.pk}/proposals", cors=hopeless)
    assert (status, notified["findings"][0]["field"]) == (422, "AllowOrigins")
