"""Compare an API's CORS responses at its addresses: execute-api with each stage, and custom domains."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from apis.cors.exchange import Answer, Exchange
from apis.inventory.lint_context import base_urls
from apis.probing.models import Probe

MOST_HOSTS = 20
"""Addresses that one run calls, the probe's own included."""
PATIENCE_S = 20.0
"""Seconds that all other addresses of one probe may take together."""
_PREFIX = "access-control-"
_LISTS = frozenset(f"{_PREFIX}{name}" for name in ("allow-headers", "allow-methods", "expose-headers"))
_NAMES = frozenset(f"{_PREFIX}{name}" for name in ("allow-headers", "expose-headers"))
_NONE = "none"


class Difference(NamedTuple):
    """What one address answers otherwise: a header of one leg, with the value here and the value there."""

    base_url: str
    what: str
    here: str
    there: str


def own_address(probe: Probe) -> str:
    """Return the address that a probe calls, without its path."""
    return probe.base_url or next(iter(base_urls(probe.api)), "")


def other_addresses(probe: Probe) -> list[str]:
    """Return the addresses with which a probe compares its own."""
    own = own_address(probe)
    return [base for base in base_urls(probe.api) if base != own][: MOST_HOSTS - 1]


def calls_of(probe: Probe) -> int:
    """Return how many addresses one run of a probe calls."""
    return 1 + len(other_addresses(probe)) if probe.same_on_every_host else 1


def difference(base_url: str, here: Exchange, there: Exchange) -> Difference | None:
    """Return the first CORS header that differs at another address; None where all are the same.

    Lists are compared without regard to order, and header names without regard to case.
    """
    return next(_differences(base_url, here, there), None)


def _differences(base_url: str, here: Exchange, there: Exchange) -> Iterator[Difference]:
    legs = (("preflight", here.preflight, there.preflight), ("response", here.response, there.response))
    for leg, one, other in legs:
        if one is None and other is None:
            continue
        if one is None or other is None:
            # Sent only after a preflight that allows it.
            shown = (_NONE if answer is None else str(answer.status) for answer in (one, other))
            yield Difference(base_url, leg, *shown)
            continue
        for name in sorted(_cors_names(one) | _cors_names(other)):
            values = one.get(name), other.get(name)
            if _meaning(name, values[0]) != _meaning(name, values[1]):
                shown = (_NONE if value is None else value for value in values)
                yield Difference(base_url, f"{_title(name)} of the {leg}", *shown)
        if leg == "preflight" and _is_ok(one) != _is_ok(other):
            yield Difference(base_url, "status of the preflight", str(one.status), str(other.status))


def _cors_names(answer: Answer) -> set[str]:
    return {name for name in answer.names if name.startswith(_PREFIX)}


def _meaning(name: str, value: str | None) -> str | Sequence[str] | None:
    if value is None or name not in _LISTS:
        return value
    parts = {part.strip() for part in (value.lower() if name in _NAMES else value).split(",")}
    return sorted(parts - {""})


def _title(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _is_ok(answer: Answer) -> bool:
    return 200 <= answer.status < 300
