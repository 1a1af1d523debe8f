"""Grants over REST."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.utils import timezone

from apis.cors.policy import CorsPolicy
from apis.editing.apply import applying
from apis.editing.grants import expiry, lifecycle
from apis.editing.grants.models import Grant
from apis.editing.review import proposals, scheduled
from apis.editing.review.models import Proposal
from apis.inventory.models import Account, HttpApi
from tests.rest.asking import Ask, ask

__all__ = ["ask"]

PREVIEW = "https://pr-123.preview.example.com"


def test_from_giving_to_ending(
    queued: None, ask: Ask, editor: User, api: HttpApi, live: Callable[[], CorsPolicy]
) -> None:
    status, given = ask(editor, "POST", f"apis/{api.pk}/grants", origin=PREVIEW, lasts=3600, note="FE-412")
    assert (status, given["state"], given["lasts"]) == (202, "adding", 3600)
    applying.carry_out(Grant.objects.get().change)  # type: ignore[arg-type]
    lifecycle.follow()
    notified = ask(editor, "GET", f"grants/{given['id']}")[1]
    assert (notified["state"], notified["by"]) == ("active", "ed")
    until = (timezone.now() + timedelta(days=2)).isoformat()
    moved = ask(editor, "POST", f"grants/{given['id']}/extend", until=until)[1]
    assert moved["ends_at"] > notified["ends_at"]
    assert ask(editor, "POST", f"grants/{given['id']}/end")[0] == 202
    expiry.carry_out(given["id"])
    assert ask(editor, "GET", f"grants/{given['id']}")[1]["state"] == "ended"
    assert live().allow_origins == ("https://a.example",)
    assert ask(editor, "GET", f"grants?state=open&api={api.pk}")[1]["items"] == []
    assert len(ask(editor, "GET", "grants")[1]["items"]) == 1


def test_where_approval_is_needed_it_is_a_proposal(ask: Ask, editor: User, viewer: User, api: HttpApi) -> None:
    asked = ask(viewer, "POST", f"apis/{api.pk}/grants", origin=PREVIEW, lasts=3600)[1]
    assert asked["state"] == "waiting"
    assert ask(editor, "GET", f"proposals/{asked['proposal']}")[1]["state"] == "waiting"
    Account.objects.update(needs_approval=True)
    other = ask(editor, "POST", f"apis/{api.pk}/grants", origin="https://pr-9.example.com", lasts=3600)[1]
    assert (other["state"], other["change"]) == ("waiting", None)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"origin": PREVIEW}, 422, "lasts"),
        ({"origin": PREVIEW, "lasts": 3600, "until": "2027-01-01T00:00:00Z"}, 422, "lasts"),
        ({"origin": PREVIEW, "until": "2027-01-01T00:00:00"}, 422, "until"),
        ({"origin": PREVIEW, "until": "2001-01-01T00:00:00Z"}, 422, "lasts"),
        ({"origin": "*", "lasts": 3600}, 422, "origin"),
        ({"origin": "https://a.example", "lasts": 3600}, 422, "origin"),
        ({"lasts": 3600}, 422, "origin"),
    ],
)
def test_what_is_wrong_names_the_field(
    ask: Ask, editor: User, api: HttpApi, body: dict[str, object], status: int, field: str
) -> None:
    got, notified = ask(editor, "POST", f"apis/{api.pk}/grants", **body)
    assert (got, notified["errors"][0]["field"]) == (status, field)


def test_a_bulk_edit_may_end_automatically(ask: Ask, editor: User, api: HttpApi) -> None:
    body = {"apis": [api.pk], "add": {"AllowOrigins": [PREVIEW]}, "lasts": 3600}
    assert ask(editor, "POST", "bulk", **body)[0] == 202
    assert ask(editor, "GET", "bulk")[1]["items"][0]["title"].endswith("for 1 hour")
    status, notified = ask(editor, "POST", "bulk", **(body | {"lasts": 1}))
    assert (status, notified["errors"][0]["field"]) == (422, "lasts")


def test_an_approval_that_comes_too_late_lets_no_one_in(
    ask: Ask, editor: User, viewer: User, api: HttpApi, live: Callable[[], CorsPolicy]
) -> None:
    """Until tomorrow means until tomorrow, whenever it is approved."""
    until = (timezone.now() + timedelta(days=1)).isoformat()
    asked = ask(viewer, "POST", f"apis/{api.pk}/grants", origin=PREVIEW, until=until)[1]
    proposal = Proposal.objects.get(pk=asked["proposal"])
    with time_machine.travel(timezone.now() + timedelta(days=20), tick=True):
        proposals.approve(proposal, editor, proposal.revision)
        assert scheduled.carry_out(proposal.pk) is None
        lifecycle.follow()
    assert PREVIEW not in live().allow_origins
    assert "which has passed" in Proposal.objects.get().error


def test_a_grant_does_not_outlast_the_moment_that_was_asked_for(
    ask: Ask, editor: User, viewer: User, api: HttpApi
) -> None:
    until = timezone.now() + timedelta(days=2)
    asked = ask(viewer, "POST", f"apis/{api.pk}/grants", origin=PREVIEW, until=until.isoformat())[1]
    proposal = Proposal.objects.get(pk=asked["proposal"])
    with time_machine.travel(timezone.now() + timedelta(days=1), tick=True):
        proposals.approve(proposal, editor, proposal.revision)
        assert scheduled.carry_out(proposal.pk) is not None
        lifecycle.follow()
    assert Grant.objects.get().ends_at == until


def test_a_note_is_asked_for_by_its_field(ask: Ask, editor: User, api: HttpApi, settings: Any) -> None:
    settings.CORSDASH_NOTE_REQUIRED = True
    status, notified = ask(editor, "POST", f"apis/{api.pk}/grants", origin=PREVIEW, lasts=3600)
    assert (status, notified["errors"][0]["field"]) == (422, "note")
