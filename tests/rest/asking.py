"""Asking the API as somebody."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.access import tokens

type Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(client: Client) -> Ask:
    """`ask(user, "POST", "proposals/1/approve", text="…")`: the answer's status and JSON."""
    made: dict[int, str] = {}

    def call(user: User, method: str, path: str, **body: Any) -> tuple[int, Any]:
        if user.pk not in made:
            made[user.pk] = tokens.create(user, "test")[1]
        answer = client.generic(
            method,
            f"/api/v1/{path}",
            json.dumps(body) if method != "GET" else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {made[user.pk]}"},
        )
        return answer.status_code, answer.json()

    return call
