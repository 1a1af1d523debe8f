"""API tokens: `cd_` and 40 random characters. Only their SHA-256 is kept, which suffices for 240 random bits."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from apis.access.models import ApiToken

PREFIX = "cd_"
SHOWN = 8
# A busy program must not turn every call into a write.
USE_NOTED_EVERY = timedelta(minutes=1)


def create(user: User, name: str, days: int | None = None) -> tuple[ApiToken, str]:
    """Make a token for a person; returns its row and the token itself, which can never be read again.

    It is good for `days`, or until it is revoked.
    """
    plain = PREFIX + secrets.token_urlsafe(30)
    name = name.strip()[:100] or "unnamed"
    ends = timezone.now() + timedelta(days=days) if days else None
    row = ApiToken.objects.create(user=user, name=name, prefix=plain[:SHOWN], digest=_digest(plain), expires_at=ends)
    return row, plain


def authenticate(plain: str) -> User | None:
    """The person whose token this is; None when it is unknown, revoked or expired, or the person may not sign in."""
    if not plain.startswith(PREFIX):
        return None
    token = ApiToken.objects.filter(digest=_digest(plain), revoked_at=None).select_related("user").first()
    if token is None or token.has_expired or not token.user.is_active:
        return None
    now = timezone.now()
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
    ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    user: User = token.user
    return user


def revoke(token: ApiToken) -> bool:
    """End a token for good; False when it had been revoked already."""
    return bool(ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()))


def live(user: User) -> QuerySet[ApiToken]:
    """The tokens of a person that work."""
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return ApiToken.objects.filter(unexpired, user=user, revoked_at=None)


def revoke_all(user: User) -> int:
    """End every token of a person; returns how many were live."""
    return ApiToken.objects.filter(user=user, revoked_at=None).update(revoked_at=timezone.now())


def _digest(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()
