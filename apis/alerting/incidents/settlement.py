"""Turn flips into incidents and their messages, for many APIs in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Model, Q, QuerySet

from apis.alerting.incidents import suspected_change
from apis.alerting.incidents.outages import Outage, lock_accounts, outage_of, prefix_of
from apis.alerting.models import Incident, IncidentProbe
from apis.alerting.sending import events, outbox
from apis.inventory.models import Account, Change, HttpApi
from apis.jobs.bulk_reads import among, new_object, read_objects, relate
from apis.jobs.bulk_rows import insert_rows, update_rows
from apis.probing.models import Flip, Probe
from apis.probing.runs.last_results import ResultFields

# A flapping probe counts as down until it has settled, so that people are notified once and not at each flap.
DOWN = {Probe.State.DOWN, Probe.State.FLAPPING}
FLIPS_AT_ONCE = 5000
_INCIDENT = (
    "api_id", "state", "opened_at", "closed_at", "suspected_change_id", "summary", "acknowledged_note", "cause_key",
)  # fmt: skip
_MEMBER = ("incident_id", "probe_id", "down_at", "up_at", "reason")
_API = (
    "account", "region", "api_id", "name", "endpoint", "disable_execute_api_endpoint", "stages", "domains", "tags",
    "gone_at",
)  # fmt: skip
_PROBE = ("api", "name", "enabled", "origin", "method", "base_url", "path", "headers", "credentials", "expect")
_FLIP = ("probe", "at", "after", "result", "failing_since", "last_passed_at")
_OPEN = ("api", "state", "opened_at", "closed_at", "suspected_change", "summary", "cause_key")
_RESULTS = ResultFields("allowed", "unreachable", "stored__error", "stored__verdict", "own_error", "own_verdict")
"""The columns that incidents and messages need."""


class Raced(Exception):
    """Another process settled the same flips; nothing was done here."""


@dataclass(slots=True)
class _Moment:
    """An event to announce, with the incident and its members as they were then."""

    event: str
    incident: Incident
    members: list[IncidentProbe]


@dataclass(slots=True)
class _Case:
    """An incident with its members, and what of them is new or changed."""

    incident: Incident
    members: dict[int, IncidentProbe]
    is_new: bool = False
    announced: bool = True
    has_grown: bool = False
    """Whether an API joined that it did not have before: others may have to be notified."""
    changed: set[int] = field(default_factory=set)
    apis: set[int] = field(default_factory=set)
    moments: list[_Moment] = field(default_factory=list)

    @property
    def held(self) -> bool:
        """Whether a member keeps it open: not yet up, and still watched."""
        failing = (one.probe for one in self.members.values() if one.up_at is None)
        return any(probe.enabled and probe.api.gone_at is None for probe in failing)

    def join(self, flip: Flip) -> None:
        """Put the flip's probe among those that are down."""
        member = self.members.get(flip.probe_id)
        if flip.probe.api_id not in self.apis:
            self.apis.add(flip.probe.api_id)
            self.has_grown = not self.is_new
        if member is None:
            began = flip.failing_since or flip.at
            member = new_object(IncidentProbe, incident=self.incident, probe=flip.probe, down_at=began)
            self.members[flip.probe_id] = member
        elif member.up_at is None:
            return
        member.up_at = None
        member.reason = events.reason_of(flip.probe, flip.result)
        self.changed.add(flip.probe_id)

    def recover(self, flip: Flip) -> None:
        """Note that the flip's probe passes again, if it is a member."""
        member = self.members.get(flip.probe_id)
        if member is not None and member.up_at is None:
            member.up_at = flip.at
            self.changed.add(flip.probe_id)

    def sum_up(self) -> None:
        """Put the incident into one line; announce it when it has just opened."""
        members = self._in_order()
        self.incident.summary = events.summary_of(self.incident, members)
        if not self.announced or self.has_grown:
            self.announced, self.has_grown = True, False
            self._note(events.OPENED)

    def close(self, at: datetime) -> None:
        """Close it and announce that."""
        self.sum_up()
        self.incident.state, self.incident.closed_at = Incident.State.CLOSED, at
        self._note(events.CLOSED)

    def _in_order(self) -> list[IncidentProbe]:
        new = float("inf")
        return sorted(self.members.values(), key=lambda one: (one.down_at, one.pk or new))

    def _note(self, event: str) -> None:
        self.moments.append(_Moment(event, _copied(self.incident), [_copied(one) for one in self._in_order()]))


def _copied[Row: Model](row: Row) -> Row:
    """Return a row as it is now; `copy.copy` goes through pickling, which costs more than all else here."""
    same = type(row).__new__(type(row))
    same.__dict__.update(row.__dict__)
    return same


