"""Alerts about what a change brought: findings of a severity that a rule chooses, and a failed verification."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from apis.alerting.alerts.change_outcomes import SETTLES_IN
from apis.alerting.incidents import incidents
from apis.alerting.models import Channel, Delivery, Incident
from apis.alerting.rules import edits
from apis.alerting.rules.models import Rule
from apis.alerting.sending.wording import message_of
from apis.editing.apply.models import Verification
from apis.editing.apply.verification import cause_of
from apis.editing.bulk.models import BulkJob
from apis.inventory.models import Change, HttpApi
from apis.probing.models import Probe
from apis.probing.runs import runner as probing
from apis.probing.runs.calls import Outcome
from tests.alerting.alerts.test_happenings import announced
from tests.alerting.conftest import ALLOWED, BLOCKED, ran
from tests.alerting.incidents.test_incident_truth import BROKEN, WORKS, change_to

BAD: dict[str, object] = {"AllowOrigins": ["HTTPS://App.Example.com"], "AllowMethods": ["GET"]}
"""Its origin has capitals, so it never matches."""


def edit(api: HttpApi, cors: dict[str, object], at: datetime, kind: str = "panel") -> Change:
    """Apply a change in corsdash."""
    change = change_to(api, cors, at)
    Change.objects.filter(pk=change.pk).update(kind=kind)
    change.refresh_from_db()
    return change


@pytest.fixture
def began(api: HttpApi, webhook: Channel) -> datetime:
    """When an API had a configuration without findings."""
    at = timezone.now()
    change_to(api, WORKS, at - timedelta(hours=3))
    return at


class TestFinding:
    """A finding that appears."""

    def test_is_announced_once(self, api: HttpApi, began: datetime) -> None:
        change = edit(api, BAD, began)
        assert announced(began) == [], "an incident may open"
        assert announced(began + SETTLES_IN) == ["finding.appeared"]
        assert announced(began + SETTLES_IN) == []
        delivery = Delivery.objects.get()
        assert delivery.data["kind"] == "finding"
        codes = {finding["code"] for finding in delivery.data["findings"]}
        assert codes and {"error", "warning"} >= {finding["severity"] for finding in delivery.data["findings"]}
        message = message_of(delivery)
        assert message.severity == "error"
        assert message.url.endswith(change.get_absolute_url())

    def test_one_that_was_there_before_is_none(self, api: HttpApi, began: datetime) -> None:
        edit(api, BAD, began)
        announced(began + SETTLES_IN)
        edit(api, BAD | {"MaxAge": 60}, began + SETTLES_IN)
        assert announced(began + 3 * SETTLES_IN) == []

    def test_a_rule_chooses_the_severity(self, api: HttpApi, began: datetime) -> None:
        edits.change_rule(None, Rule.objects.get(is_default=True), {"kinds": ["finding"], "severity": "critical"})
        edit(api, BAD, began)
        assert announced(began + SETTLES_IN) == []

    def test_drift_says_it_unless_only_findings_are_wanted(self, api: HttpApi, began: datetime) -> None:
        change_to(api, BAD, began)
        assert announced(began) == ["change.drifted"]
        assert announced(began + SETTLES_IN) == []
        drift = Delivery.objects.get()
        [first, *_] = drift.data["findings"]
        message = message_of(drift)
        assert first["title"] in message.reason
        assert message.action.startswith(first["todo"])
        edits.change_rule(None, Rule.objects.get(is_default=True), {"kinds": ["finding"]})
        change_to(api, WORKS, began)
        change_to(api, BAD, began)
        assert announced(began) == ["finding.appeared"]

    def test_of_a_bulk_change_is_one_message_when_it_has_ended(
        self, make_api: Callable[..., HttpApi], began: datetime
    ) -> None:
        job = BulkJob.objects.create(operation={}, title="Add an origin", created_at=began)
        for number in range(3):
            api = make_api(f"api-{number}", f"aaaaaaaaa{number}")
            change_to(api, WORKS, began - timedelta(hours=3))
            change = edit(api, BAD, began, "bulk")
            Change.objects.filter(pk=change.pk).update(group=job.group)
        assert announced(began + SETTLES_IN) == []
        BulkJob.objects.update(finished_at=began)
        assert announced(began + SETTLES_IN) == ["finding.appeared"]
        assert announced(began + SETTLES_IN) == []
        assert Delivery.objects.get().data["apis_total"] == 3


class TestVerification:
    """A verification that failed."""

    @pytest.fixture
    def verified(self, api: HttpApi, probe: Probe, webhook: Channel) -> Callable[[bool], tuple[Change, datetime]]:
        """Applies a change and verifies it."""

        def verify(passes: bool) -> tuple[Change, datetime]:
            at = timezone.now()
            change_to(api, WORKS, at - timedelta(hours=3))
            ran(probe, True, at=at + timedelta(seconds=10))
            change = edit(api, BROKEN, at + timedelta(seconds=20))
            outcome = Outcome(verdict=ALLOWED if passes else BLOCKED)
            probing.store([probe], [outcome], at + timedelta(seconds=25), cause_of(change))
            ended = at + timedelta(seconds=30)
            Verification.objects.create(change=change, tries=1, done_at=ended)
            return change, ended

        return verify

    def test_is_announced_once(self, verified: Callable[[bool], tuple[Change, datetime]]) -> None:
        change, ended = verified(False)
        assert announced(ended) == []
        assert announced(ended + SETTLES_IN) == ["verification.failed"]
        assert announced(ended + SETTLES_IN) == []
        delivery = Delivery.objects.get()
        assert (delivery.data["kind"], delivery.data["probes_total"]) == ("verification", 1)
        message = message_of(delivery)
        assert message.severity == "error"
        assert change.get_absolute_url() in message.action
        assert message.text.count(message.url) == 1, "an address is not repeated"

    def test_one_that_passed_is_no_news(self, verified: Callable[[bool], tuple[Change, datetime]]) -> None:
        _, ended = verified(True)
        assert announced(ended + SETTLES_IN) == []

    def test_an_incident_that_names_the_change_says_it(
        self, probe: Probe, verified: Callable[[bool], tuple[Change, datetime]]
    ) -> None:
        change, ended = verified(False)
        ran(probe, False, at=ended + timedelta(seconds=30))
        incidents.settle_flips(ended + timedelta(seconds=31))
        assert Incident.objects.get().suspected_change == change
        assert announced(ended + SETTLES_IN) == []

    def test_of_a_change_that_was_reverted_automatically_is_said_by_that(
        self, api: HttpApi, verified: Callable[[bool], tuple[Change, datetime]]
    ) -> None:
        change, ended = verified(False)
        revert = edit(api, WORKS, ended, "guard")
        Change.objects.filter(pk=revert.pk).update(reverts=change, group=uuid.uuid4())
        assert announced(ended + SETTLES_IN) == ["change.reverted"]
