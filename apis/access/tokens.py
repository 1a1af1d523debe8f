"""API tokens: `cd_` and 40 random characters. Only their SHA-256 is kept, which suffices for 240 random bits."""

from __future__ import annotations

import hashlib
import secrets
import threading
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from apis.access import audit
from apis.access.models import ApiToken
from apis.jobs.database import waiting_at_most

PREFIX = "cd_"
SHOWN = 8
# A busy program must not turn every call into a write.
USE_NOTED_EVERY = timedelta(minutes=1)
_here = threading.local()
"""`use`: of the token of the request that this thread answers, its id and when, where that is to be stored."""


def create(user: User, name: str, days: int | None = None, purpose: str = ApiToken.Purpose.API) -> tuple[ApiToken, str]:
    """Make a token for a person; returns its row and the token itself, which can never be read again.

    It is good for `days`, or until it is revoked, and for one purpose alone.
    """
    plain = PREFIX + secrets.token_urlsafe(30)
    name = name.strip()[:100] or "unnamed"
    ends = timezone.now() + timedelta(days=days) if days else None
    row = ApiToken.objects.create(
        user=user, name=name, prefix=plain[:SHOWN], digest=_digest(plain), expires_at=ends, purpose=purpose
    )
    audit.record(user, "created an API token", row, purpose=purpose, expires=ends and ends.isoformat())
    return row, plain


def authenticate(plain: str, purpose: str = ApiToken.Purpose.API) -> User | None:
    """Return the person whose token this is.

    None when it is unknown, revoked, expired or for another purpose, or when the person may not sign in.
    """
    if not plain.startswith(PREFIX):
        return None
    token = (
        ApiToken.objects.filter(digest=_digest(plain), purpose=purpose, revoked_at=None).select_related("user").first()
    )
    if token is None or token.has_expired or not token.user.is_active:
        return None
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at <= now - USE_NOTED_EVERY:
        _here.use = (token.pk, now)
    user: User = token.user
    return user


def note_use(**_: Any) -> None:
    """Store that a token was used, once its request is answered; while others write, leave it to the next use."""
    pk, now = getattr(_here, "use", None) or (0, timezone.now())
    _forget_use()
    if not pk:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    with suppress(DatabaseError), waiting_at_most(0.001), transaction.atomic():
        ApiToken.objects.filter(stale, pk=pk).update(last_used_at=now)
    if not connection.in_atomic_block:
        # As Django did before, at the same signal.
        close_old_connections()


def _forget_use(**_: Any) -> None:
    _here.use = None


request_started.connect(_forget_use, dispatch_uid="forget_token_use")
request_finished.connect(note_use, dispatch_uid="note_token_use")


def revoke(token: ApiToken, by: User | None) -> bool:
    """Revoke a token for good; False when it had been revoked already."""
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
        return False
    audit.record(by, "revoked an API token", token, owner=token.user.get_username())
    return True


def live(user: User) -> QuerySet[ApiToken]:
    """Return the tokens of a person that work."""
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return ApiToken.objects.filter(unexpired, user=user, revoked_at=None)


def revoke_all(user: User) -> int:
    """End every token of a person; returns how many were live."""
    return ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
