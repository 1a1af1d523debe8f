"""Fixtures that every room's tests may use. Each stands on the real thing: a broker, a demo AWS, a browser."""

from __future__ import annotations

import gc
import sys

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes, or its making, says more about the machine than about the code.
settings.register_profile("corsdash", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("corsdash")


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded by now stays to the end: leave it out of each later search for garbage."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """Stop the background checks that a test began: they must not ask its database once that is gone."""
    for module, names in (("apis.rest.health", ("database", "full")), ("apis.jobs.queue", ("watch",))):
        for name in names if module in sys.modules else ():
            getattr(sys.modules[module], name).stop()


pytest_plugins = [
    "tests.support.servers",
    "tests.support.worker",
    "tests.support.people",
    "tests.support.sinks",
    "tests.support.browser",
    "tests.support.up",
]
