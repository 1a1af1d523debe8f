"""Fixtures that every room's tests may use. Each stands on the real thing: a broker, a demo AWS, a browser."""

from __future__ import annotations

import gc

import pytest
from hypothesis import settings

# How long an example takes says more about the machine than about the code.
settings.register_profile("corsdash", deadline=None)
settings.load_profile("corsdash")


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays to the end: leave it out of each later search for garbage."""
    gc.collect()
    gc.freeze()


pytest_plugins = [
    "tests.support.servers",
    "tests.support.worker",
    "tests.support.people",
    "tests.support.sinks",
    "tests.support.browser",
    "tests.support.up",
]
