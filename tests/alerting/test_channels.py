"""What a channel may be, and that its secrets stay secret."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from django.db import connection

from apis.alerting import channels
from apis.alerting.models import Channel
from apis.errors import InvalidFields

GOOD_SECRET = "whsec_" + base64.b64encode(b"x" * 24).decode()


def refusal(kind: str = "webhook", name: str = "pager", **values: Any) -> dict[str, str]:
    """What is said against a channel with these values."""
    with pytest.raises(InvalidFields) as caught:
        channels.create(None, kind, name, **values)
    assert not Channel.objects.filter(name=name).exists()
    return dict(caught.value.errors)


@pytest.mark.django_db
class TestWebhooks:
    """An address and a signing secret."""

    def test_a_secret_is_made_when_none_is_given(self) -> None:
        channel = channels.create(None, "webhook", "pager", url="https://example.com/hook")
        assert channel.secret.startswith("whsec_")
        assert len(base64.b64decode(channel.secret.removeprefix("whsec_"))) == 32

    @pytest.mark.parametrize("given", [GOOD_SECRET, GOOD_SECRET.removeprefix("whsec_"), f" {GOOD_SECRET} "])
    def test_a_secret_of_ones_own_is_kept(self, given: str) -> None:
        assert channels.create(None, "webhook", "pager", url="https://example.com/", secret=given).secret == GOOD_SECRET

    @pytest.mark.parametrize("secret", ["hunter2", "whsec_AAAA", "whsec_" + "é" * 40, "A" * 100])
    def test_a_weak_or_broken_secret_is_refused(self, secret: str) -> None:
        assert set(refusal(url="https://example.com/", secret=secret)) == {"secret"}

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "example.com/hook",
            "ftp://example.com/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "https://",
            "https:///hook",
            "https://user:password@example.com/",
            "https://example.com/#part",
            "https://example.com/ä",
            "https://example.com/a b",
            "https://example.com\\@127.0.0.1/",
            "https://example.com:99999/",
            "https://[::1/",
            "https://example.com/\r\nHost: other",
            "https://example.com/" + "a" * 2000,
        ],
    )
    def test_an_address_that_cannot_be_posted_to_is_refused(self, url: str) -> None:
        assert set(refusal(url=url)) == {"url"}

    def test_address_and_secret_are_encrypted_in_the_database(self) -> None:
        channels.create(None, "webhook", "pager", url="https://example.com/T0KEN", secret=GOOD_SECRET)
        with connection.cursor() as cursor:
            cursor.execute("SELECT url, secret FROM apis_channel")
            stored = " ".join(cursor.fetchone())
        assert "T0KEN" not in stored
        assert GOOD_SECRET not in stored

    def test_pages_see_no_more_than_the_host(self) -> None:
        channel = channels.create(None, "webhook", "pager", url="https://hooks.example.com:8443/services/T0KEN?key=1")
        assert channels.kind_of(channel).destination(channel) == "https://hooks.example.com:8443"

    def test_empty_fields_keep_what_is_stored(self) -> None:
        channel = channels.create(None, "webhook", "pager", url="https://example.com/hook", secret=GOOD_SECRET)
        channels.change(None, channel, "pager 2")
        stored = Channel.objects.get()
        assert (stored.name, stored.url, stored.secret) == ("pager 2", "https://example.com/hook", GOOD_SECRET)

    def test_a_new_secret_can_be_made(self) -> None:
        channel = channels.create(None, "webhook", "pager", url="https://example.com/hook")
        old = channel.secret
        new = channels.rotate(None, channel)
        stored = Channel.objects.get()
        assert stored.secret == new != old
        assert stored.url == "https://example.com/hook"

    def test_cannot_have_an_e_mail_address(self) -> None:
        assert set(refusal(url="https://example.com/", address="a@example.com")) == {"address"}


@pytest.mark.django_db
class TestMail:
    """One address."""

    @pytest.mark.parametrize(
        "address", ["", "ops", "a@b", "a@example.com, b@example.com", "a@example.com\nBcc: b@c.de"]
    )
    def test_what_is_no_address_is_refused(self, address: str) -> None:
        assert set(refusal("email", address=address)) == {"address"}

    def test_an_address_is_kept(self) -> None:
        assert channels.create(None, "email", "ops", address=" ops@example.com ").address == "ops@example.com"


@pytest.mark.django_db
class TestNames:
    """A name is there for people, once."""

    def test_is_needed(self) -> None:
        assert set(refusal(name="  ", url="https://example.com/")) == {"name"}

    def test_is_not_taken_twice(self) -> None:
        channels.create(None, "email", "Ops", address="ops@example.com")
        assert set(refusal(name="ops", url="https://example.com/")) == {"name"}

    def test_every_mistake_is_said_at_once(self) -> None:
        assert set(refusal(name="", url="nowhere")) == {"name", "url"}

    def test_an_unknown_kind(self) -> None:
        assert set(refusal(kind="pigeon")) == {"kind"}
