"""When the certificates of sites end, as handshakes showed it: reading that takes more than a tenth of a call."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime, timedelta

from apis.outbound.target import Site

REMEMBERED_S = 3600
_SITES = 10_000


class CertificateDates:
    """Remembers per site when its certificate ends, for all threads of a process.

    A date is at most `remembered_s` old when a call with `certificate_days` gets it: a new certificate is seen by then.
    One that ends within those days is read at each handshake, so that its renewal is seen at once.
    """

    def __init__(self, remembered_s: float = REMEMBERED_S) -> None:
        self._remembered_s = remembered_s
        self._known: dict[Site, tuple[datetime, float]] = {}

    def is_enough(self, site: Site, days: int | None) -> bool:
        """Return whether a call that needs the certificate to last so many days need not read it; None: read it."""
        expires, read_at = self._known.get(site, (None, -math.inf))
        if days is None or expires is None or time.monotonic() - read_at >= self._remembered_s:
            return False
        return expires > datetime.now(UTC) + timedelta(days=days)

    def add(self, site: Site, expires: datetime) -> None:
        """Remember what a handshake showed just now."""
        if len(self._known) >= _SITES:
            self._known.clear()
        self._known[site] = (expires, time.monotonic())

    def get(self, site: Site) -> datetime | None:
        """Return when the site's certificate ends, as read last."""
        expires, _ = self._known.get(site, (None, 0.0))
        return expires


# One for the process, so that its threads share what is known.
SHARED_DATES = CertificateDates()