def dismiss(now: datetime) -> int:
    """Mark the flips handled that neither open, change nor close an incident: no one is notified of them."""
    unhandled = Flip.objects.filter(handled_at=None)
    busy = unhandled.filter(after__in=DOWN).order_by().values("probe__api")
    in_open_ones = IncidentProbe.objects.filter(incident__state=Incident.State.OPEN).order_by().values("probe__api")
    idle = unhandled.exclude(probe__api__in=busy).exclude(probe__api__in=in_open_ones)
    return Flip.objects.filter(pk__in=idle.order_by().values("pk")).update(handled_at=now)


def settle(apis: Sequence[int], now: datetime) -> int:
    """Settle the flips of these APIs, in their order; return how many. Raises Raced, having done nothing."""
    try:
        return _settle(apis, now)
    except IntegrityError:
        # Another process opened the incident of the same cause: join it next time.
        raise Raced from None


def _settle(apis: Sequence[int], now: datetime) -> int:
    with transaction.atomic():
        rows = {api.pk: api for api in read_objects(locked(apis), _API)}
        unhandled = Flip.objects.filter(among("probe__api", rows), handled_at=None).order_by("pk")
        flips = list(read_objects(unhandled[:FLIPS_AT_ONCE], _FLIP))
        claim = Flip.objects.filter(among("pk", [flip.pk for flip in flips]), handled_at=None)
        # The claim must hit every row: otherwise someone else has begun on them.
        if claim.update(handled_at=now) != len(flips):
            raise Raced
        _relate(rows, flips)
        _write(_replay(rows, flips), now)
        return len(flips)


def locked(apis: Iterable[int]) -> QuerySet[HttpApi]:
    """Return the rows of APIs, locked in order so that their incidents are settled by one process at a time.

    Not locked against those that only refer to them: a probe's result may come in meanwhile.
    """
    return HttpApi.objects.select_for_update(of=("self",), no_key=True).filter(among("pk", apis)).order_by("pk")


def _relate(rows: dict[int, HttpApi], flips: list[Flip]) -> None:
    """Give APIs their accounts, and flips their probes and results: each row is read once, whatever refers to it."""
    _relate_accounts(rows)
    probes = _probes(rows, {flip.probe_id for flip in flips})
    failed = [flip.result_id for flip in flips if flip.after in DOWN and flip.result_id]
    results = _RESULTS.by_id(failed)
    relate(flips, "probe", probes)
    relate((flip for flip in flips if flip.after in DOWN), "result", results)


def _probes(rows: dict[int, HttpApi], ids: Iterable[int]) -> dict[int, Probe]:
    found = Probe.all_objects.filter(among("pk", ids)).order_by()
    probes = {probe.pk: probe for probe in read_objects(found, _PROBE)}
    relate(probes.values(), "api", _apis(rows, {probe.api_id for probe in probes.values()}))
    return probes


def _apis(rows: dict[int, HttpApi], ids: Iterable[int]) -> dict[int, HttpApi]:
    """Return these APIs: an incident of several has others than those that are settled now."""
    others = set(ids) - rows.keys()
    if not others:
        return rows
    found = {api.pk: api for api in read_objects(HttpApi.objects.filter(among("pk", others)), _API)}
    _relate_accounts(found)
    return rows | found


def _relate_accounts(apis: dict[int, HttpApi]) -> None:
    relate(apis.values(), "account", Account.objects.in_bulk({api.account_id for api in apis.values()}))


def _replay(rows: dict[int, HttpApi], flips: list[Flip]) -> list[_Case]:
    """Return the incidents that the flips open, change or close, in memory."""
    outages = {flip.pk: outage for flip in flips if flip.after in DOWN and (outage := outage_of(flip))}
    lock_accounts(outages.values())
    # No change of a configuration keeps a host from answering.
    changeable = [flip for flip in flips if flip.after in DOWN and flip.pk not in outages]
    suspected_changes = suspected_change.SuspectedChanges(changeable)
    known = {flip.probe_id: flip.probe for flip in flips}
    cases, shared = _open_cases(rows, known, suspected_changes.cause_keys, {one.account for one in outages.values()})
    touched: dict[int, _Case] = {}
    finished: list[_Case] = []
    for flip in flips:
        api = rows[flip.probe.api_id]
        case = cases.get(api.pk)
        if flip.after in DOWN and flip.probe.enabled:
            is_member = case is not None and flip.probe_id in case.members
            if flip.last_passed_at is None and not is_member:
                continue  # it has never passed: its expectation may be wrong, and its page says so
            if case is None:
                outage = outages.get(flip.pk)
                change = None if outage else suspected_changes.of(flip)
                case = cases[api.pk] = _case_of(api, flip, change, outage, shared)
            case.join(flip)
            touched[id(case)] = case
        elif flip.after == Probe.State.UP and case is not None:
            case.recover(flip)
            touched[id(case)] = case
            if not case.held:
                case.close(flip.at)
                suspected_changes.clear(case.incident)
                finished.append(touched.pop(id(case)))
                shared.pop(case.incident.cause_key, None)
                for pk in case.apis | {case.incident.api_id}:
                    if cases.get(pk) is case:
                        del cases[pk]
    for case in touched.values():
        case.sum_up()
    return [*finished, *touched.values()]


