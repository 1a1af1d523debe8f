"""The change that an incident suspects: the one right before the failing, or a later find that explains it better."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from redis import Redis

from apis.alerting import tasks
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery, Incident
from apis.errors import AppError
from apis.inventory.models import Change, CorsConfiguration, HttpApi
from apis.inventory.reading import on_demand
from apis.probing.models import Probe
from apis.probing.runs import runner as probing
from apis.probing.runs.calls import Outcome
from tests.alerting.conftest import BLOCKED, NOON, ran


class TestTheSuspect:
    """Which change is named as the one that came right before."""

    def open(self) -> Incident:
        incidents.settle_flips()
        return Incident.objects.get()

    def test_is_the_last_one_between_the_last_pass_and_the_first_failure(
        self, probe: Probe, changed: Callable[..., Change]
    ) -> None:
        changed(NOON - timedelta(hours=2))
        right_before = changed(NOON + timedelta(seconds=10))
        ran(probe, True, False, False, at=NOON)
        assert self.open().suspected_change == right_before

    def test_is_not_what_an_incident_that_is_over_was_put_down_to(
        self, probe: Probe, changed: Callable[..., Change]
    ) -> None:
        """It broke again a minute later, by something that no sync has seen yet."""
        first = changed(NOON + timedelta(seconds=10))
        ran(probe, True, False, False, at=NOON)
        assert self.open().suspected_change == first
        ran(probe, True, False, False, at=NOON + timedelta(minutes=4))
        incidents.settle_flips()
        latest = Incident.objects.get(state="open")
        assert latest.suspected_change is None

    def test_is_none_when_the_probe_passed_long_after_every_change(
        self, probe: Probe, changed: Callable[..., Change]
    ) -> None:
        changed(NOON - timedelta(hours=2))
        ran(probe, True, False, False, at=NOON)
        assert self.open().suspected_change is None

    def test_is_no_failed_change_and_no_first_look(self, probe: Probe, changed: Callable[..., Change]) -> None:
        changed(NOON - timedelta(seconds=9), kind=Change.Kind.DISCOVERED)
        changed(NOON - timedelta(seconds=8), status=Change.Status.FAILED)
        ran(probe, False, False, at=NOON)
        assert self.open().suspected_change is None

    def test_may_be_noted_a_moment_after_the_first_failure(self, probe: Probe, changed: Callable[..., Change]) -> None:
        change = changed(NOON + timedelta(seconds=31))
        ran(probe, True, False, False, at=NOON)
        assert self.open().suspected_change == change

    def test_can_be_drift_that_a_sync_finds_later(self, probe: Probe, changed: Callable[..., Change]) -> None:
        now = timezone.now()
        ran(probe, True, False, False, at=now - timedelta(minutes=4))
        incident = self.open()
        assert incident.suspected_change is None
        drift = changed(now - timedelta(minutes=1), kind=Change.Kind.DRIFT)
        incidents.settle_flips()
        incident.refresh_from_db()
        assert incident.suspected_change == drift

    @pytest.mark.parametrize("fits", [True, False])
    def test_is_a_later_drift_that_fits_better(
        self, probe: Probe, changed: Callable[..., Change], api: HttpApi, fits: bool
    ) -> None:
        """What is suspected allowed the probe's origin, which is then found to have been removed, or another was."""

        def configuration(number: int, *origins: str) -> CorsConfiguration:
            cors = {"AllowOrigins": list(origins), "AllowMethods": ["*"], "AllowHeaders": ["*"]}
            return CorsConfiguration.objects.create(api=api, number=number, cors=cors, at=timezone.now())

        now = timezone.now()
        closed = configuration(1, "https://other.example")
        opened = configuration(2, "https://other.example", probe.origin)
        added = changed(now - timedelta(minutes=5))
        Change.objects.filter(pk=added.pk).update(before=closed, after=opened)
        ran(probe, True, False, False, at=now - timedelta(minutes=4))
        incident = self.open()
        assert incident.suspected_change == added
        found = changed(now - timedelta(minutes=1), kind=Change.Kind.DRIFT)
        after = closed if fits else configuration(3, probe.origin)
        Change.objects.filter(pk=found.pk).update(before=opened, after=after)
        incidents.settle_flips()
        incident.refresh_from_db()
        assert incident.suspected_change == (found if fits else added)

    def test_is_no_drift_found_before_the_probe_last_passed(self, probe: Probe, changed: Callable[..., Change]) -> None:
        now = timezone.now()
        changed(now - timedelta(minutes=9), kind=Change.Kind.DRIFT)
        ran(probe, True, False, False, at=now - timedelta(minutes=2))
        assert self.open().suspected_change is None

    def test_is_in_the_message(self, probe: Probe, changed: Callable[..., Change], webhook: Channel) -> None:
        change = changed(NOON + timedelta(seconds=10))
        ran(probe, True, False, False, at=NOON)
        self.open()
        named = Delivery.objects.get().data["suspected_change"]
        assert named["id"] == change.pk
        assert named["actor"] == "alice"
        assert named["url"].endswith(f"/changes/{change.pk}/")


