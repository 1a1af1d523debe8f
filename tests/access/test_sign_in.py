"""Sign-in: needed everywhere, limited, noted, and ended by a change of password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django import Settings

from apis.access.models import AuditEvent, CacheEntry
from tests.support.people import PASSWORD

OPEN = {"account_login", "account_logout", "account_inactive", "choose_password"}


def sign_in(browser: Client, name: str, password: str) -> str:
    """Try; returns where one is sent, or what is said."""
    answer = browser.post("/sign-in/", {"login": name, "password": password})
    return answer["Location"] if answer.status_code == 302 else answer.content.decode()


def every_page(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[tuple[str, str]]:
    """Each page's name and an address of it."""
    for pattern in patterns:
        path = before + str(pattern.pattern).replace("<int:pk>", "1")
        if isinstance(pattern, URLResolver):
            yield from every_page(pattern.url_patterns, path)
        elif "<" not in path:
            yield pattern.name or "", path


def test_every_page_asks_for_it(db: None, client: Client) -> None:
    pages = [(name, path) for name, path in every_page(get_resolver().url_patterns) if "/api/v1/" not in path]
    assert len(pages) > 20
    for name, path in pages:
        answer = client.get(path)
        if name not in OPEN:
            assert answer.status_code == 302, path
            assert answer["Location"].startswith("/sign-in/?next="), path


def test_one_comes_back_to_where_one_wanted_to_go(viewer: User, client: Client) -> None:
    answer = client.post("/sign-in/?next=/settings/", {"login": "vi", "password": PASSWORD})
    assert answer["Location"] == "/settings/"


@pytest.mark.parametrize(
    ("referer", "back"),
    [
        ("http://testserver/apis/1/configure/?fix=a", "/apis/1/configure/?fix=a"),
        ("https://evil.example/apis/1/", "/"),
        ("", "/"),
    ],
)
def test_a_form_sent_while_signed_out_leads_back_to_its_page(db: None, client: Client, referer: str, back: str) -> None:
    answer = client.post("/sync/", headers={"Referer": referer})
    assert parse_qs(urlsplit(answer["Location"]).query)["next"] == [back]


def test_an_address_that_only_takes_forms_says_so(signed_in: Client) -> None:
    answer = signed_in.get("/sync/")
    assert answer.status_code == 405 and answer["Allow"] == "POST"
    assert "This address only takes what a form sends" in answer.content.decode()


def test_but_never_to_another_site(viewer: User, client: Client) -> None:
    answer = client.post("/sign-in/?next=https://evil.example/", {"login": "vi", "password": PASSWORD})
    assert answer["Location"] == "/"


def test_nobody_can_sign_up(db: None, client: Client) -> None:
    for path in ("/sign-up/", "/accounts/signup/", "/signup/"):
        assert client.post(path, {"username": "x", "password1": PASSWORD}).status_code in (302, 404)
    assert not User.objects.exists()


def test_wrong_passwords_are_limited_for_a_name(viewer: User, client: Client) -> None:
    for _ in range(5):
        assert "not correct" in sign_in(client, "vi", "wrong")
    assert "Too many failed" in sign_in(client, "vi", PASSWORD)


def test_and_for_an_address(db: None, client: Client) -> None:
    said = [sign_in(client, f"name{number}", "wrong") for number in range(11)]
    assert "Too many failed" not in said[9]
    assert "Too many failed" in said[10]


def test_the_limits_are_shared_by_all_processes(viewer: User, client: Client) -> None:
    sign_in(client, "vi", "wrong")
    assert CacheEntry.objects.exists(), "in the database, not in the memory of one process"
    cache.clear()


def test_an_address_cannot_be_made_up_without_a_proxy(db: None, client: Client) -> None:
    for number in range(11):
        answer = client.post(
            "/sign-in/",
            {"login": f"name{number}", "password": "wrong"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        )
    assert "Too many failed" in answer.content.decode()
    assert {event.address for event in AuditEvent.objects.all()} == {"127.0.0.1"}


def test_coming_and_going_is_noted(viewer: User, client: Client) -> None:
    sign_in(client, "vi", "wrong")
    sign_in(client, "vi", PASSWORD)
    client.post("/sign-out/")
    noted = [(event.action, event.actor_name, event.target) for event in AuditEvent.objects.order_by("pk")]
    assert noted == [
        ("failed to sign in", "nobody signed in", "vi"),
        ("signed in", "vi", ""),
        ("signed out", "vi", ""),
    ]


def test_a_password_typed_as_a_name_is_not_noted(viewer: User, client: Client) -> None:
    sign_in(client, "my secret password", "wrong")
    assert AuditEvent.objects.get().target == "an unknown name"


def test_a_change_of_password_ends_the_other_sessions(viewer: User) -> None:
    here, elsewhere = Client(), Client()
    for browser in (here, elsewhere):
        assert sign_in(browser, "vi", PASSWORD) == "/"
    new = "another horse entirely"
    here.post("/settings/password/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    viewer.refresh_from_db()
    assert viewer.check_password(new)
    assert here.get("/settings/").status_code == 200
    assert elsewhere.get("/settings/")["Location"].startswith("/sign-in/")
    assert AuditEvent.objects.filter(action="changed own password", actor=viewer).exists()


def test_a_change_of_password_needs_the_old_one(viewer: User, browser_of: Callable[[User], Client]) -> None:
    new = "another horse entirely"
    browser_of(viewer).post("/settings/password/", {"oldpassword": "wrong", "password1": new, "password2": new})
    viewer.refresh_from_db()
    assert viewer.check_password(PASSWORD)


def test_a_person_who_is_shut_out_is_told_so(admin: User, viewer: User, client: Client) -> None:
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    page = client.post("/sign-in/", {"login": "vi", "password": PASSWORD}, follow=True)
    assert page.status_code == 200
    assert "switched off" in page.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db
def test_passwords_are_kept_by_argon2(settings: Settings) -> None:
    from corsdash import settings as real

    settings.PASSWORD_HASHERS = real.PASSWORD_HASHERS
    assert User.objects.create_user("vi", password=PASSWORD).password.startswith("argon2$argon2id$")


def test_forms_need_their_csrf_token(viewer: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/sign-in/", {"login": "vi", "password": PASSWORD}).status_code == 403
    browser.force_login(viewer)
    assert browser.post("/settings/tokens/", {"name": "x"}).status_code == 403
