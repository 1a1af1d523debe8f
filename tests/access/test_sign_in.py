"""Sign-in: needed everywhere, limited, noted, and ended by a change of password."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from pytest_django import Settings

from apis.access.models import AuditEvent, SignInTries
from apis.access.roles import Role
from tests.support.people import PASSWORD, person

pytestmark = pytest.mark.once

OPEN = {"account_login", "account_logout", "account_inactive", "choose_password", "metrics"}


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
    assert "This address only accepts form submissions" in answer.content.decode()


def test_but_never_to_another_site(viewer: User, client: Client) -> None:
    answer = client.post("/sign-in/?next=https://evil.example/", {"login": "vi", "password": PASSWORD})
    assert answer["Location"] == "/"


def test_no_one_can_sign_up(db: None, client: Client) -> None:
    for path in ("/sign-up/", "/accounts/signup/", "/signup/"):
        assert client.post(path, {"username": "x", "password1": PASSWORD}).status_code in (302, 404)
    assert not User.objects.exists()


class TestTheLimit:
    """Failed sign-ins: by address and by name apart, with growing delays."""

    @pytest.fixture(autouse=True)
    def clock(self) -> Iterator[time_machine.Traveller]:
        """Time stands still but where a test lets it pass."""
        with time_machine.travel(timezone.now(), tick=False) as clock:
            yield clock

    @staticmethod
    def wait(page: str) -> int:
        """The seconds that a refusal asks for; 0 when there is none."""
        found = re.search(r"Wait (\d+) seconds?, then try again", page)
        return int(found[1]) if found else 0

    def fails(self, address: str, name: str = "vi", **headers: str) -> int:
        """One wrong try from an address; the seconds to wait where it is refused instead."""
        form = {"login": name, "password": "wrong"}
        return self.wait(Client(REMOTE_ADDR=address).post("/sign-in/", form, headers=headers).content.decode())

    def enters(self, address: str, browser: Client | None = None) -> bool:
        """Whether the right password opens from an address."""
        form = {"login": "vi", "password": PASSWORD}
        answer = (browser or Client()).post("/sign-in/", form, REMOTE_ADDR=address)
        return answer.status_code == 302

    def test_of_an_address_grows(self, viewer: User, clock: time_machine.Traveller) -> None:
        assert [self.fails("192.0.2.1", f"name{number}") for number in range(5)] == [0] * 5
        waits = []
        for number in range(8):
            waits.append(self.fails("192.0.2.1", f"other{number}"))
            assert not self.enters("192.0.2.1"), "the right password is not even checked"
            clock.shift(timedelta(seconds=waits[-1]))
            assert self.fails("192.0.2.1", f"another{number}") == 0, "the wait is what was said"
        assert waits == [5, 10, 20, 40, 80, 160, 300, 300]
        clock.shift(timedelta(minutes=21))
        assert [self.fails("192.0.2.1") for _ in range(6)] == [0, 0, 0, 0, 0, 5]

    def test_is_not_got_around_by_another_host(self, viewer: User, settings: Settings) -> None:
        settings.ALLOWED_HOSTS = ["*"]
        for port in range(5):
            assert self.fails("192.0.2.1", host=f"testserver:{8000 + port}") == 0
        assert self.fails("192.0.2.1", host="testserver:9999") == 5
        assert self.fails("192.0.2.1", host="other.example") == 5

    def test_of_one_address_is_no_one_elses(self, viewer: User) -> None:
        for _ in range(10):
            self.fails("192.0.2.1")
        assert self.fails("192.0.2.1") and self.enters("192.0.2.2")

    def test_of_a_name_holds_from_everywhere(self, viewer: User, clock: time_machine.Traveller) -> None:
        for number in range(20):
            assert self.fails(f"192.0.2.{number}") == 0
        assert self.fails("198.51.100.1") == 5 and self.fails("198.51.100.2", "VI ") == 5
        assert not self.enters("198.51.100.3")
        assert self.fails("198.51.100.1", "someone-else") == 0
        clock.shift(timedelta(seconds=5))
        assert self.enters("198.51.100.3")
        assert self.fails("198.51.100.4") == 0, "who entered starts again"

    def test_of_a_name_is_not_for_a_browser_that_entered_before(self, viewer: User, editor: User) -> None:
        browser = Client()
        assert self.enters("192.0.2.1", browser)
        browser.post("/sign-out/")
        for number in range(30):
            self.fails(f"198.51.100.{number}")
        assert not self.enters("192.0.2.1"), "another browser there"
        assert self.enters("192.0.2.1", browser)
        browser.post("/sign-out/")
        for _ in range(5):
            browser.post("/sign-in/", {"login": "vi", "password": "wrong"})
        assert not self.enters("192.0.2.1", browser), "it has a limit of its own"

    def test_is_not_got_around_by_the_cookie_of_another_name(self, viewer: User, editor: User) -> None:
        browser = Client()
        browser.post("/sign-in/", {"login": "ed", "password": PASSWORD})
        browser.post("/sign-out/")
        for _ in range(5):
            browser.post("/sign-in/", {"login": "vi", "password": "wrong"})
        assert not self.enters("127.0.0.1", browser)

    def test_is_not_lifted_by_entering_with_a_name_of_ones_own(self, viewer: User, editor: User) -> None:
        for number in range(5):
            assert self.fails("192.0.2.1") == 0
            if number < 4:
                Client(REMOTE_ADDR="192.0.2.1").post("/sign-in/", {"login": "ed", "password": PASSWORD})
        assert self.fails("192.0.2.1") == 5

    def test_counts_a_network_of_ipv6_as_one_address(self, db: None) -> None:
        assert [self.fails(f"2001:db8::{number}", f"n{number}") for number in range(6)] == [0, 0, 0, 0, 0, 5]
        assert self.fails("2001:db8:0:1::1", "n") == 0
        assert [self.fails("::ffff:192.0.2.9", f"m{number}") for number in range(5)] == [0] * 5
        assert self.fails("192.0.2.9") == 5

    def test_survives_a_clock_that_is_set_back(self, viewer: User, clock: time_machine.Traveller) -> None:
        for _ in range(6):
            self.fails("192.0.2.1")
        clock.shift(timedelta(hours=-3))
        assert self.enters("192.0.2.1")

    def test_keeps_no_name_that_was_typed(self, viewer: User) -> None:
        self.fails("192.0.2.1", "my secret password")
        assert len(SignInTries.objects.all()) == 2
        assert not any("secret" in str(vars(row)) or "192.0.2.1" in str(vars(row)) for row in SignInTries.objects.all())


@pytest.mark.django_db(transaction=True)
def test_parallel_tries_are_all_counted(transactional_db: None) -> None:
    person("vi", Role.VIEW)
    ready, pages = threading.Barrier(12), []

    def go() -> None:
        try:
            ready.wait(20)
            pages.append(sign_in(Client(), "vi", "wrong"))
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum("not correct" in page for page in pages) == 5
    assert sum("Too many failed sign-ins from this address" in page for page in pages) == 7


def test_an_address_cannot_be_made_up_without_a_proxy(db: None, client: Client) -> None:
    for number in range(6):
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
        ("failed to sign in", "no one signed in", "vi"),
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


def test_a_person_who_is_deactivated_sees_why(admin: User, viewer: User, client: Client) -> None:
    User.objects.filter(pk=viewer.pk).update(is_active=False)
    page = client.post("/sign-in/", {"login": "vi", "password": PASSWORD}, follow=True)
    assert page.status_code == 200
    assert "Account disabled" in page.content.decode()
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
