"""Prometheus metrics: what the database and the broker know, read at each scrape.

Processes come and go, so that nothing is counted in memory: every figure comes from rows, whichever process wrote them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Max, Min, Q
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from apis.access import tokens
from apis.access.audit import address_of
from apis.alerting.models import Channel, Delivery, Incident
from apis.inventory.history.drift import open_drift
from apis.inventory.models import Account, HttpApi, SyncRegion
from apis.jobs import counters, queue
from apis.probing.history.timings import read, total
from apis.probing.models import Probe, Result, Tick
from apis.probing.runs import run_counts
from apis.probing.runs.connectivity import down_since
from apis.probing.runs.last_results import with_recent_results

NEVER_PASSED = "never_passed"
"""The state of probes that have failed and never passed (Probe.never_passed)."""
LAST_RUN = ("at", "own_timings", "packed_timings")
PROBE_LABELS = ("probe", "name", "api", "account", "region", "origin", "expect")


@login_not_required
@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """Serve the metrics to anyone who is signed in, has a token or calls from CORSDASH_METRICS_NETWORKS."""
    if not _may_read(request):
        refused = HttpResponse("Send an API token as Authorization: Bearer TOKEN.\n", "text/plain", 401)
        refused["WWW-Authenticate"] = "Bearer"
        return refused
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Metrics())
    response = HttpResponse(generate_latest(registry), CONTENT_TYPE_LATEST)
    response["Cache-Control"] = "no-store"
    return response


def _may_read(request: HttpRequest) -> bool:
    if request.user.is_authenticated:
        return True
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and tokens.authenticate(token.strip()) is not None:
        return True
    address = address_of(request)
    networks = map(ip_network, settings.CORSDASH_METRICS_NETWORKS)
    return address is not None and any(ip_address(address) in network for network in networks)


class Metrics(Collector):
    """Every metric; a constant number of queries."""

    def collect(self) -> Iterator[Metric]:
        """Yield the families, each with its samples."""
        now = timezone.now()
        yield from _probes(now)
        yield from _scheduler(now)
        yield from _inventory(now)
        yield from _alerting(now)
        yield from _counted()


def _probes(now: datetime) -> Iterator[Metric]:
    up = _gauge("probe_up", "1 while the probe passes, 0 while it is down or flapping.", PROBE_LABELS)
    last = _gauge("probe_last_run_timestamp_seconds", "When the probe ran last.", ("probe",))
    took = _gauge("probe_last_duration_seconds", "How long the probe's last call took.", ("probe",))
    fields = (
        "pk", "name", "api__name", "api__account__name", "api__region", "origin", "expect", "state",
        "last_result_id", "has_never_passed", *(f"recent__{name}" for name in LAST_RUN),
    )  # fmt: skip
    probes = with_recent_results(Probe.objects.filter(enabled=True, api__gone_at=None), now)
    known = list(probes.annotate(has_never_passed=Probe.HAS_NEVER_PASSED).order_by("pk").values_list(*fields))
    # Only those of probes that have not run for a day.
    older = Result.objects.filter(pk__in=[row[8] for row in known if row[8] and row[10] is None])
    results = {pk: run for pk, *run in older.order_by().values_list("pk", *LAST_RUN)}
    states: dict[str, int] = dict.fromkeys([*Probe.State.values, NEVER_PASSED], 0)
    for pk, name, api, account, region, origin, expect, state, last_id, has_never_passed, *run in known:
        # Its expectation may be wrong, so it is no alarm, as it opens no incident.
        states[NEVER_PASSED if has_never_passed else state] += 1
        if state != Probe.State.NEW and not has_never_passed:
            down = state in (Probe.State.DOWN, Probe.State.FLAPPING)
            up.add_metric([str(pk), name, api, account, region, origin, expect], 0 if down else 1)
        at, own, packed = run if run[0] else results.get(last_id, run)
        if at:
            last.add_metric([str(pk)], at.timestamp())
        if duration := total(read(own, packed)):
            took.add_metric([str(pk)], duration / 1000)
    yield _by_label("probes", "Enabled probes by state.", "state", states.items())
    yield from (up, last, took)


def _scheduler(now: datetime) -> Iterator[Metric]:
    at = int(now.timestamp())
    due = Probe.objects.filter(enabled=True, api__gone_at=None, due_at__lte=at).aggregate(
        n=Count("pk"), at=Min("due_at")
    )
    yield _one("scheduler_lag_seconds", "How long the probe that is due longest has waited.", at - (due["at"] or at))
    yield _one("scheduler_due_probes", "Probes that are due and not yet handed to a worker.", due["n"])
    beat = Tick.objects.aggregate(at=Max("at"))["at"]
    if beat:
        yield _one("scheduler_last_tick_timestamp_seconds", "When the scheduler gave its last sign.", beat.timestamp())
    yield _one("network_up", "0 while the dashboard's own network is down.", 0 if down_since(now) else 1)
    depths = queue.depths()
    yield _one("broker_up", "1 while the broker answers.", 0 if depths is None else 1)
    yield _by_label("queue_tasks", "Tasks that wait in a queue.", "queue", (depths or {}).items())


def _inventory(now: datetime) -> Iterator[Metric]:
    apis = HttpApi.objects.filter(gone_at=None).aggregate(
        all=Count("pk"), errors=Count("pk", filter=Q(errors__gt=0)), warnings=Count("pk", filter=Q(warnings__gt=0))
    )
    yield _one("apis", "HTTP APIs that AWS has.", apis["all"])
    found = (("error", apis["errors"]), ("warning", apis["warnings"]))
    yield _by_label("apis_with_findings", "HTTP APIs with findings of a severity.", "severity", found)
    yield _one("unreviewed_drift", "Changes made outside corsdash that no one has reviewed.", open_drift().count())
    done = SyncRegion.objects.filter(state=SyncRegion.State.DONE, account__enabled=True)
    ages = done.values_list("account__name", "region").annotate(at=Max("finished_at")).order_by()
    synced = _gauge("sync_age_seconds", "Time since a region was last read successfully.", ("account", "region"))
    for account, region, at in ages:
        if at:
            synced.add_metric([account, region], max(0.0, (now - at).total_seconds()))
    yield synced
    yield _one("accounts", "Accounts that are switched on.", Account.objects.filter(enabled=True).count())


def _alerting(now: datetime) -> Iterator[Metric]:
    incidents = Incident.objects.filter(state=Incident.State.OPEN)
    counts = incidents.aggregate(all=Count("pk"), acknowledged=Count("acknowledged_at"))
    acknowledged = (("true", counts["acknowledged"]), ("false", counts["all"] - counts["acknowledged"]))
    yield _by_label("open_incidents", "Open incidents.", "acknowledged", acknowledged)
    states = dict(Delivery.objects.values_list("state").annotate(n=Count("pk")).order_by())
    known = ((state, states.get(state, 0)) for state in Delivery.State.values)
    yield _by_label("deliveries", "Messages on record, by state.", "state", known)
    waiting = Delivery.objects.filter(state=Delivery.State.WAITING).aggregate(at=Min("created_at"))["at"]
    age = (now - waiting).total_seconds() if waiting else 0
    yield _one("delivery_oldest_waiting_seconds", "Age of the oldest message that is not delivered.", max(0, age))
    yield _one("channels", "Channels that are switched on.", Channel.objects.filter(enabled=True).count())


def _counted() -> Iterator[Metric]:
    """Yield what all processes have counted since the data was created."""
    known = counters.read()

    def total(name: str, text: str, label: str = "", values: Iterable[str] = ("",)) -> Metric:
        family = CounterMetricFamily(f"corsdash_{name}", text, labels=[label] if label else [])
        for value in values:
            family.add_metric([value] if label else [], known.get((f"{name}_total", value), 0))
        return family

    yield total("probe_runs", "Runs of probes, by outcome.", "outcome", ("passed", "failed", "not_run"))
    yield total("probe_late_runs", f"Scheduled runs that started over {run_counts.LATE_S} s after they were due.")
    yield total("probe_missed_runs", "Scheduled runs that did not happen.")
    services = ("apigatewayv2", "cloudtrail")
    yield total("aws_calls", "Calls to AWS, each try counted, by service.", "service", services)
    yield total("aws_throttles", "Calls that AWS answered with 429, by service.", "service", services[:1])
    sums, below = [], 0.0
    for bound in (*run_counts.BOUNDS_S, float("inf")):
        below += known.get((run_counts.BUCKET, f"{bound:g}"), 0)
        sums.append((floatToGoString(bound), below))
    took = HistogramMetricFamily("corsdash_probe_duration_seconds", "How long the calls of a run took together.")
    took.add_metric([], sums, known.get((run_counts.SUM, ""), 0))
    yield took


def _gauge(name: str, text: str, labels: Iterable[str] = ()) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"corsdash_{name}", text, labels=list(labels))


def _one(name: str, text: str, value: float) -> GaugeMetricFamily:
    family = _gauge(name, text)
    family.add_metric([], value)
    return family


def _by_label(name: str, text: str, label: str, values: Iterable[tuple[str, float]]) -> GaugeMetricFamily:
    family = _gauge(name, text, [label])
    for value, number in values:
        family.add_metric([value], number)
    return family
