"""Reaches to the demo AWS, each with a budget of its own and in no hurry to be slow."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apis.aws import Reach
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from tests.demo.clients import new_api

FAST = 1000.0
ROLE = "arn:aws:iam::210987654321:role/corsdash-demo"


@pytest.fixture
def reach(demo: Demo, db: None) -> Reach:
    """The demo's first account."""
    return Reach(f"test-{uuid.uuid4()}", endpoint_url=demo.endpoint, calls_per_s=FAST, trusted=True)


@pytest.fixture
def partner(demo: Demo, db: None) -> Reach:
    """The demo's second account, by its role."""
    key = f"test-{uuid.uuid4()}"
    return Reach(
        key, "role", role_arn=ROLE, external_id="shared", endpoint_url=demo.endpoint, calls_per_s=FAST, trusted=True
    )


@pytest.fixture
def api(demo: Demo) -> Iterator[str]:
    """An API of this test's own in us-east-1."""
    with new_api(demo, "GET /items") as made:
        yield made


@pytest.fixture
def faults(demo: Demo) -> Iterator[Faults]:
    """What is to go wrong; all is well again afterwards."""
    yield demo.faults
    demo.faults.clear()


@pytest.fixture
def called(demo: Demo) -> Callable[[], list[Any]]:
    """The control-plane calls since the test began."""
    demo.calls.clear()
    return lambda: list(demo.calls)
