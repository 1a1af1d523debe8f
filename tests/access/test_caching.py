"""No cache keeps what only some may see."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import get_resolver

from apis.access import tokens
from apis.access.middleware import KeptNowhere
from tests.access.test_sign_in import every_page

pytestmark = pytest.mark.once


def test_pages_of_those_who_are_signed_in_are_not_kept(signed_in: Client) -> None:
    found = {}
    for _, path in every_page(get_resolver().url_patterns):
        answer = signed_in.get(path)
        if answer.status_code < 500:
            found[path] = answer.headers.get("Cache-Control", "")
    assert len(found) > 20
    assert {path: shown for path, shown in found.items() if "no-store" not in shown and "private" not in shown} == {}


@pytest.mark.parametrize("path", ["apis", "probes", "channels", "nothing", "apis/999999"])
@pytest.mark.parametrize("known", [True, False])
def test_nor_are_answers_of_the_rest_api(admin: User, client: Client, path: str, known: bool) -> None:
    headers = {"Authorization": f"Bearer {tokens.create(admin, 'x')[1]}"} if known else {}
    assert client.get(f"/api/v1/{path}", headers=headers)["Cache-Control"] == "no-store"


def test_static_files_are(client: Client, db: None) -> None:
    from django.templatetags.static import static

    assert "immutable" in client.get(static("ui/base.css"))["Cache-Control"]


def test_a_response_with_a_validator_may_be_kept_by_the_browser_alone() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("x", headers={"ETag": '"1"'})

    assert KeptNowhere(view)(RequestFactory().get("/"))["Cache-Control"] == "private, no-cache"
