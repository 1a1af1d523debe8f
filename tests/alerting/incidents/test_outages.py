"""A host that does not answer, or an account whose hosts do not, is one incident with one message."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apis.alerting.alerts import happenings
from apis.alerting.incidents import incidents
from apis.alerting.incidents.outages import TOGETHER
from apis.alerting.models import Channel, Delivery, Incident
from apis.alerting.sending.wording import message_of
from apis.inventory.models import Account, HttpApi, SyncRegion, SyncRun
from apis.probing.models import Probe, Result
from apis.probing.runs import runner as probing
from apis.probing.runs.calls import Outcome
from tests.alerting.conftest import NOON, ran
from tests.alerting.incidents.test_grouping import bulk_change, fleet, run, send
from tests.alerting.rules.test_rules import MINUTE
from tests.alerting.test_pages import browser
from tests.outbound.hosts import NO_CONTENT, Host, answering
from tests.support.sinks import HttpSink

__all__ = ["fleet"]

type Fleet = Callable[[int, int], list[Probe]]


def fail(probes: list[Probe], at: datetime, failure: str = "resolve") -> None:
    """Store two runs of each whose host does not answer, and settle them."""
    for number in (1, 0):
        rows = list(Probe.objects.filter(pk__in=[probe.pk for probe in probes]).select_related("api"))
        outcomes = [Outcome(error="The preflight got no response.", unreachable=failure) for _ in rows]
        probing.store(rows, outcomes, at - number * MINUTE / 2, "schedule")
    incidents.settle_flips(at)


def test_many_apis_of_an_account_are_one_incident(fleet: Fleet, webhook: Channel, inbox: HttpSink) -> None:
    probes = fleet(40, 2)
    # They come in over two intervals, as the schedule spreads them.
    for start in range(0, 80, 20):
        fail(probes[start : start + 20], NOON + MINUTE + start * MINUTE / 10)
    send(NOON + 10 * MINUTE)
    incident = Incident.objects.get()
    assert incident.members.count() == 80
    assert len(inbox.received) == 1
    assert json.loads(inbox.received[0].body)["data"]["outage"]["failure"] == "resolve"
    run(probes, True, NOON + 11 * MINUTE)
    incidents.settle_flips(NOON + 11 * MINUTE)
    send(NOON + 11 * MINUTE)
    assert Incident.objects.get().state == "closed"
    assert len(inbox.received) == 2, "one recovery"


def test_its_message_and_page_name_the_hosts(fleet: Fleet, webhook: Channel) -> None:
    probes = fleet(3, 1)
    fail(probes, NOON + MINUTE)
    delivery = Delivery.objects.get()
    outage = delivery.data["outage"]
    assert (outage["hosts_total"], len(set(outage["hosts"]))) == (3, 3)
    assert "3 hosts do not answer" in message_of(delivery).title
    page = browser("edit").get(f"/incidents/{Incident.objects.get().pk}/").content.decode()
    assert all(host in page for host in outage["hosts"])
    assert "CORS settings do not make a host unreachable" in page


def test_apis_at_one_host_are_one_incident_whenever_they_fail(fleet: Fleet, webhook: Channel) -> None:
    probes = fleet(2, 1)
    for probe in probes:
        probe.api.domains = [{"name": "api.example.com", "path": probe.api.name, "stage": "$default"}]
        probe.api.save()
        Probe.objects.filter(pk=probe.pk).update(base_url=f"https://api.example.com/{probe.api.name}")
    fail(probes[:1], NOON + MINUTE, "connect")
    fail(probes[1:], NOON + MINUTE + 2 * TOGETHER, "timeout")
    assert Incident.objects.get().members.count() == 2
    delivery = Delivery.objects.get()
    assert delivery.data["outage"]["hosts"] == ["api.example.com"]
    assert "api.example.com does not answer" in message_of(delivery).title


@pytest.mark.parametrize("other", ["failure", "time", "account"])
def test_what_fails_otherwise_is_another_incident(fleet: Fleet, other: str) -> None:
    probes = fleet(2, 1)
    if other == "account":
        probes[1].api.account = Account.objects.create(name="staging", regions=["eu-central-1"])
        probes[1].api.save()
    fail(probes[:1], NOON + MINUTE)
    late = NOON + 3 * TOGETHER if other == "time" else NOON + 2 * MINUTE
    fail(probes[1:], late, "tls" if other == "failure" else "resolve")
    assert Incident.objects.count() == 2


def test_no_change_is_suspected(fleet: Fleet) -> None:
    probes = fleet(2, 1)
    bulk_change(probes, NOON + timedelta(seconds=10))
    fail(probes, NOON + MINUTE)
    assert Incident.objects.get().suspected_change is None


def test_it_closes_when_all_answer_and_opens_again(fleet: Fleet) -> None:
    probes = fleet(2, 1)
    fail(probes, NOON + MINUTE)
    run(probes[:1], True, NOON + 2 * MINUTE)
    incidents.settle_flips(NOON + 2 * MINUTE)
    assert Incident.objects.get().state == "open"
    run(probes[1:], True, NOON + 3 * MINUTE)
    incidents.settle_flips(NOON + 3 * MINUTE)
    fail(probes, NOON + 6 * MINUTE)
    assert sorted(Incident.objects.values_list("state", flat=True)) == ["closed", "open"]


@pytest.mark.once
class TestRealHosts:
    """What a run finds of a host that is down, and of one whose backend fails."""

    @pytest.fixture(autouse=True)
    def loopback(self, settings: Any, account: Account) -> Iterator[None]:
        """Let probes call this machine, on which AWS answers too."""
        settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8"]
        with Host(answering(NO_CONTENT)) as aws:
            Account.objects.filter(pk=account.pk).update(endpoint_url=aws.url)
            yield

    def failing(self, make_api: Callable[..., HttpApi], url: str) -> list[Probe]:
        """Two APIs there, with a probe that has passed before and fails now."""
        probes = []
        for number in range(2):
            api = make_api(f"api {number}", f"aaaaaaaaa{number}")
            HttpApi.objects.filter(pk=api.pk).update(endpoint=url)
            probe = Probe.objects.create(name="p", origin="https://a.example", failures=1, api=api)
            ran(probe, True, at=timezone.now() - MINUTE)
            probes.append(probe)
        probing.run([probe.pk for probe in probes])
        incidents.settle_flips()
        return probes

    def test_one_that_is_down(self, make_api: Callable[..., HttpApi]) -> None:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        self.failing(make_api, f"http://127.0.0.1:{port}")
        assert set(Result.objects.filter(passed=False).values_list("unreachable", flat=True)) == {"connect"}
        assert Incident.objects.get().members.count() == 2

    def test_one_that_answers(self, make_api: Callable[..., HttpApi]) -> None:
        with Host(answering(NO_CONTENT)) as host:
            self.failing(make_api, host.url)
        assert set(Result.objects.filter(passed=False).values_list("unreachable", flat=True)) == {None}
        assert Incident.objects.count() == 2

    def test_one_that_hangs_up_after_the_request(self, make_api: Callable[..., HttpApi]) -> None:
        with Host(answering(b"")) as host:
            self.failing(make_api, host.url)
        failed = Result.objects.filter(passed=False)
        assert failed.exclude(stored__error="").count() == 2
        assert set(failed.values_list("unreachable", flat=True)) == {None}


class TestRegions:
    """An account whose regions cannot be read."""

    def read(self, account: Account, at: datetime | None, **states: str) -> SyncRun:
        """A sync with these outcomes; without a time they are not over."""
        row = SyncRun.objects.create(started_at=NOON)
        SyncRegion.objects.bulk_create(
            SyncRegion(
                run=row, account=account, region=region.replace("_", "-"), state=state, error="Expired.", finished_at=at
            )
            for region, state in states.items()
        )
        return row

    def test_several_in_one_sync_are_one_message(self, account: Account, webhook: Channel) -> None:
        self.read(account, NOON, eu_west_1="done", us_east_1="done", us_east_2="done")
        run = self.read(account, NOON + MINUTE, eu_west_1="failed", us_east_1="failed", us_east_2="running")
        SyncRegion.objects.filter(run=run, region="us-east-2").update(finished_at=None)
        assert happenings.announce_happenings(NOON + MINUTE) == 0, "the third may fail, too"
        SyncRegion.objects.filter(run=run, region="us-east-2").update(finished_at=NOON + MINUTE, state="failed")
        assert happenings.announce_happenings(NOON + 2 * MINUTE) == 1
        assert happenings.announce_happenings(NOON + 2 * MINUTE) == 0
        delivery = Delivery.objects.get()
        assert delivery.data["regions"] == ["eu-west-1", "us-east-1", "us-east-2"]
        assert message_of(delivery).title.startswith("production, eu-west-1 and 2 more regions: ")

    def test_one_that_hangs_does_not_keep_it_back(self, account: Account, webhook: Channel) -> None:
        self.read(account, NOON, eu_west_1="done", us_east_1="done")
        run = self.read(account, NOON, eu_west_1="failed", us_east_1="running")
        SyncRegion.objects.filter(run=run, region="us-east-1").update(finished_at=None)
        assert happenings.announce_happenings(NOON + 3 * MINUTE) == 1
