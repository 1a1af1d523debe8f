"""People of every role, and browsers in which they are signed in."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.access import people, roles

PASSWORD = "correct horse battery"


def person(name: str, role: str) -> User:
    """Somebody with a password."""
    user = people.add(name, role)
    user.set_password(PASSWORD)
    user.save()
    return user


@pytest.fixture
def admin(db: None) -> User:
    """An admin."""
    return person("ada", roles.Role.ADMIN)


@pytest.fixture
def editor(db: None) -> User:
    """An editor."""
    return person("ed", roles.Role.EDIT)


@pytest.fixture
def viewer(db: None) -> User:
    """A viewer."""
    return person("vic", roles.Role.VIEW)


@pytest.fixture
def browser_of() -> Callable[[User], Client]:
    """Makes a browser in which somebody is signed in."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return make
