"""Editing as the panel does it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from apis.cors.policy import CorsPolicy
from apis.editing.apply import applying
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi
from tests.support.mirrored import START, account, api, faults, live, outside, soon_again

__all__ = ["START", "account", "api", "faults", "live", "outside", "soon_again"]


@pytest.fixture
def edit(api: HttpApi, editor: User) -> Callable[..., Change]:
    """Edit the API: begin, then carry out. Give fields by AWS's names, or `off=True`."""

    def change(off: bool = False, note: str = "", guard: bool = False, **fields: Any) -> Change:
        api.refresh_from_db()
        proposed = CorsPolicy.off() if off else CorsPolicy.from_aws(fields)
        author = Author(Change.Kind.PANEL, user=editor, note=note, guard=guard)
        return applying.carry_out(applying.begin(api, proposed, api.version, author))

    return change
