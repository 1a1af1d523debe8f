"""Probes and their results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from apis.cors.explain import Cause
from apis.errors import InvalidInput
from apis.inventory.models import HttpApi
from apis.inventory.tasks import refresh
from apis.jobs.queue import enqueue_task
from apis.probing import probe_edits, tasks
from apis.probing.models import Probe as ProbeRow
from apis.probing.models import Result as ResultRow
from apis.probing.runs import expectations
from apis.probing.runs.cause import CONFIGURATION, cause_of, causes_of
from apis.probing.runs.last_results import load_last_results
from apis.probing.runs.schedule import MAX_INTERVAL, MIN_INTERVAL
from apis.probing.sets import bulk_edits, suggestions
from apis.rest import waiting
from apis.rest.api import ERRORS, allow
from apis.rest.exchanges import Exchange, FullVerdict
from apis.rest.inventory.apis import find_api
from apis.rest.paging import page
from apis.rest.problems import Problem, missing, queue_unreachable
from apis.rest.schemas import MOST_ID, Answer, Body, Listing, Page, Text, Time, absent

router = Router(tags=["probes"])
LONGEST_READ_S = 20
UNUSED_OF_LAST_RESULT = ("own_exchange", "own_verdict", "own_timings")


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
    recoveries: int = 1
    retry_interval: int = 30
    enabled: bool = True
    readable_headers: list[str] = []
    status: str = ""
    min_max_age: int | None = None
    max_latency: int | None = None
    certificate_days: int | None = None
    same_on_every_host: bool = False
    safe: bool = False
    secret_header: str = ""
    secret: str | None = Field(None, description="The value of `secret_header`; it cannot be read again.")


class ProbeBody(ProbeFields):
    """A probe to make."""

    api: int


class SuggestedBody(ProbeBody):
    """A probe to create; what a suggestion says besides is ignored."""

    why: str | None = None
    warning: str | None = None
    exists: bool | None = None


class ProbesBody(Body):
    """Probes to create, such as suggested ones."""

    probes: list[SuggestedBody] = Field(max_length=bulk_edits.MOST)


class ProbePatch(ProbeFields, partial=True):
    """What to change of a probe; what is left out stays as it is."""


class NamedCause(Answer):
    """Why a call failed, by the code that `explain` gives it."""

    code: str
    title: str


class Call(Answer):
    """What a probe calls, how often, and what should come of it."""

    name: str
    origin: str
    method: str
    base_url: str
    path: str
    headers: list[str]
    credentials: bool
    expect: Literal["allowed", "blocked"]
    interval: int
    same_on_every_host: bool


class Suggestion(Call):
    """A body for a new probe, why it is suggested, why it would fail now, and whether a probe makes the call."""

    api: int
    why: str
    warning: Text
    exists: bool


class Suggestions(Answer):
    """Suggested probes, and what those that do not exist yet would cost."""

    items: list[Suggestion]
    calls_per_minute: float
    rows_per_day: int


class Skipped(Answer):
    """A body that made no probe, by its place in the list, and why."""

    index: int
    why: str


class Created(Answer):
    """The ids of the probes that were created, and the bodies that were skipped."""

    created: list[int]
    skipped: list[Skipped]


class Probe(Call):
    """A probe and its state.

    `interval` in seconds; `failures` in a row until it is down, `recoveries` passes in a row until it is up again,
    `retry_interval` seconds between them (0: `interval`). Expected besides the verdict: `readable_headers`, a `status`
    ("200" or "200-299"), `min_max_age` in seconds, `max_latency` in milliseconds, `certificate_days` of validity,
    `same_on_every_host`: every address of the API gives the same CORS headers (a run calls each of them).
    `safe`: the actual request is sent although its method can change data. `ends_at`: when it is deleted.

    `cause` explains a last run that failed. A probe that has `never_passed` opens no incident.
    """

    id: int
    api: int = Field(validation_alias="api_id")
    failures: int
    recoveries: int
    retry_interval: int
    enabled: bool
    readable_headers: list[str]
    status: str
    min_max_age: int | None
    max_latency: int | None
    certificate_days: int | None
    safe: bool
    secret_header: str
    ends_at: Time | None
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


class Unmet(Answer):
    """An expectation besides the verdict that a run did not meet."""

    field: str
    expected: str
    observed: str


class Result(Answer):
    """One run of a probe; `error` is set when there was no answer to judge.

    `not_run` names what corsdash's own machine lacked for the call (`descriptors`, `memory`, `threads`, `ports`,
    `network`, `resolver`, `certificates`, `deadline`, `database`, `internal`). Then `passed` is null, `error` says it
    in words, and the run counts neither as passed nor as failed. A run in `maintenance`, while a maintenance window
    covered the API, does not count in the availability.
    """

    id: int
    at: Time
    passed: bool | None
    unmet: list[Unmet]
    verdict: FullVerdict | None
    exchange: Exchange | None
    timings: Timings
    error: Text
    not_run: Text
    maintenance: bool
    cause: NamedCause | None

    @staticmethod
    def resolve_maintenance(row: ResultRow) -> bool:
        """Return whether a maintenance window covered the API."""
        return bool(row.maintenance)

    @staticmethod
    def resolve_cause(row: ResultRow) -> Cause | None:
        """Return why the run failed."""
        return cause_of(row)

    @staticmethod
    def resolve_unmet(row: ResultRow) -> list[expectations.Unmet]:
        """Return the expectations besides the verdict that were not met."""
        return expectations.unmet_expectations(row)


class SuggestionQuery(Schema):
    """How often suggested probes are to run, in seconds."""

    model_config = ConfigDict(extra="forbid")

    interval: int = Field(300, ge=MIN_INTERVAL, le=MAX_INTERVAL)


class ProbeListing(Listing):
    """Which probes: those of one API, or all."""

    api: int | None = Field(None, ge=0, le=MOST_ID)


@router.get("probes", response={200: Page[Probe], **ERRORS})
def list_probes(request: HttpRequest, listing: Query[ProbeListing]) -> dict[str, Any]:
    """Every probe, or those of one API, oldest first."""
    rows = ProbeRow.objects.all()
    if listing.api is not None:
        rows = rows.filter(api=listing.api)
    answer = page(request, rows, ("id",), listing)
    load_last_results(answer["items"], ResultRow.objects.defer(*UNUSED_OF_LAST_RESULT))
    _explain(answer["items"])
    return answer


@router.post("probes", response={201: Probe, **ERRORS})
def create_probe(request: HttpRequest, payload: ProbeBody) -> Status[Any]:
    """Create a probe and run it at once."""
    user = allow(request, "edit")
    api = HttpApi.objects.filter(pk=payload.api).first()
    if api is None:
        raise InvalidInput("there is no such API", "api")
    values = payload.model_dump(exclude={"api"})
    return Status(201, probe_edits.save(api, values, user))


@router.get("apis/{int:pk}/suggested-probes", response={200: Suggestions, **ERRORS})
def suggest_probes(request: HttpRequest, pk: int, query: Query[SuggestionQuery]) -> dict[str, Any]:
    """Suggest probes for an API's origins, methods and addresses, and for what must stay blocked.

    Routes that are not known yet are read from AWS first.
    """
    api = find_api(pk)
    if api.routes is None and not api.gone_at:
        _read_routes(request, api)
        api = find_api(pk)
    rows = suggestions.suggestions_for([api])
    cost = suggestions.cost([row.suggestion for row in rows if not row.exists], query.interval)
    items = [row.as_json() | {"interval": query.interval} for row in rows]
    return {"items": items, "calls_per_minute": cost.calls_per_minute, "rows_per_day": cost.rows_per_day}


def _read_routes(request: HttpRequest, api: HttpApi) -> None:
    """Let a worker read an API's routes and wait for them. Raises Problem (503)."""

    def is_done() -> bool:
        return HttpApi.objects.filter(pk=api.pk).exclude(routes__isnull=True, details_error="").exists()

    with waiting.place(request):
        if waiting.resumed(request) is None and not enqueue_task(refresh, api.pk):
            raise queue_unreachable()
        if not waiting.wait(request, is_done, LONGEST_READ_S, True):
            raise Problem(503, f"The routes of {api.name} were not read in time.", retry_after=5)
    error = HttpApi.objects.values_list("details_error", flat=True).get(pk=api.pk)
    if error:
        raise Problem(502, f"The routes of {api.name} could not be read: {error}")


