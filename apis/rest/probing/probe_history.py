"""A probe's history: availability, buckets of runs and the events among them."""

from __future__ import annotations

from typing import Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import ConfigDict

from apis.probing.history.availability import History as ProbeHistory
from apis.probing.history.availability import load_history
from apis.rest.api import ERRORS
from apis.rest.probing.probes import find_probe
from apis.rest.schemas import Answer, Time

router = Router(tags=["probes"])


class Bucket(Answer):
    """What came of the runs in a stretch of `seconds` from `at` on. `runs` is `passed` and `failed` together.

    `maintenance` counts the runs in maintenance windows; no other count, and not the availability, includes them.
    `late` scheduled runs started over 5 seconds after they were due; `missed` ones did not happen.
    `p50` and `p95` are milliseconds of all calls of a run, within 2.5 %; null where no answer came.
    """

    at: Time
    seconds: int
    runs: int
    passed: int
    failed: int
    not_run: int
    maintenance: int
    late: int
    missed: int
    p50: float | None
    p95: float | None


class HistoryEvent(Answer):
    """What happened on the same time axis; `id` is that of the change, deployment, incident or flip."""

    at: Time
    kind: Literal["change", "drift", "deployment", "incident", "flip"]
    id: int
    summary: str


class History(Answer):
    """`availability` is the share of runs that passed, from 0 to 1, null without runs. Both lists are oldest first.

    The buckets have no gaps. Of each kind of event the newest 200 are named.
    """

    availability: float | None
    buckets: list[Bucket]
    events: list[HistoryEvent]


class HistoryRange(Schema):
    """How far back."""

    model_config = ConfigDict(extra="forbid")

    range: Literal["24h", "7d", "30d", "90d", "1y"] = "24h"


@router.get("probes/{int:pk}/history", response={200: History, **ERRORS})
def read_history(request: HttpRequest, pk: int, query: Query[HistoryRange]) -> ProbeHistory:
    """A probe's history over the last 24 hours, 7, 30 or 90 days, or year."""
    return load_history(find_probe(pk), query.range)
