"""The demo's own tests."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from tests.demo.clients import control


@pytest.fixture
def aws(demo: Demo) -> Any:
    """The control plane in us-east-1, first account."""
    return control(demo)


@pytest.fixture
def faults(demo: Demo) -> Iterator[Faults]:
    """What is to go wrong; all is well again afterwards."""
    yield demo.faults
    demo.faults.clear()
