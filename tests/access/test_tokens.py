"""API tokens: shown once, kept as a hash, ended with their owner."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.utils import timezone

from apis.access import people, tokens
from apis.access.models import ApiToken, AuditEvent
from tests.support.people import PASSWORD


def test_a_token_opens_the_door_of_its_owner(viewer: User) -> None:
    token, plain = tokens.create(viewer, "deploy")
    assert re.fullmatch(r"cd_[A-Za-z0-9_-]{40}", plain)
    assert tokens.authenticate(plain) == viewer
    assert plain.startswith(token.prefix)
    assert len(token.prefix) < 10


def test_what_is_no_token_does_not(viewer: User) -> None:
    _, plain = tokens.create(viewer, "deploy")
    for wrong in ("", "cd_", plain[:-1], plain + "x", plain.removeprefix("cd_"), "cd_" + "é" * 40):
        assert tokens.authenticate(wrong) is None


def test_the_database_cannot_give_it_away(viewer: User) -> None:
    _, plain = tokens.create(viewer, "deploy")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM apis_apitoken")
        assert plain not in str(cursor.fetchall())


def test_a_revoked_token_opens_nothing(viewer: User) -> None:
    token, plain = tokens.create(viewer, "deploy")
    assert tokens.revoke(token, None)
    assert not tokens.revoke(token, None)
    assert tokens.authenticate(plain) is None


def test_a_person_who_is_deactivated_takes_the_tokens_along(viewer: User, admin: User) -> None:
    _, plain = tokens.create(viewer, "deploy")
    people.deactivate(None, viewer)
    assert tokens.authenticate(plain) is None
    people.activate(None, viewer)
    assert tokens.authenticate(plain) is None, "revoked for good"


def test_anyone_who_deactivates_the_owner(viewer: User) -> None:
    _, plain = tokens.create(viewer, "deploy")
    User.objects.update(is_active=False)
    assert tokens.authenticate(plain) is None


def test_its_use_is_noted_once_a_minute(viewer: User) -> None:
    token, plain = tokens.create(viewer, "deploy")

    def use(plain: str) -> None:
        assert Client().get("/api/v1/accounts", headers={"Authorization": f"Bearer {plain}"}).status_code == 200

    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        use(plain)
        clock.shift(timedelta(seconds=59))
        use(plain)
        token.refresh_from_db()
        assert token.last_used_at == start
        clock.shift(timedelta(seconds=1))
        use(plain)
        token.refresh_from_db()
        assert token.last_used_at == start + timedelta(minutes=1)


def test_a_token_may_expire(viewer: User) -> None:
    start = timezone.now()
    with time_machine.travel(start, tick=False) as clock:
        _, plain = tokens.create(viewer, "deploy", 30)
        clock.shift(timedelta(days=30) - timedelta(seconds=1))
        assert tokens.authenticate(plain) == viewer
        assert tokens.live(viewer).count() == 1
        clock.shift(timedelta(seconds=1))
        assert tokens.authenticate(plain) is None
        assert tokens.live(viewer).count() == 0


@pytest.mark.parametrize("revoked", [True, False])
@pytest.mark.parametrize("by_link", [True, False])
def test_a_new_password_offers_to_revoke_them(
    viewer: User, browser_of: Callable[[User], Client], revoked: bool, by_link: bool
) -> None:
    _, plain = tokens.create(viewer, "deploy")
    new, chosen = "another horse entirely", {"revoke_tokens": "on"} if revoked else {}
    if by_link:
        browser = Client()
        page = browser.get(people.password_link(viewer), follow=True)
        path, form = page.redirect_chain[-1][0], {"new_password1": new, "new_password2": new}
    else:
        browser, path = browser_of(viewer), "/settings/password/"
        page = browser.get(path)
        form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert "1 token is active now" in page.content.decode()
    assert browser.post(path, form | chosen).status_code == 302
    viewer.refresh_from_db()
    assert viewer.check_password(new)
    assert (tokens.authenticate(plain) is None) is revoked


def test_without_tokens_there_is_nothing_to_offer(viewer: User, browser_of: Callable[[User], Client]) -> None:
    assert "revoke_tokens" not in browser_of(viewer).get("/settings/password/").content.decode()


class TestThePage:
    """Settings, API tokens."""

    def test_shows_a_new_token_once(self, viewer: User, browser_of: Callable[[User], Client]) -> None:
        browser = browser_of(viewer)
        shown = browser.post("/settings/tokens/", {"name": "deploy"})
        plain = re.search(r"cd_[A-Za-z0-9_-]{40}", shown.content.decode())
        assert plain is not None
        assert tokens.authenticate(plain[0]) == viewer
        assert "no-store" in shown["Cache-Control"]
        later = browser.get("/settings/tokens/").content.decode()
        assert "deploy" in later
        assert plain[0] not in later
        assert AuditEvent.objects.get(action="created an API token").actor == viewer

    def test_says_when_each_expires(self, viewer: User, browser_of: Callable[[User], Client]) -> None:
        browser = browser_of(viewer)
        for days, left in (("30", 30), ("", None)):
            browser.post("/settings/tokens/", {"name": f"for {days}", "days": days})
            ends = ApiToken.objects.get(name=f"for {days}".strip()).expires_at
            assert (ends and round((ends - timezone.now()) / timedelta(days=1))) == left
        ApiToken.objects.filter(name="for").update(expires_at=timezone.now())
        page = browser.get("/settings/tokens/").content.decode()
        assert "Expired" in page and "Active" in page

    def test_needs_a_name(self, viewer: User, browser_of: Callable[[User], Client]) -> None:
        browser_of(viewer).post("/settings/tokens/", {"name": "  "})
        assert not ApiToken.objects.exists()

    def test_shows_ones_own(self, viewer: User, admin: User, browser_of: Callable[[User], Client]) -> None:
        tokens.create(admin, "of the admin")
        for query in ("", "?of=everybody"):
            assert "of the admin" not in browser_of(viewer).get(f"/settings/tokens/{query}").content.decode()

    def test_lets_no_one_revoke_anothers(self, viewer: User, admin: User, browser_of: Callable[[User], Client]) -> None:
        theirs, plain = tokens.create(admin, "of the admin")
        assert browser_of(viewer).post(f"/settings/tokens/{theirs.pk}/revoke/").status_code == 404
        assert tokens.authenticate(plain) == admin

    def test_lets_an_admin_see_and_revoke_all(
        self, viewer: User, admin: User, browser_of: Callable[[User], Client]
    ) -> None:
        theirs, plain = tokens.create(viewer, "of vi")
        browser = browser_of(admin)
        assert "of vi" in browser.get("/settings/tokens/?of=everybody").content.decode()
        browser.post(f"/settings/tokens/{theirs.pk}/revoke/")
        assert tokens.authenticate(plain) is None
        assert AuditEvent.objects.get(action="revoked an API token").detail == {"owner": "vi"}
