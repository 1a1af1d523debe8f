"""Growing delays after failed sign-ins: for an address and for a user name apart, whatever the request's Host says.

A browser in which the person has signed in before has a counter of its own, so that no one can lock a person out by
trying wrong passwords elsewhere (OWASP's device cookies).
"""

from __future__ import annotations

import ipaddress
import math
import secrets
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core import signing
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import salted_hmac

from apis.access import audit
from apis.access.models import SignInTries

COOKIE = "corsdash_known"
COOKIE_AGE = timedelta(days=180)
FORGET = timedelta(minutes=15)
"""How long after the last failure and its delay the count begins again."""

_SALT = "corsdash known browser"


@dataclass(frozen=True, slots=True)
class Limit:
    """So many failures are free; the next attempt waits `first_s`, and twice as long after each further failure."""

    words: str
    free: int
    longest_s: int
    first_s: int = 5

    def delay(self, count: int) -> timedelta:
        """Return how long to wait after `count` failures."""
        if count < self.free:
            return timedelta(0)
        return timedelta(seconds=min(self.first_s * 2 ** min(count - self.free, 20), self.longest_s))


ADDRESS = Limit("from this address", free=5, longest_s=300)
NAME = Limit("for this user name", free=20, longest_s=60)
BROWSER = Limit("from this browser", free=5, longest_s=60)


class TooManyTries(Exception):
    """Wait `seconds` before the next attempt."""

    def __init__(self, limit: Limit, seconds: int) -> None:
        wait = f"{seconds} second{'s' if seconds != 1 else ''}"
        super().__init__(f"Too many failed sign-ins {limit.words}. Wait {wait}, then try again.")
        self.seconds = seconds


def begin(request: HttpRequest, name: str) -> None:
    """Count an attempt as failed until `succeed` says otherwise, so that parallel attempts count. Raises TooManyTries.

    An attempt that is refused is not counted: it makes no one wait longer.
    """
    now = timezone.now()
    with transaction.atomic():
        rows = [(limit, _row(key, now)) for key, limit in sorted(_keys(request, name).items())]
        for limit, row in rows:
            # A longer wait was set by a clock that has been set back since.
            if row.count >= limit.free and now < row.until <= now + timedelta(seconds=limit.longest_s):
                raise TooManyTries(limit, math.ceil((row.until - now).total_seconds()))
        for limit, row in rows:
            row.count = row.count + 1 if now < row.until + FORGET else 1
            row.until = now + limit.delay(row.count)
            row.save(update_fields=["count", "until"])


def succeed(request: HttpRequest, name: str) -> None:
    """Undo the count of `begin`. An address keeps its failures: an attacker may have an account of their own."""
    now = timezone.now()
    with transaction.atomic():
        for key, limit in sorted(_keys(request, name).items()):
            row = _row(key, now)
            row.count = max(row.count - 1, 0) if limit is ADDRESS else 0
            row.until = now
            row.save(update_fields=["count", "until"])
        SignInTries.objects.filter(until__lt=now - FORGET).delete()


def within_rate(request: HttpRequest, what: str, per_minute: int) -> bool:
    """Count a request of this address; False when it sent more than `per_minute` within this minute."""
    minute = int(time.time() // 60)
    key = _hash(f"rate {what} {minute} {_network(audit.address_of(request))}")
    cache.add(key, 0, timeout=120)
    try:
        return cache.incr(key) <= per_minute
    except ValueError:
        # It was culled from the cache meanwhile.
        return True


def remember(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    """Let this browser be known as one in which the person has signed in."""
    known = _known(request)
    number = known["id"] if known and known["user"] == user.pk else secrets.token_urlsafe(12)
    response.set_cookie(
        COOKIE,
        signing.dumps({"user": user.pk, "id": number}, salt=_SALT),
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _keys(request: HttpRequest, name: str) -> dict[str, Limit]:
    """Return what an attempt counts for. Names are kept as hashes: people type passwords into the wrong box."""
    known = _known(request)
    if known and User.objects.filter(pk=known["user"], username__iexact=name).exists():
        return {_hash(f"browser {known['id']}"): BROWSER}
    return {
        _hash(f"address {_network(audit.address_of(request))}"): ADDRESS,
        _hash(f"name {name.strip().casefold()}"): NAME,
    }


def _known(request: HttpRequest) -> dict[str, Any] | None:
    try:
        known = signing.loads(request.COOKIES.get(COOKIE, ""), salt=_SALT, max_age=COOKIE_AGE)
    except signing.BadSignature:
        return None
    return known if isinstance(known, dict) else None


def _network(address: str | None) -> str:
    """Return the address, or the /64 network of an IPv6 one: its owner has all of it."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network(f"{found}/64", strict=False))


def _hash(text: str) -> str:
    return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()


def _row(key: str, now: datetime) -> SignInTries:
    """Return the locked row of a key."""
    row, _ = SignInTries.objects.select_for_update().get_or_create(key=key, defaults={"until": now})
    return row
