"""`manage.py token`."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from apis.access import tokens
from apis.access.models import ApiToken


def test_prints_a_token_that_works_once_made(admin: User) -> None:
    """It is the person's, has the name given, and is kept only as a hash."""
    out = StringIO()
    call_command("token", "ada", "--name", "deploys", stdout=out)
    plain = out.getvalue().strip()
    assert tokens.authenticate(plain) == admin
    token = ApiToken.objects.get()
    assert token.name == "deploys"
    assert plain not in str(vars(token))


def test_an_unknown_user(admin: User) -> None:
    """The message names those there are."""
    with pytest.raises(CommandError, match=r"there is no user 'bob'; users: ada"):
        call_command("token", "bob")