def _open_cases(
    rows: dict[int, HttpApi], known: dict[int, Probe], keys: Iterable[str], accounts: Iterable[int]
) -> tuple[dict[int, _Case], dict[str, _Case]]:
    """Return the open incidents of these APIs, by API, and those of these causes and account outages, by cause."""
    joined = IncidentProbe.objects.filter(among("probe__api", rows), incident__state=Incident.State.OPEN)
    mine = among("api", rows) | Q(pk__in=joined.order_by().values("incident")) | Q(cause_key__in=[*keys])
    for account in accounts:
        mine |= Q(cause_key__startswith=prefix_of(account))
    found = Incident.objects.filter(mine, state=Incident.State.OPEN).order_by("pk")
    # An incident of several APIs is settled by one process at a time.
    pks = list(found.select_for_update(of=("self",)).values_list("pk", flat=True))
    cases: dict[int, _Case] = {}
    again = Incident.objects.filter(among("pk", pks), state=Incident.State.OPEN)
    opened = list(read_objects(again, _OPEN))
    changes = {one.suspected_change_id for one in opened if one.suspected_change_id}
    relate(opened, "suspected_change", Change.objects.select_related("attribution").in_bulk(changes))
    relate(opened, "api", _apis(rows, {incident.api_id for incident in opened}))
    for incident in opened:
        cases[incident.pk] = _Case(incident, {})
    by_api = {case.incident.api_id: case for case in cases.values()}
    joined = IncidentProbe.objects.filter(among("incident", cases))
    members = list(read_objects(joined, _MEMBER))
    missing = {member.probe_id for member in members} - known.keys()
    relate(members, "probe", known | _probes(rows, missing) if missing else known)
    for member in members:
        case = cases[member.incident_id]
        case.members[member.probe_id] = member
        case.apis.add(member.probe.api_id)
        by_api.setdefault(member.probe.api_id, case)
    shared = {case.incident.cause_key: case for case in cases.values() if case.incident.cause_key}
    return {pk: case for pk, case in by_api.items() if pk in rows}, shared


def _case_of(api: HttpApi, flip: Flip, change: Change | None, outage: Outage | None, shared: dict[str, _Case]) -> _Case:
    """Return the case that failing by this change or outage belongs to: one for each cause, whatever its APIs."""
    key = outage.key if outage else suspected_change.cause_key(change)
    if outage is not None:
        for case in shared.values():
            if outage.belongs_to(case.incident, case.members.values()):
                return case
    if key and key in shared:
        return shared[key]
    incident = new_object(Incident, api=api, opened_at=flip.at, suspected_change=change, cause_key=key)
    case = _Case(incident, {}, is_new=True, announced=False)
    if key:
        shared[key] = case
    return case


def _write(cases: list[_Case], now: datetime) -> None:
    new = [case for case in cases if case.is_new]
    known = [case.incident for case in cases if not case.is_new]
    # What closes first: an API has one open incident.
    update_rows(Incident, known, ["summary", "state", "closed_at"])
    opened = [case.incident for case in new]
    rows = [[getattr(one, name) for name in _INCIDENT] for one in opened]
    for incident, pk in zip(opened, insert_rows(Incident, _INCIDENT, rows), strict=True):
        incident.pk = pk
    members = [case.members[probe] for case in cases for probe in sorted(case.changed)]
    joined = [one for one in members if one.pk is None]
    changed = [one for one in members if one.pk is not None]
    for case in new:
        for one in case.members.values():
            one.incident_id = case.incident.pk
    insert_rows(IncidentProbe, _MEMBER, [[getattr(one, name) for name in _MEMBER] for one in joined])
    update_rows(IncidentProbe, changed, ["up_at", "reason"])
    moments = []
    for case in cases:
        for moment in case.moments:
            moment.incident.pk = case.incident.pk
            moments.append((moment.incident, moment.event, moment.members))
    outbox.announce_all(moments, now)
