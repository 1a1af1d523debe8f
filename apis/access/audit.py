"""The audit log: what people did that is no Change of an API. Rows are only ever added."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apis.access.models import AuditEvent

_serving: ContextVar[HttpRequest | None] = ContextVar("serving", default=None)
"""The request that is being served, so that a verb need not know of it; None in tasks and commands."""

type By = HttpRequest | AbstractBaseUser | AnonymousUser | None


def record(by: By, action: str, target: object = "", **detail: Any) -> AuditEvent:
    """Note that someone did `action` to `target`.

    `by` is a person, the request of one, or None for corsdash itself. While a request is served, its caller's address
    is noted too. `detail` must be JSON and never holds a secret.
    """
    request = by if isinstance(by, HttpRequest) else _serving.get()
    user = getattr(by, "user", None) if isinstance(by, HttpRequest) else by
    known = user if isinstance(user, User) else None
    name = known.get_username() if known else ("no one signed in" if isinstance(by, HttpRequest) else "corsdash")
    return AuditEvent.objects.create(
        actor=known,
        actor_name=name[:150],
        action=action[:60],
        target=str(target).replace("\0", "")[:200],
        address=address_of(request) if request else None,
        detail=detail,
    )


@contextmanager
def serving(request: HttpRequest) -> Iterator[None]:
    """Note the caller's address with everything that is recorded inside."""
    token = _serving.set(request)
    try:
        yield
    finally:
        _serving.reset(token)


def address_of(request: HttpRequest) -> str | None:
    """Return the caller's IP address, by the same rule that sign-in limits go by; None when the server knows none."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None
