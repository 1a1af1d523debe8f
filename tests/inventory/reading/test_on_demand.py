"""Reads that no one waits for: once a minute for each API, in the background, and not after someone else's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from redis import Redis

from apis.demo.serve import Demo
from apis.inventory import tasks
from apis.inventory.models import HttpApi
from apis.inventory.reading import on_demand
from tests.support.mirrored import account, api

__all__ = ["account", "api"]


@pytest.fixture(autouse=True)
def empty(broker: Redis) -> Iterator[None]:
    """No one was asked for anything yet."""
    on_demand.forget_requests()
    broker.flushdb()
    yield
    broker.flushdb()


def test_many_looks_at_configure_are_one_read_in_the_background(
    api: HttpApi, viewer: User, client: Client, broker: Redis
) -> None:
    client.force_login(viewer)
    for _ in range(20):
        assert client.get(f"/apis/{api.pk}/configure/").status_code == 200
    [message] = [json.loads(one) for one in broker.lrange("background", 0, -1)]
    assert message["headers"]["task"].endswith("refresh_in_background")
    assert message["headers"]["expires"]
    assert [broker.llen(queue) for queue in ("celery", "interactive", "requested")] == [0, 0, 0]


def calls_of(demo: Demo, api: HttpApi) -> list[Any]:
    """What AWS was asked about it."""
    return [call for call in demo.calls if call.api == api.api_id]


def test_what_was_read_meanwhile_is_not_read_again(api: HttpApi, demo: Demo) -> None:
    asked_at = timezone.now().timestamp()
    tasks.refresh_in_background(api.pk, asked_at)
    seen = len(calls_of(demo, api))
    assert seen > 0
    tasks.refresh_in_background(api.pk, asked_at)
    tasks.details([api.pk])
    assert len(calls_of(demo, api)) == seen


def test_a_live_read_serves_all_who_asked_before_it(api: HttpApi, demo: Demo) -> None:
    asked_at = timezone.now().timestamp()
    tasks.read_live(api.pk, asked_at)
    seen = len(calls_of(demo, api))
    tasks.read_live(api.pk, asked_at)
    assert len(calls_of(demo, api)) == seen
    tasks.read_live(api.pk, timezone.now().timestamp())
    assert len(calls_of(demo, api)) == seen + 1
