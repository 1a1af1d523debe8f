"""Probes and their results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status
from pydantic import Field

from apis.cors.explain import Cause
from apis.errors import InvalidInput
from apis.inventory.models import HttpApi
from apis.probing import probe_edits, tasks
from apis.probing.cause import CONFIGURATION, cause_of, causes_of
from apis.probing.models import Probe as ProbeRow
from apis.probing.models import Result as ResultRow
from apis.rest.api import ERRORS, allow
from apis.rest.exchanges import Exchange, FullVerdict
from apis.rest.paging import page
from apis.rest.problems import missing, queue_unreachable
from apis.rest.schemas import MOST_ID, Answer, Body, Listing, Page, Text, Time, absent

router = Router(tags=["probes"])
UNUSED_OF_LAST_RESULT = ("last_result__own_exchange", "last_result__own_verdict", "last_result__own_timings")


class ProbeFields(Body):
    """What a person may set of a probe."""

    origin: str
    name: str = ""
    method: str = "GET"
    base_url: str = ""
    path: str = "/"
    headers: list[str] = []
    credentials: bool = False
    expect: Literal["allowed", "blocked"] = "allowed"
    interval: int = 300
    failures: int = 2
    enabled: bool = True


class ProbeBody(ProbeFields):
    """A probe to make."""

    api: int


class ProbePatch(ProbeFields, partial=True):
    """What to change of a probe; what is left out stays as it is."""


class NamedCause(Answer):
    """Why a call failed, by the code that `explain` gives it."""

    code: str
    title: str


class Probe(Answer):
    """A probe and its state; `interval` in seconds, `failures` in a row to be down.

    `cause` explains a last run that failed. A probe that has `never_passed` opens no incident.
    """

    id: int
    api: int = Field(validation_alias="api_id")
    name: str
    origin: str
    method: str
    base_url: str
    path: str
    headers: list[str]
    credentials: bool
    expect: Literal["allowed", "blocked"]
    interval: int
    failures: int
    enabled: bool
    state: Literal["new", "up", "failing", "down", "flapping"]
    last_passed_at: Time | None
    not_run: Text
    never_passed: bool
    cause: NamedCause | None

    @staticmethod
    def resolve_cause(row: ProbeRow) -> Cause | None:
        """Return what `_explain` found for the whole answer."""
        return row.__dict__.get("cause")

    @staticmethod
    def resolve_not_run(row: ProbeRow) -> str:
        """Return why the newest run was none."""
        return row.last_result.not_run if row.last_result else ""


class Started(Answer):
    """The probe that is run."""

    probe: int


class Timings(Answer):
    """Milliseconds by phase; a run that did not happen has none."""

    resolve: float | None = absent()
    connect: float | None = absent()
    tls: float | None = absent()
    first_byte: float | None = absent()
    total: float | None = absent()


class Result(Answer):
    """One run of a probe; `error` is set when there was no answer to judge.

    `not_run` names what corsdash's own machine lacked for the call (`descriptors`, `memory`, `threads`, `ports`,
    `network`, `resolver`, `certificates`, `deadline`, `database`, `internal`). Then `passed` is null, `error` says it
    in words, and the run counts neither as passed nor as failed.
    """

    id: int
    at: Time
    passed: bool | None
    verdict: FullVerdict | None
    exchange: Exchange | None
    timings: Timings
    error: Text
    not_run: Text
    cause: NamedCause | None

    @staticmethod
    def resolve_cause(row: ResultRow) -> Cause | None:
        """Return why the run failed."""
        return cause_of(row)


class ProbeListing(Listing):
    """Which probes: those of one API, or all."""

    api: int | None = Field(None, ge=0, le=MOST_ID)


@router.get("probes", response={200: Page[Probe], **ERRORS})
def probes(request: HttpRequest, listing: Query[ProbeListing]) -> dict[str, Any]:
    """Every probe, or those of one API, oldest first."""
    rows = ProbeRow.objects.select_related("last_result").defer(*UNUSED_OF_LAST_RESULT)
    if listing.api is not None:
        rows = rows.filter(api=listing.api)
    answer = page(request, rows, ("id",), listing)
    _explain(answer["items"])
    return answer


@router.post("probes", response={201: Probe, **ERRORS})
def make(request: HttpRequest, payload: ProbeBody) -> Status[Any]:
    """Make a probe; it is run at once."""
    user = allow(request, "edit")
    api = HttpApi.objects.filter(pk=payload.api).first()
    if api is None:
        raise InvalidInput("there is no such API", "api")
    values = payload.model_dump(exclude={"api"})
    return Status(201, probe_edits.save(api, values, user))


@router.get("probes/{int:pk}", response={200: Probe, **ERRORS})
def probe(request: HttpRequest, pk: int) -> ProbeRow:
    """One probe."""
    row = find_probe(pk)
    _explain([row])
    return row


@router.patch("probes/{int:pk}", response={200: Probe, **ERRORS})
def change(request: HttpRequest, pk: int, payload: ProbePatch) -> ProbeRow:
    """Change what is given of a probe."""
    user, row = allow(request, "edit"), find_probe(pk)
    changed = probe_edits.save(row.api, payload.model_dump(exclude_unset=True), user, row)
    _explain([changed])
    return changed


@router.delete("probes/{int:pk}", response={204: None, **ERRORS})
def delete(request: HttpRequest, pk: int) -> Status[Any]:
    """Delete a probe; what it found stays in the history of incidents."""
    user = allow(request, "edit")
    probe_edits.delete(find_probe(pk), user)
    return Status(204, None)


@router.post("probes/{int:pk}/run", response={202: Started, **ERRORS})
def run(request: HttpRequest, pk: int) -> Status[Any]:
    """Run a probe now; its result comes to `probes/{id}/results`."""
    allow(request, "edit")
    row = find_probe(pk)
    if not tasks.run_now(row):
        raise queue_unreachable()
    return Status(202, {"probe": row.pk})


@router.get("probes/{int:pk}/results", response={200: Page[Result], **ERRORS})
def results(request: HttpRequest, pk: int, listing: Query[Listing]) -> dict[str, Any]:
    """A probe's results, newest first."""
    rows = find_probe(pk).results.select_related("probe__api__current", *CONFIGURATION)
    return page(request, rows, ("-at", "-id"), listing)


def find_probe(pk: int) -> ProbeRow:
    """Return the probe with this id. Raises a 404 problem."""
    found = ProbeRow.objects.select_related("api", "last_result").filter(pk=pk).first()
    if found is None:
        raise missing("probe")
    return found


def _explain(rows: Sequence[ProbeRow]) -> None:
    """Attach the causes of their last failures to probes, with one query for all."""
    causes = causes_of(rows)
    for row in rows:
        row.__dict__["cause"] = causes.get(row.pk)
