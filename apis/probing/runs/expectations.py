"""What a probe expects besides the verdict: readable headers, status, max-age, latency, certificate, hosts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from apis.cors.exchange import Exchange
from apis.probing.models import Probe, Result
from apis.probing.runs.calls import Outcome

DEFAULT_MAX_AGE = 5
"""Seconds for which browsers cache a preflight response without Access-Control-Max-Age (Fetch standard)."""
MOST_DIFFERENCES = 5
"""So many addresses that answer otherwise are named."""
LABELS = {
    "readable_headers": "Readable headers",
    "status": "Status",
    "min_max_age": "Access-Control-Max-Age",
    "max_latency": "Latency",
    "certificate_days": "Certificate",
    "same_on_every_host": "Same on every host",
}


class Unmet(NamedTuple):
    """An expectation that was not met: the probe's field, what it expects and what was observed."""

    field: str
    expected: str
    observed: str

    @property
    def label(self) -> str:
        """The expectation's name on pages."""
        return LABELS.get(self.field, self.field)


def unmet(probe: Probe, outcome: Outcome, at: datetime) -> list[Unmet]:
    """Return the expectations besides the verdict that an outcome does not meet; none where there was no response."""
    if outcome.error or outcome.exchange is None or outcome.verdict is None:
        return []
    return list(_unmet(probe, outcome, outcome.exchange, at))


def _unmet(probe: Probe, outcome: Outcome, exchange: Exchange, at: datetime) -> Iterator[Unmet]:
    assert outcome.verdict is not None
    missing = [name for name in probe.readable_headers if name.lower() not in outcome.verdict.exposed]
    if missing and exchange.response:
        yield Unmet("readable_headers", ", ".join(probe.readable_headers), f"not readable: {', '.join(missing)}")
    answer = exchange.response or exchange.preflight
    if probe.status and answer:
        low, high = status_range(probe.status)
        if not low <= answer.status <= high:
            yield Unmet("status", probe.status, str(answer.status))
    if probe.min_max_age is not None and exchange.preflight:
        observed = _max_age(exchange.preflight.get("access-control-max-age"))
        if observed < probe.min_max_age:
            yield Unmet("min_max_age", f"at least {probe.min_max_age} s", f"{observed} s")
    took = sum(leg.get("total", 0) for leg in outcome.timings.values())
    if probe.max_latency is not None and took >= probe.max_latency:
        yield Unmet("max_latency", f"below {probe.max_latency} ms", f"{took:.0f} ms")
    expires = outcome.certificate_expires
    if probe.certificate_days is not None and expires and expires < at + timedelta(days=probe.certificate_days):
        yield Unmet("certificate_days", f"valid for {probe.certificate_days} days", f"expires {expires:%Y-%m-%d}")
    for one in outcome.differences[:MOST_DIFFERENCES]:
        yield Unmet("same_on_every_host", f"{one.what}: {one.here}", f"{one.there} at {one.base_url}")


def unmet_expectations(result: Result) -> list[Unmet]:
    """Return the expectations besides the verdict that a stored result did not meet."""
    return [Unmet(*one) for one in result.unmet or ()]


def status_range(text: str) -> tuple[int, int]:
    """Return the first and the last status of "200" or "200-299". Raises ValueError."""
    low, dash, high = text.partition("-")
    first = _status(low)
    last = _status(high) if dash else first
    if last < first:
        raise ValueError(text)
    return first, last


def _status(text: str) -> int:
    if len(text) != 3 or not text.isascii() or not text.isdigit() or not 100 <= int(text) <= 599:
        raise ValueError(text)
    return int(text)


def _max_age(value: str | None) -> int:
    return int(value) if value and value.isascii() and value.isdigit() else DEFAULT_MAX_AGE
