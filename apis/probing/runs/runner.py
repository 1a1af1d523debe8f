"""Run probes: make the calls and store what came of them. The database may be unreachable."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from apis.jobs.bulk_reads import Given, among
from apis.jobs.compiled_reads import CompiledObjects
from apis.outbound import Guard, from_settings
from apis.probing.models import CALL, Probe, Result
from apis.probing.runs import connectivity, schedule
from apis.probing.runs.calls import Outcome, headers_of, make_calls, request_of, url_of
from apis.probing.runs.storage import store

__all__ = ["NotStored", "headers_of", "note_not_run", "request_of", "run", "store", "url_of"]

log = logging.getLogger(__name__)

PATIENCE_S = 20
"""Seconds for which a database that cannot be reached, or is locked, is tried again."""

_USED = (
    *CALL, "secret", "interval", "due_at", "api__endpoint", "api__name", "api__account_id", "api__region",
    "api__disable_execute_api_endpoint", "api__stages", "api__domains", "api__current_id",
)  # fmt: skip
_PROBES = CompiledObjects(Probe, lambda: Probe.objects.filter(among("pk", Given("ids"))).order_by("pk"), _USED)


class NotStored(Exception):
    """The database could not be reached, so nothing of these runs was kept."""

    def __init__(self, at: datetime) -> None:
        super().__init__("The results of probes could not be stored: the database cannot be reached.")
        self.at = at


def run(
    ids: Iterable[int], cause: str = "schedule", guard: Guard | None = None, start: int | None = None
) -> list[Result]:
    """Run these probes now, many at once, and store what came of them; `cause` says who asked (see Result.cause).

    `start` is the Unix time for which the schedule claimed them: a probe whose next run is due already, or claimed, is
    left to that run. Two runs in one moment, as from a message that waited while no worker ran, would count twice.

    Raises NotStored when the database stays away.
    """
    at = timezone.now()
    wanted = set(ids)
    probes = _retry_database(lambda: _load(wanted), at)
    at = timezone.now()
    if start is not None:
        probes = [probe for probe in probes if not schedule.is_superseded(probe, start, at)]
    guard = guard or from_settings()
    outcomes = make_calls(probes, guard, reads_certificates=cause != "schedule")
    connected = _retry_database(lambda: connectivity.is_connected(probes, outcomes, guard), at)
    if connected is False:
        outcomes = connectivity.without_network(outcomes)
    lacks = Counter(outcome.lack for outcome in outcomes if outcome.lack)
    if lacks:
        named = ", ".join(f"{lack} {count}" for lack, count in sorted(lacks.items()))
        log.warning("%s of %s probes were not run: %s", lacks.total(), len(probes), named)
    _retry_database(lambda: connectivity.note(connected, at), at)
    return _retry_database(lambda: store(probes, outcomes, at, cause), at)


def note_not_run(ids: Iterable[int], at: datetime, cause: str) -> list[Result]:
    """Store that these probes were not run then because the database was away."""
    probes = _load(ids)
    return store(probes, [Outcome.not_run("database") for _ in probes], at, cause)


def _load(ids: Iterable[int]) -> list[Probe]:
    return list(_PROBES.read(ids=ids))


def _retry_database[T](work: Callable[[], T], at: datetime) -> T:
    """Retry for a limited time while the database is unreachable."""
    end, pause = time.monotonic() + PATIENCE_S, 0.2
    while True:
        try:
            return work()
        except (OperationalError, InterfaceError) as error:
            if connection.in_atomic_block:
                raise
            connection.close()
            if time.monotonic() + pause > end:
                raise NotStored(at) from error
            time.sleep(pause)
            pause = min(pause * 2, 3)
