"""Numbers that no database can hold, and texts that are none, in every place of every page and REST operation."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template.base import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils.datastructures import MultiValueDict

from apis.access import tokens
from tests.inventory.mirror import an_account, an_api

HUGE = ("9" * 20, "9" * 5000)
_NUMBER = re.compile(r"<(?:int:)?\w+>|\{(?:int:)?\w+\}")


def every_address(patterns: list[Any], before: str = "/") -> Iterator[str]:
    """Each page's address, with its parameters as they are in the URL conf."""
    for pattern in patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from every_address(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and not path.startswith(("/api/", "/sign-out")):
            yield path


@contextmanager
def names_read() -> Iterator[set[str]]:
    """The names that are looked up meanwhile in an address's query, a form or the files sent with it."""
    names: set[str] = set()

    def noting(original: Any) -> Any:
        def look_up(self: Any, name: Any, *more: Any) -> Any:
            names.add(name)
            return original(self, name, *more)

        return look_up

    with pytest.MonkeyPatch.context() as patch:
        for method in ("__getitem__", "getlist", "__contains__"):
            patch.setattr(MultiValueDict, method, noting(getattr(MultiValueDict, method)))
        yield names


def failures(browser: Client, method: str) -> tuple[set[Any], set[Any]]:
    """Give each page numbers under each name that it looks up; what failed, and what was asked.

    A page looks a name up before it can know what stands there, so one request shows all names. A huge number goes
    under one name at a time, as a page may stop at the first; a negative one under all at once.
    """
    failed, asked = set(), set()
    for address in every_address(get_resolver().url_patterns):
        path, call = _NUMBER.sub("1", address), getattr(browser, method)
        with names_read() as names:
            call(path, {"other": "x"})
        names -= {"other", "csrfmiddlewaretoken"}
        asked |= {(address, name) for name in names}
        for given in [{name: HUGE[1]} for name in names] + [dict.fromkeys(names, "-1")]:
            if call(path, given).status_code >= 500:
                failed.add((address, *given))
    return failed, asked


@pytest.fixture
def bare_pages(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each page's own blocks without the frame around them: it is the same on all pages and reads no number.

    Nor does the client keep a copy of the context of each template that is rendered.
    """
    [engine] = copy.deepcopy(settings.TEMPLATES)
    blocks = re.findall(r"{% block (\w+) %}", (engine["DIRS"][0] / "base.html").read_text())
    assert "content" in blocks
    frame = "".join(f"{{% block {name} %}}{{% endblock %}}" for name in blocks)
    [(cached, loaders)] = engine["OPTIONS"]["loaders"]
    locmem = ("django.template.loaders.locmem.Loader", {"base.html": frame})
    engine["OPTIONS"]["loaders"] = [(cached, [locmem, *loaders])]
    settings.TEMPLATES = [engine]
    monkeypatch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))


@pytest.fixture
def browser(admin: User) -> Client:
    """An admin's, for whom an exception is an answer with the status 500."""
    an_api(an_account(), "orders", {"AllowOrigins": ["https://a.example"]})
    client = Client(raise_request_exception=False)
    client.force_login(admin)
    return client


def test_in_the_path_of_a_page(browser: Client) -> None:
    addresses = [path for path in every_address(get_resolver().url_patterns) if _NUMBER.search(path)]
    assert len(addresses) > 30
    for address in addresses:
        for number in HUGE:
            path = _NUMBER.sub(number, address)
            for answer in (browser.get(path), browser.post(path)):
                assert answer.status_code < 500, (address, len(number))


@pytest.mark.once
def test_in_the_query_of_a_page(bare_pages: None, browser: Client) -> None:
    failed, asked = failures(browser, "get")
    assert {("/changes/", "api"), ("/changes/", "page"), ("/incidents/", "state"), ("/compare/", "api")} <= asked
    assert failed == set()


@pytest.mark.once
def test_in_the_forms_of_a_page(bare_pages: None, browser: Client) -> None:
    failed, asked = failures(browser, "post")
    assert {("/sync/", "next"), ("/bulk/", "verb"), ("/accounts/add/", "name")} <= asked
    assert failed == set()


@pytest.mark.parametrize("path", ["-1", "9" * 5000, "sync", "sync/", ".", "//evil.example/", "https://evil.example/"])
def test_a_next_that_is_no_page_of_ours_is_left_out(browser: Client, path: str) -> None:
    answer = browser.post("/sync/", {"next": path})
    assert re.fullmatch(r"/sync/\d+/", answer["Location"])
    assert browser.post("/sync/", {"next": "/changes/?page=2"})["Location"] == "/changes/?page=2"


@pytest.mark.once
def test_in_rest(browser: Client, admin: User) -> None:
    """In the path, in the query and, as a bare JSON number, in the body of every operation."""
    headers = {"Authorization": f"Bearer {tokens.create(admin, 'x')[1]}"}
    document = browser.get("/api/v1/openapi.json").json()
    failed = set()
    for address, item in document["paths"].items():
        for method, operation in item.items():
            for number in HUGE:
                # A path of 5000 digits is refused as any other page that is not there.
                path = _NUMBER.sub(number, address)
                answers = [browser.generic(method, path, headers=headers)]
                queried = [one["name"] for one in operation.get("parameters", []) if one["in"] == "query"]
                for name in queried:
                    answers.append(
                        browser.generic(method, _NUMBER.sub("1", address), headers=headers, query_params={name: number})
                    )
                if "requestBody" in operation:
                    fields = _fields(document, operation)
                    for body in [number, *(f'{{"{name}": {number}}}' for name in fields)]:
                        answers.append(
                            browser.generic(
                                method, _NUMBER.sub("1", address), body, "application/json", headers=headers
                            )
                        )
                failed |= {(method, address, number[:20]) for answer in answers if answer.status_code >= 500}
    assert failed == set()


def _fields(document: Any, operation: Any) -> list[str]:
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    named = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return list(named.get("properties", {}))
