"""The audit log: who did what, from where; never edited, never a secret."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth.models import AnonymousUser, User
from django.test import Client, RequestFactory

from apis.access import audit
from apis.access.models import AuditEvent


def test_notes_the_person_and_the_address(admin: User) -> None:
    request = RequestFactory().post("/", REMOTE_ADDR="2001:db8::7")
    request.user = admin
    audit.record(request, "added an account", "production", regions=["eu-central-1"])
    event = AuditEvent.objects.get()
    assert (event.actor, event.actor_name, event.address) == (admin, "ada", "2001:db8::7")
    assert event.detail == {"regions": ["eu-central-1"]}


def test_the_detail_is_in_words_and_without_what_was_not_given(db: None) -> None:
    event = audit.record(None, "added a thing", regions=["a", "b"], public=True, open=False, expires=None, days=7)
    assert event.lines == ["regions: a, b", "public: yes", "open: no", "days: 7"]


def test_entries_outlive_the_person(admin: User) -> None:
    audit.record(admin, "added an account", "production")
    admin.delete()
    event = AuditEvent.objects.get()
    assert event.actor is None
    assert event.actor_name == "ada"


def test_by_no_one_and_by_corsdash_itself(db: None) -> None:
    request = RequestFactory().get("/", REMOTE_ADDR="")
    request.user = AnonymousUser()
    assert audit.record(request, "knocked").actor_name == "no one signed in"
    assert audit.record(None, "started").actor_name == "corsdash"


def test_takes_any_text(db: None) -> None:
    event = audit.record(None, "x" * 100, "a\0b" + "y" * 300)
    event.refresh_from_db()
    assert (len(event.action), len(event.target)) == (60, 200)


def test_page_is_searched_and_paged(
    admin: User, browser_of: Callable[[User], Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    AuditEvent.objects.bulk_create(
        AuditEvent(actor=admin, actor_name="ada", action="tested a channel", target=f"pager {number}")
        for number in range(120)
    )
    browser = browser_of(admin)
    with django_assert_max_num_queries(10):  # type: ignore[attr-defined]
        page = browser.get("/settings/audit/")
    assert page.content.decode().count("<tr>") == 51
    assert "pager 119" in page.content.decode()
    assert "pager 7" in browser.get("/settings/audit/?search=pager 7").content.decode()
    assert browser.get("/settings/audit/?search=pager 77").content.decode().count("<tr>") == 2
    assert browser.get("/settings/audit/?page=99999").status_code == 200
    assert len(page.content) < 150_000


def test_page_escapes_what_it_shows(admin: User, browser_of: Callable[[User], Client]) -> None:
    audit.record(admin, "added an account", "<img src=x onerror=alert(1)>", note="<b>")
    text = browser_of(admin).get("/settings/audit/").content.decode()
    assert "<img src=x" not in text
    assert "<b>" not in text