@router.post("probes/bulk", response={200: Created, **ERRORS})
def create_probes(request: HttpRequest, payload: ProbesBody) -> dict[str, Any]:
    """Create many probes; those that are invalid or exist already are skipped."""
    user = allow(request, "edit")
    wanted = {body.api for body in payload.probes if 0 < body.api <= MOST_ID}
    apis = HttpApi.objects.select_related("current").in_bulk(wanted)
    extra = {"api", "why", "warning", "exists"}
    bodies = [(apis.get(body.api), body.model_dump(exclude=extra)) for body in payload.probes]
    made = bulk_edits.create(bodies, user)
    return {
        "created": [probe.pk for probe in made.probes],
        "skipped": [{"index": index, "why": why} for index, why in made.skipped],
    }


@router.get("probes/{int:pk}", response={200: Probe, **ERRORS})
def read_probe(request: HttpRequest, pk: int) -> ProbeRow:
    """One probe."""
    row = find_probe(pk)
    _explain([row])
    return row


@router.patch("probes/{int:pk}", response={200: Probe, **ERRORS})
def change_probe(request: HttpRequest, pk: int, payload: ProbePatch) -> ProbeRow:
    """Change a probe; omitted fields keep their values."""
    user, row = allow(request, "edit"), find_probe(pk)
    changed = probe_edits.save(row.api, payload.model_dump(exclude_unset=True), user, row)
    _explain([changed])
    return changed


@router.delete("probes/{int:pk}", response={204: None, **ERRORS})
def delete_probe(request: HttpRequest, pk: int) -> Status[Any]:
    """Delete a probe; its incidents are kept."""
    user = allow(request, "edit")
    probe_edits.delete(find_probe(pk), user)
    return Status(204, None)


@router.post("probes/{int:pk}/run", response={202: Started, **ERRORS})
def run_probe(request: HttpRequest, pk: int) -> Status[Any]:
    """Run a probe now; `probes/{id}/results` shows the result."""
    allow(request, "edit")
    row = find_probe(pk)
    if not tasks.run_now(row):
        raise queue_unreachable()
    return Status(202, {"probe": row.pk})


@router.get("probes/{int:pk}/results", response={200: Page[Result], **ERRORS})
def list_results(request: HttpRequest, pk: int, listing: Query[Listing]) -> dict[str, Any]:
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