class TestAChangeThatNoReadHasFound:
    """A change made outside is known only once AWS was read: the page of an open incident has that done at once."""

    @pytest.fixture(autouse=True)
    def queue(self, broker: Redis) -> Iterator[Redis]:
        """The queues, with nothing asked for yet."""
        on_demand.forget_requests()
        broker.flushdb()
        yield broker
        broker.flushdb()

    @pytest.fixture
    def incident(self, probe: Probe) -> Incident:
        """An open incident without a known change before it."""
        ran(probe, True, False, False, at=timezone.now() - timedelta(minutes=5))
        incidents.settle_flips()
        return Incident.objects.get()

    def asked(self, queue: Redis) -> list[int]:
        """The APIs that workers shall read, in that order."""
        headers = [json.loads(one)["headers"] for one in queue.lrange("background", 0, -1)]
        return [int(one["argsrepr"].strip("(").partition(",")[0]) for one in headers]

    def shown(self, incident: Incident, client: Client, viewer: User) -> str:
        """The text of the incident's page."""
        client.force_login(viewer)
        return " ".join(client.get(incident.get_absolute_url()).content.decode().split())

    def test_is_looked_for_when_someone_opens_the_incident(
        self, incident: Incident, client: Client, viewer: User, queue: Redis
    ) -> None:
        HttpApi.objects.update(last_seen_at=timezone.now() - timedelta(minutes=8))
        text = self.shown(incident, client, viewer)
        assert "the configuration has not been read from AWS since" in text
        assert "check the backend" not in text
        self.shown(incident, client, viewer)
        [message] = [json.loads(one) for one in queue.lrange("background", 0, -1)]
        assert message["headers"]["task"].endswith("refresh_in_background")
        assert message["headers"]["argsrepr"].startswith(f"({incident.api_id},")

    @pytest.mark.parametrize(("read_minutes_ago", "is_looked_for"), [(8, True), (0, False)])
    def test_is_looked_for_as_the_incident_opens(
        self, probe: Probe, queue: Redis, read_minutes_ago: int, is_looked_for: bool
    ) -> None:
        ran(probe, True, False, False, at=timezone.now() - timedelta(seconds=90))
        HttpApi.objects.update(last_seen_at=timezone.now() - timedelta(minutes=read_minutes_ago))
        tasks.settle()
        tasks.settle()
        assert self.asked(queue) == [probe.api_id] * is_looked_for

    @pytest.mark.parametrize(("read_minutes_ago", "is_looked_for"), [(8, True), (0, False)])
    def test_is_looked_for_as_a_probe_begins_to_fail(
        self, probe: Probe, queue: Redis, read_minutes_ago: int, is_looked_for: bool
    ) -> None:
        ran(probe, True, False, at=timezone.now() - timedelta(seconds=90))
        HttpApi.objects.update(last_seen_at=timezone.now() - timedelta(minutes=read_minutes_ago))
        tasks.sweep()
        tasks.sweep()
        assert self.asked(queue) == [probe.api_id] * is_looked_for
        assert not Incident.objects.exists()

    @pytest.mark.parametrize(("read_minutes_ago", "is_looked_for"), [(8, True), (0, False)])
    def test_what_fixed_it_is_looked_for_as_the_incident_closes(
        self, incident: Incident, probe: Probe, queue: Redis, read_minutes_ago: int, is_looked_for: bool
    ) -> None:
        """Else the same break, before the next sync, would look like no change at all."""
        ran(probe, True, at=timezone.now() - timedelta(seconds=20))
        HttpApi.objects.update(last_seen_at=timezone.now() - timedelta(minutes=read_minutes_ago))
        tasks.settle()
        tasks.settle()
        assert Incident.objects.get().state == "closed"
        assert self.asked(queue) == [probe.api_id] * is_looked_for

    def test_is_not_looked_for_where_a_probe_never_passed(self, probe: Probe, queue: Redis) -> None:
        probing.store([probe], [Outcome(verdict=BLOCKED)], timezone.now(), "schedule")
        HttpApi.objects.update(last_seen_at=timezone.now() - timedelta(minutes=8))
        tasks.settle()
        assert self.asked(queue) == []

    def test_is_found_in_time_for_the_first_message(
        self, probe: Probe, changed: Callable[..., Change], webhook: Channel
    ) -> None:
        """The read that the first failure brings finds it: seconds after that failure, and before the second."""
        now = timezone.now()
        failed_at = ran(probe, True, False, at=now - timedelta(minutes=1))
        tasks.settle()
        drift = changed(failed_at + timedelta(seconds=4), kind=Change.Kind.DRIFT)
        ran(probe, False, at=now)
        tasks.settle()
        assert Delivery.objects.get().data["suspected_change"]["id"] == drift.pk

    def test_is_not_looked_for_again_once_aws_was_read(
        self, incident: Incident, client: Client, viewer: User, queue: Redis
    ) -> None:
        HttpApi.objects.update(last_seen_at=timezone.now() - timedelta(minutes=1))
        assert "check the backend" in self.shown(incident, client, viewer)
        assert queue.llen("background") == 0

    @pytest.mark.parametrize("known", ["a change", "closed", "deleted in AWS"])
    def test_is_not_looked_for_where_it_would_say_nothing(
        self, incident: Incident, client: Client, viewer: User, queue: Redis, changed: Callable[..., Change], known: str
    ) -> None:
        if known == "a change":
            Incident.objects.update(suspected_change=changed(timezone.now() - timedelta(minutes=6)))
        elif known == "closed":
            Incident.objects.update(state=Incident.State.CLOSED, closed_at=timezone.now())
        else:
            HttpApi.objects.update(gone_at=timezone.now())
        assert "has not been read from AWS since" not in self.shown(incident, client, viewer)
        assert queue.llen("background") == 0


class TestAcknowledging:
    """Someone takes care, once."""

    @pytest.fixture
    def incident(self, probe: Probe) -> Incident:
        """An open incident."""
        ran(probe, False, False)
        incidents.settle_flips()
        return Incident.objects.get()

    def test_keeps_who_when_and_why(self, incident: Incident, admin_user: User) -> None:
        incidents.acknowledge(incident, admin_user, " looking at it ")
        incident = Incident.objects.get()
        assert incident.acknowledged_by == admin_user
        assert incident.acknowledged_note == "looking at it"
        assert incident.acknowledged_at is not None

    def test_second_person_is_reported_who_was_first(self, incident: Incident, admin_user: User) -> None:
        incidents.acknowledge(incident, admin_user)
        second = User.objects.create_user("bob")
        with pytest.raises(AppError, match="admin has already"):
            incidents.acknowledge(Incident.objects.get(), second)
        assert Incident.objects.get().acknowledged_by == admin_user
