"""The overview: what fails, what drifted and what waits for a decision, each with the most urgent first.

A section belongs to one room. Rooms after this one add theirs with `add_section`, as imports only go to the left.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Case, Count, Exists, F, Model, OuterRef, Q, QuerySet, Value, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst

from apis.editing.grants.models import Grant
from apis.editing.review.models import Proposal
from apis.inventory.history import drift
from apis.inventory.models import Account, Change, HttpApi, SyncRegion, SyncRun
from apis.probing.history.history import IN_TROUBLE, TROUBLE
from apis.probing.models import Probe, Result
from apis.probing.runs.cause import CONFIGURATION, cause_of
from apis.probing.runs.last_results import load_last_results

MOST_ITEMS = 5
ENDS_SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Item:
    """One row: what it is about, since or until when, and the change that it probably comes from, if known."""

    id: int
    title: str
    url: str
    detail: str = ""
    at: datetime | None = None
    api: HttpApi | None = None
    cause: str = ""
    suspected_change: int | None = None
    change: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """How many rows there are, the first few of them, and the page that shows all."""

    key: str
    title: str
    status: str
    url: str
    count: int
    items: list[Item]


type Reader = Callable[[], Section]
_added: dict[str, Reader] = {}


def add_section(key: str, read: Reader) -> None:
    """Add the section of a room that this one may not import."""
    _added[key] = read


type Notice = Callable[[HttpRequest], str]
_notices: list[Notice] = []


def add_notice(render: Notice) -> None:
    """Add what a later room shows above the sections: the HTML for a request, or ""."""
    _notices.append(render)


def notices(request: HttpRequest) -> list[str]:
    """Return the HTML of the notices for a request."""
    return [html for render in _notices if (html := render(request))]


def sections() -> list[Section]:
    """Return every section, the most urgent first; a constant number of queries."""
    incidents = [_added["incidents"]] if "incidents" in _added else []
    readers = [*incidents, failing, open_drift, waiting_proposals, ending_grants, failed_syncs, worst_findings]
    return [read() for read in readers]


@dataclass(frozen=True, slots=True)
class Watched:
    """How much there is and how much of it is watched."""

    accounts: int
    enabled_accounts: int
    apis: int
    probes: int
    passing: int
    synced_at: datetime | None


def watched() -> Watched:
    """Return what is watched now."""
    passing = Count("pk", filter=Q(state=Probe.State.UP))
    probes = Probe.objects.filter(enabled=True, api__gone_at=None).aggregate(all=Count("pk"), passing=passing)
    last = SyncRun.objects.exclude(finished_at=None).order_by("-finished_at").first()
    accounts = Account.objects.aggregate(all=Count("pk"), enabled=Count("pk", filter=Q(enabled=True)))
    return Watched(
        accounts=accounts["all"],
        enabled_accounts=accounts["enabled"],
        apis=HttpApi.objects.filter(gone_at=None).count(),
        probes=probes["all"],
        passing=probes["passing"],
        synced_at=last.finished_at if last else None,
    )


def failing() -> Section:
    """Return probes that are down or flapping, the newest first, and then those that have never passed."""
    rows = Probe.objects.filter(IN_TROUBLE).select_related("api__account", "api__current")
    has_passed = Case(When(last_passed_at=None, then=Value(0)), default=Value(1))
    first = rows.order_by(has_passed.desc(), F("failing_since").desc(nulls_last=True), "-pk")
    url = f"{reverse('probes')}?state={TROUBLE}"
    return section("failing", "Failing probes", "error", url, first, _failing, prepare=_load_last_results)


def _load_last_results(probes: Sequence[Probe]) -> None:
    load_last_results(probes, Result.objects.select_related(*CONFIGURATION))


def _failing(probe: Probe) -> Item:
    cause = None
    if probe.last_result is not None:
        probe.last_result.probe = probe
        cause = cause_of(probe.last_result)
    parts = [
        "" if probe.origin in probe.name else probe.origin,
        "never passed" if probe.never_passed else "",
        cause.title if cause else "",
    ]
    return Item(
        probe.pk,
        probe.name,
        probe.get_absolute_url(),
        " · ".join(filter(None, parts)),
        probe.failing_since,
        probe.api,
        cause.code if cause else "",
    )


def open_drift() -> Section:
    """Changes made outside corsdash that no one has reviewed, the newest first."""
    rows = drift.open_drift().select_related("api__account", "attribution").order_by("-at", "-pk")
    url = f"{reverse('apis')}?standing=drift"
    return section("drift", "Drift to review", "warning", url, rows, _drift)


def _drift(row: Change) -> Item:
    return Item(row.pk, capfirst(row.summary), row.get_absolute_url(), row.who, row.at, row.api)


def waiting_proposals() -> Section:
    """Return proposals that wait for approval or for a conflict to be solved, the oldest first."""
    rows = Proposal.objects.filter(state__in=[Proposal.State.WAITING, Proposal.State.SUSPENDED])
    first = rows.select_related("api__account").order_by("at", "pk")
    return section("proposals", "Proposals to review", "pending", reverse("proposals"), first, _proposal)


def _proposal(row: Proposal) -> Item:
    detail = f"{row.get_state_display()} · {row.proposer_name}"
    return Item(row.pk, capfirst(row.summary), row.get_absolute_url(), detail, row.at, row.api)


def ending_grants() -> Section:
    """Return temporary access that ends within a day or could not be ended, the first to end first."""
    rows = Grant.objects.filter(state=Grant.State.ACTIVE, ends_at__lte=timezone.now() + ENDS_SOON)
    first = rows.select_related("api__account").order_by("ends_at", "pk")
    return section("grants", "Temporary access ending soon", "pending", reverse("grants"), first, _grant)


def _grant(row: Grant) -> Item:
    return Item(row.pk, row.origin, reverse("grants"), row.error or row.note, row.ends_at, row.api)


def failed_syncs() -> Section:
    """Return accounts' regions whose latest sync failed."""
    full = SyncRun.objects.filter(account=None, region="").exclude(finished_at=None).order_by("-started_at").first()
    later = SyncRegion.objects.filter(
        account=OuterRef("account"), region=OuterRef("region"), pk__gt=OuterRef("pk"), state=SyncRegion.State.DONE
    )
    rows = SyncRegion.objects.filter(~Exists(later), run=full, state=SyncRegion.State.FAILED, account__enabled=True)
    first = rows.select_related("account").order_by("account__name", "region")
    return section("syncs", "Failed syncs", "error", reverse("accounts"), first, _sync)


