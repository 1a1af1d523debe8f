"""People who are signed in, one for each role."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.access import roles
from apis.access.roles import Role

PASSWORD = "correct horse battery"


def person(name: str, role: Role) -> User:
    """A person with a role and the password PASSWORD."""
    user = User.objects.create_user(name, password=PASSWORD)
    roles.give(user, role)
    return user


@pytest.fixture
def admin(db: None) -> User:
    """Someone who may do all."""
    return person("ada", Role.ADMIN)


@pytest.fixture
def editor(db: None) -> User:
    """Someone who may change APIs."""
    return person("ed", Role.EDIT)


@pytest.fixture
def viewer(db: None) -> User:
    """Someone who may only look."""
    return person("vi", Role.VIEW)


@pytest.fixture
def signed_in(client: Client, admin: User) -> Client:
    """Django's test client, signed in as the admin."""
    client.force_login(admin)
    return client
