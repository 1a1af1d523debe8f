"""Programs that talk to the JSON API over HTTP, one for each role, and what they stand on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.access import tokens
from tests.support.mirrored import account, api, faults, live, outside

__all__ = ["account", "api", "faults", "live", "outside"]


@dataclass(frozen=True)
class Reply:
    """An answer: its status, headers and JSON."""

    status: int
    headers: Mapping[str, str]
    json: Any

    def good(self, status: int = 200) -> Any:
        """The JSON of a success."""
        assert self.status == status, self.json
        assert status == 204 or self.headers["Content-Type"].startswith("application/json")
        return self.json

    def problem(self, status: int, field: str | None = None) -> dict[str, Any]:
        """The problem document of a failure (RFC 9457), which blames `field` when one is given."""
        assert self.status == status, self.json
        assert self.headers["Content-Type"] == "application/problem+json"
        found: dict[str, Any] = self.json
        assert {"type", "title", "status", "detail"} <= found.keys()
        assert found["status"] == status
        assert found["detail"]
        if field is not None:
            assert field in [one["field"] for one in found["errors"]], found
            assert all(one["message"] for one in found["errors"])
        return found


class Program:
    """Calls the API with a person's token; paths are those under /api/v1/."""

    def __init__(self, token: str | None) -> None:
        self.token = token
        self._client = Client(raise_request_exception=False)

    def call(self, method: str, path: str, body: Any = None, raw: bytes | None = None, **headers: str) -> Reply:
        """One request; `body` goes as JSON, `raw` as it is."""
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        address = path if path.startswith("http") else f"/api/v1/{path}"
        if raw is None:
            raw = b"" if body is None else json.dumps(body).encode()
        answer = self._client.generic(method, address, raw, "application/json", headers=headers)
        notified = answer.json() if answer.content and "json" in answer["Content-Type"] else None
        return Reply(answer.status_code, answer.headers, notified)

    def get(self, path: str) -> Reply:
        """GET."""
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Reply:
        """POST."""
        return self.call("POST", path, body)

    def put(self, path: str, body: Any) -> Reply:
        """PUT."""
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Any) -> Reply:
        """PATCH."""
        return self.call("PATCH", path, body)

    def delete(self, path: str) -> Reply:
        """DELETE."""
        return self.call("DELETE", path)

    def pages(self, path: str) -> list[list[Any]]:
        """The pages of a list, each followed by its `next` until there is none."""
        found, at = [], path
        while at:
            body = self.get(at).good()
            assert body.keys() == {"items", "next"}
            found.append(body["items"])
            assert len(found) < 50, "the list has no end"
            at = body["next"]
        return found


@pytest.fixture
def queued() -> None:
    """Published tasks wait, as no one carries them out."""


@pytest.fixture(autouse=True)
def in_line(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Published tasks are carried out at once, in the test's own transaction, unless it has a worker or `queued`."""
    from corsdash.celery import app

    if not {"worker", "queued"} & set(request.fixturenames):
        monkeypatch.setitem(app.conf, "task_always_eager", True)


@pytest.fixture
def program() -> Callable[[User | None], Program]:
    """Makes a program with a token of someone, or without one."""

    def make(user: User | None) -> Program:
        return Program(tokens.create(user, "test")[1] if user else None)

    return make


@pytest.fixture
def reader(program: Callable[[User], Program], viewer: User) -> Program:
    """A program that may look."""
    return program(viewer)


@pytest.fixture
def writer(program: Callable[[User], Program], editor: User) -> Program:
    """A program that may change APIs."""
    return program(editor)


@pytest.fixture
def ruler(program: Callable[[User], Program], admin: User) -> Program:
    """A program that may do all."""
    return program(admin)