def _sync(row: SyncRegion) -> Item:
    url = reverse("sync_run", args=[row.run_id])
    return Item(row.pk, f"{row.account.name} · {row.region}", url, row.error, row.finished_at)


def worst_findings() -> Section:
    """Return APIs whose configuration has errors, those with the most first."""
    rows = HttpApi.objects.filter(gone_at=None, errors__gt=0)
    first = rows.select_related("account").order_by(F("errors").desc(), F("warnings").desc(), "pk")
    url = f"{reverse('apis')}?problems=error"
    return section("findings", "APIs with configuration errors", "error", url, first, _problems)


def section[Row: Model](
    key: str,
    title: str,
    status: str,
    url: str,
    rows: QuerySet[Row],
    to_item: Callable[[Row], Item],
    prepare: Callable[[Sequence[Row]], object] | None = None,
) -> Section:
    """Return a section of ordered rows. They are counted in the database only when there are more than it shows.

    `prepare` gives the shown rows what else they need.
    """
    first = list(rows[: MOST_ITEMS + 1])
    count = rows.count() if len(first) > MOST_ITEMS else len(first)
    shown = first[:MOST_ITEMS]
    if prepare is not None:
        prepare(shown)
    return Section(key, title, status, url, count, [to_item(row) for row in shown])


def _problems(api: HttpApi) -> Item:
    counts = ((api.errors, "error"), (api.warnings, "warning"))
    detail = ", ".join(_count(number, word) for number, word in counts if number)
    return Item(api.pk, api.name, api.get_absolute_url(), detail, None, api)


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
