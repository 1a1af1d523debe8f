"""The audit log: what people did that is no Change of an API. Rows are only ever added."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from apis.access.models import AuditEvent

type By = HttpRequest | AbstractBaseUser | AnonymousUser | None


def record(by: By, action: str, target: object = "", **detail: Any) -> AuditEvent:
    """Note that someone did `action` to `target`.

    `by` is the request (its person and address are noted), a person, or None for corsdash itself. `detail` must be
    JSON and never holds a secret.
    """
    request = by if isinstance(by, HttpRequest) else None
    user = getattr(request, "user", None) if request else by
    known = user if isinstance(user, User) else None
    name = known.get_username() if known else ("nobody signed in" if request else "corsdash")
    return AuditEvent.objects.create(
        actor=known,
        actor_name=name[:150],
        action=action[:60],
        target=str(target).replace("\0", "")[:200],
        address=address_of(request) if request else None,
        detail=detail,
    )


def address_of(request: HttpRequest) -> str | None:
    """The caller's IP address, by the same rule that sign-in limits go by; None when the server knows none."""
    try:
        return str(get_adapter(request).get_client_ip(request))
    except PermissionDenied:
        return None
