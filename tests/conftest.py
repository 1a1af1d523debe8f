"""Fixtures that every room's tests may use. Each stands on the real thing: a broker, a demo AWS, a browser."""

from __future__ import annotations

pytest_plugins = [
    "tests.support.servers",
    "tests.support.worker",
    "tests.support.people",
    "tests.support.sinks",
    "tests.support.browser",
    "tests.support.up",
]
