"""Addresses and forms that no page of ours makes: answered as bad requests, by every page, on every database."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.inventory.mirror import an_account, an_api

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    "path", ["/", "/changes/", "/incidents/", "/explain/", "/origins/", "/probes/", "/settings/people/"]
)
def test_a_nul_character_in_the_address(signed_in: Client, path: str) -> None:
    """PostgreSQL takes none."""
    for name in ("search", "origin", "api", "page"):
        assert signed_in.get(path, {name: "a\0b"}).status_code < 500


@pytest.mark.parametrize("form", [{}, {"proposal": "x"}, {"proposal": "5"}, {"proposal": '{"MaxAge": "x"}'}])
@pytest.mark.parametrize("verb", ["apply", "propose"])
def test_a_proposal_that_is_none(signed_in: Client, verb: str, form: dict[str, str]) -> None:
    api = an_api(an_account(), "orders", {"AllowOrigins": ["https://a.example"]})
    assert signed_in.post(f"/apis/{api.pk}/{verb}/", form).status_code == 400
    assert api.changes.filter(kind="panel").count() == 0


def test_nothing_is_applied_by_a_form_that_saw_no_version(signed_in: Client) -> None:
    """No one could tell whether AWS has moved on since."""
    api = an_api(an_account(), "orders", {"AllowOrigins": ["https://a.example"]})
    assert signed_in.post(f"/apis/{api.pk}/apply/", {"proposal": "null"}).status_code == 400
    assert api.changes.filter(kind="panel").count() == 0
