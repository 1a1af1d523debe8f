"""What fails by one cause is one incident with one message, whatever its APIs."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from apis.alerting import channels
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery, Incident
from apis.alerting.rules import edits
from apis.alerting.rules.models import Rule
from apis.alerting.sending import deliveries, outbox
from apis.editing.bulk.models import BulkJob
from apis.inventory.models import Change, HttpApi
from apis.probing.models import Probe
from apis.probing.runs import runner as probing
from apis.probing.runs.calls import Outcome
from tests.alerting.conftest import ALLOWED, BLOCKED, NOON
from tests.alerting.rules.test_rules import MINUTE
from tests.support.sinks import HttpSink


@pytest.fixture
def fleet(make_api: Callable[..., HttpApi]) -> Callable[[int, int], list[Probe]]:
    """Makes APIs with probes that pass."""

    def make(apis: int, each: int) -> list[Probe]:
        rows = [make_api(f"api {number:02}", f"fleet{number:05}") for number in range(apis)]
        probes = Probe.objects.bulk_create(
            Probe(api=api, name=f"p{number}", origin="https://app.example.com", path=f"/{number}", failures=2)
            for api in rows
            for number in range(each)
        )
        run(probes, True, NOON)
        return probes

    return make


def run(probes: list[Probe], passes: bool, at: datetime) -> None:
    """Store one run of each."""
    fresh = list(Probe.objects.filter(pk__in=[probe.pk for probe in probes]).select_related("api"))
    probing.store(fresh, [Outcome(verdict=ALLOWED if passes else BLOCKED) for _ in fresh], at, "schedule")


def bulk_change(probes: list[Probe], at: datetime) -> BulkJob:
    """A bulk job that changed the APIs of these probes."""
    job = BulkJob.objects.create(operation={}, title="Remove https://app.example.com", created_at=at, finished_at=at)
    Change.objects.bulk_create(
        Change(api_id=api, kind="bulk", status="applied", at=at, settled_at=at, group=job.group, actor_name="alice")
        for api in sorted({probe.api_id for probe in probes})
    )
    return job


def send(now: datetime) -> None:
    """Send what is due."""
    while due := outbox.due(now):
        for pk in due:
            deliveries.send(pk, now)


@pytest.mark.once
def test_a_thousand_probes_that_fail_by_one_bulk_job_are_one_incident(
    fleet: Callable[[int, int], list[Probe]], webhook: Channel, inbox: HttpSink
) -> None:
    channels.create(None, "slack", "team", url=f"{inbox.url}/slack")
    probes = fleet(50, 20)
    bulk_change(probes, NOON + timedelta(seconds=10))
    # They come in over two intervals, as the schedule spreads them.
    for number in (1, 2):
        for half in (probes[:500], probes[500:]):
            run(half, False, NOON + number * MINUTE)
            incidents.settle_flips(NOON + number * MINUTE)
    send(NOON + 2 * MINUTE)
    incident = Incident.objects.get()
    assert incident.members.count() == 1000
    assert Delivery.objects.count() == len(inbox.received) == 2, "one message per channel"
    slack = next(json.loads(got.body) for got in inbox.received if got.path == "/slack")
    assert "Remove https://app.example.com" in slack["blocks"][1]["text"]["text"], "it names the job"
    run(probes[:500], True, NOON + 3 * MINUTE)
    incidents.settle_flips(NOON + 3 * MINUTE)
    assert Incident.objects.get().state == "open", "half of it still fails"
    run(probes[500:], True, NOON + 4 * MINUTE)
    incidents.settle_flips(NOON + 4 * MINUTE)
    send(NOON + 4 * MINUTE)
    assert Incident.objects.get().state == "closed"
    assert len(inbox.received) == 4, "one recovery per channel"


def test_who_is_notified_of_an_api_that_joins_later_is_notified(
    fleet: Callable[[int, int], list[Probe]], webhook: Channel, inbox: HttpSink
) -> None:
    probes = fleet(2, 1)
    default = Rule.objects.get(is_default=True)
    edits.change_rule(None, default, {"api": probes[0].api_id, "all_channels": True})
    other = channels.create(None, "slack", "other", url=f"{inbox.url}/other")
    edits.create_rule(None, {"name": "second", "api": probes[1].api_id, "channels": [other.pk]})
    edits.change_rule(None, default, {"all_channels": False, "channels": [webhook.pk]})
    bulk_change(probes, NOON + timedelta(seconds=10))
    for number in (1, 2):
        run(probes[:1], False, NOON + number * MINUTE)
    incidents.settle_flips(NOON + 2 * MINUTE)
    assert set(Delivery.objects.values_list("channel__name", flat=True)) == {"pager"}
    for number in (3, 4):
        run(probes[1:], False, NOON + number * MINUTE)
    incidents.settle_flips(NOON + 4 * MINUTE)
    assert sorted(Delivery.objects.values_list("channel__name", flat=True)) == ["other", "pager"]
    assert Incident.objects.count() == 1


def test_changes_of_single_apis_are_incidents_of_their_own(fleet: Callable[[int, int], list[Probe]]) -> None:
    probes = fleet(2, 1)
    for probe in probes:
        Change.objects.create(api=probe.api, kind="panel", status="applied", at=NOON, settled_at=NOON + MINUTE / 2)
    for number in (1, 2):
        run(probes, False, NOON + number * MINUTE)
    incidents.settle_flips(NOON + 2 * MINUTE)
    assert Incident.objects.filter(cause_key="").count() == 2


def test_the_group_revert_is_offered(fleet: Callable[[int, int], list[Probe]]) -> None:
    from tests.alerting.test_pages import browser

    probes = fleet(3, 1)
    job = bulk_change(probes, NOON + timedelta(seconds=10))
    for number in (1, 2):
        run(probes, False, NOON + number * MINUTE)
    incidents.settle_flips(NOON + 2 * MINUTE)
    page = browser("edit").get(f"/incidents/{Incident.objects.get().pk}/").content.decode()
    assert f"/bulk/groups/{uuid.UUID(str(job.group))}/" in page
    assert all(f"api 0{number}" in page for number in range(3))
