"""Fixtures that every room's tests may use. Each stands on the real thing: a broker, a demo AWS, a browser."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pytest_django.plugin import DjangoDbBlocker

from tests.support.postgres import delete_instead_of_truncate

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
    watches = (
        ("apis.rest.health", "database"),
        ("apis.rest.health", "full"),
        ("apis.jobs.queue", "watch"),
        ("apis.alerting.alerts.scheduler_health", "watch"),
    )
    for module, name in watches:
        if module in sys.modules:
            getattr(sys.modules[module], name).stop()


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the test database as the product makes a new one: at once, not migration by migration."""
    from django.conf import settings
    from django.db import connection

    from apis.management.up import schema

    # The steps of its create_test_db, which would apply the migrations.
    creation: Any = connection.creation
    real = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        creation._create_test_db(verbosity=0, autoclobber=True)
        connection.close()
        name = creation._get_test_db_name()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        schema.bring_up_to_date()
        if connection.vendor == "postgresql":
            delete_instead_of_truncate(connection)
        yield
        creation.destroy_test_db(real, verbosity=0)


pytest_plugins = [
    "tests.support.servers",
    "tests.support.worker",
    "tests.support.people",
    "tests.support.sinks",
    "tests.support.browser",
    "tests.support.up",
]
