"""Asking the API as several people in one test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from tests.rest.conftest import Program

type Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(program: Callable[[User], Program]) -> Ask:
    """`ask(user, "POST", "proposals/1/approve", text="…")`: the answer's status and JSON."""
    made: dict[int, Program] = {}

    def call(user: User, method: str, path: str, **body: Any) -> tuple[int, Any]:
        if user.pk not in made:
            made[user.pk] = program(user)
        reply = made[user.pk].call(method, path, body if method != "GET" else None)
        return reply.status, reply.json

    return call
