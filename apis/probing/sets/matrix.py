"""Which calls of an API are watched: origins, methods and hosts, with the state of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apis.cors.policy import CorsPolicy
from apis.inventory.lint_context import base_urls, routes_of
from apis.inventory.models import HttpApi
from apis.probing.history.history import by_trouble
from apis.probing.models import Probe, Result
from apis.probing.runs.last_results import load_last_results
from apis.probing.sets.suggestions import calls_of

MOST_HOSTS, MOST_ORIGINS = 20, 100


@dataclass(frozen=True, slots=True)
class Cell:
    """The probes of one call, those in trouble first; none when no one watches it."""

    method: str
    probes: list[Probe]


@dataclass(frozen=True, slots=True)
class Row:
    """One origin, and whether the configuration lists it."""

    origin: str
    listed: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Host:
    """The calls to one address of the API."""

    base_url: str
    methods: list[str]
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The calls at every address, and how many of them are watched; `left_out` counts origins beyond the limit."""

    hosts: list[Host]
    calls: int
    watched: int
    left_out: int


def matrix_of(api: HttpApi) -> Matrix:
    """Return the calls that listed origins can make, and all others that probes make; four queries at most.

    Methods are those that routes serve and those of probes. At most 20 addresses and 100 origins are returned.
    """
    known = base_urls(api)
    main = known[0] if known else ""
    probes: dict[tuple[str, str, str], list[Probe]] = {}
    rows = list(by_trouble(Probe.objects.filter(api=api)))
    load_last_results(rows, Result.objects.all())
    for probe in rows:
        own = probe.base_url or main
        for base in {own, *known} if probe.same_on_every_host else {own}:
            probes.setdefault((base, probe.origin, probe.method), []).append(probe)
    listed = _listed(api.policy)
    origins = _unique([*listed, *sorted(origin for _, origin, _ in probes)])
    bases = _unique([*known, *sorted(base for base, _, _ in probes)])[:MOST_HOSTS]
    served = [call.method for call in calls_of(api.policy, routes_of(api), bases)] if bases else []
    methods = _unique([*served, *sorted(method for _, _, method in probes)])
    hosts = [
        Host(
            base, methods, [_row(base, origin, methods, origin in listed, probes) for origin in origins[:MOST_ORIGINS]]
        )
        for base in bases
    ]
    cells = [cell for host in hosts for row in host.rows for cell in row.cells]
    return Matrix(hosts, len(cells), sum(bool(cell.probes) for cell in cells), max(0, len(origins) - MOST_ORIGINS))


def _row(
    base: str, origin: str, methods: Sequence[str], listed: bool, probes: dict[tuple[str, str, str], list[Probe]]
) -> Row:
    return Row(origin, listed, [Cell(method, probes.get((base, origin, method), [])) for method in methods])


def _listed(policy: CorsPolicy) -> list[str]:
    """Return the exact origins that the configuration allows."""
    return [entry for entry in policy.allow_origins if policy.on and "*" not in entry and "://" in entry]


def _unique(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
