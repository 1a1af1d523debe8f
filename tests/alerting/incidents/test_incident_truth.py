"""An incident names the change that caused it, the one that fixed it, and who made them; a guarded one is sent once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.alerting.incidents import incidents, suspected_change
from apis.alerting.models import Channel, Delivery, Incident
from apis.alerting.sending import outbox
from apis.editing.apply.models import Deployment, Verification
from apis.editing.apply.verification import cause_of
from apis.inventory.history import history
from apis.inventory.models import Attribution, Change, HttpApi
from apis.probing.models import Probe
from apis.probing.runs import runner as probing
from apis.probing.runs.calls import Outcome
from tests.alerting.conftest import ALLOWED, BLOCKED, ran

ORIGIN = "https://app.example.com"
ALICE = "arn:aws:iam::123456789012:user/alice"
WORKS: dict[str, object] = {"AllowOrigins": [ORIGIN], "AllowMethods": ["GET"]}
BROKEN: dict[str, object] = {"AllowOrigins": ["https://other.example.com"], "AllowMethods": ["GET"]}


@pytest.fixture
def began(api: HttpApi, probe: Probe) -> datetime:
    """When the probe last passed, under a configuration that allows it."""
    at = timezone.now() - timedelta(minutes=30)
    change_to(api, WORKS, at - timedelta(hours=1))
    ran(probe, True, at=at)
    return at


def change_to(api: HttpApi, cors: dict[str, object], at: datetime) -> Change:
    """A change of AWS that a sync finds."""
    made = history.record_live(api, cors, timezone.now())
    assert made is not None
    Change.objects.filter(pk=made.pk).update(settled_at=at, at=at)
    return made


def test_of_several_changes_the_one_that_breaks_the_call_is_suspected(
    api: HttpApi, probe: Probe, began: datetime
) -> None:
    """Not the harmless one that came after it."""
    broke = change_to(api, BROKEN, began + timedelta(seconds=20))
    change_to(api, BROKEN | {"MaxAge": 60}, began + timedelta(seconds=40))
    ran(probe, False, False, at=began + timedelta(minutes=1))
    incidents.settle_flips()
    assert Incident.objects.get().suspected_change == broke


def test_the_change_that_fixed_it_and_who_made_them_are_shown(
    api: HttpApi, probe: Probe, began: datetime, admin_client: Client
) -> None:
    """CloudTrail knows who; the page says so everywhere."""
    broke = change_to(api, BROKEN, began + timedelta(seconds=20))
    ran(probe, False, False, at=began + timedelta(minutes=1))
    incidents.settle_flips()
    fixed = change_to(api, WORKS | {"MaxAge": 60}, began + timedelta(minutes=3))
    harmless = change_to(api, WORKS | {"MaxAge": 70}, began + timedelta(minutes=4))
    for change in (broke, fixed):
        Attribution.objects.create(change=change, user=ALICE, settled=True, looked_at=timezone.now())
    ran(probe, True, at=began + timedelta(minutes=5))
    incidents.settle_flips()
    incident = Incident.objects.get()
    assert incident.state == "closed"
    assert suspected_change.fix_of(incident, began) == fixed
    answer = admin_client.get(incident.get_absolute_url())
    assert answer.context["fixed_by"] == fixed
    notified = [entry.url for entry in answer.context["story"] if entry.icon == "history"]
    assert notified == [change.get_absolute_url() for change in (broke, fixed, harmless)]
    words = [entry.what for entry in answer.context["story"] if entry.icon == "history"]
    assert ["user/alice" in text for text in words] == [True, True, False]


class TestGuarded:
    """While the guard may revert the change, the message about the incident waits."""

    @pytest.fixture
    def guarded(self, api: HttpApi, probe: Probe, began: datetime, webhook: Channel) -> Change:
        """A guarded change under verification, by which the probe is down."""
        change = change_to(api, BROKEN, began + timedelta(seconds=20))
        Change.objects.filter(pk=change.pk).update(guard=True, kind=Change.Kind.PANEL)
        Verification.objects.create(change=change)
        ran(probe, False, False, at=began + timedelta(minutes=1))
        incidents.settle_flips()
        return Change.objects.get(pk=change.pk)

    def test_and_is_not_sent_when_the_revert_ends_it(self, guarded: Change, probe: Probe) -> None:
        assert outbox.due() == []
        ran(probe, True)
        incidents.settle_flips()
        assert [row.event for row in Delivery.objects.all()] == ["incident.closed"]
        assert len(outbox.due()) == 1

    def test_and_is_sent_when_it_goes_on(self, guarded: Change) -> None:
        later = timezone.now() + outbox.GUARD_DECIDES_IN
        assert len(outbox.due(later)) == 1

    def test_an_unguarded_one_is_sent_at_once(self, probe: Probe, began: datetime, webhook: Channel) -> None:
        ran(probe, False, False, at=began + timedelta(minutes=1))
        incidents.settle_flips()
        assert len(outbox.due()) == 1

    def test_a_reverted_one_is_not_shown_as_applied(self, guarded: Change, admin_client: Client) -> None:
        """On its own page, in the list and in the API's history."""
        Change.objects.create(
            api=guarded.api, kind=Change.Kind.GUARD, status=Change.Status.APPLIED, at=timezone.now(), reverts=guarded
        )
        pages = [guarded.get_absolute_url(), "/changes/?kind=panel", f"/apis/{guarded.api_id}/changes/"]
        for page in pages:
            assert 'data-state="reverted"' in admin_client.get(page).content.decode(), page


def test_a_channel_test_shows_in_the_list_at_once(webhook: Channel, admin_client: Client) -> None:
    """Not "Delivered" above "Nothing sent yet"."""
    answer = admin_client.post(f"/settings/channels/{webhook.pk}/test/", headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert "Nothing sent yet" not in page
    assert page.count(f'id="delivery-{Delivery.objects.get().pk}"') == 1


@pytest.fixture
def closed(api: HttpApi, probe: Probe, began: datetime, admin_user: User) -> Incident:
    """An incident by a change whose verification failed, which another change and a deployment fixed."""
    broke = change_to(api, BROKEN, began + timedelta(seconds=20))
    probing.store([probe], [Outcome(verdict=BLOCKED)], began + timedelta(seconds=25), cause_of(broke))
    Verification.objects.create(change=broke, done_at=began + timedelta(seconds=26))
    ran(probe, False, at=began + timedelta(minutes=1))
    incidents.settle_flips()
    incidents.acknowledge(Incident.objects.get(), admin_user, "on it <b>[now](https://evil.example)")
    fixed = change_to(api, WORKS | {"MaxAge": 60}, began + timedelta(minutes=3))
    deployed = {"api": api, "stage": "prod", "asked_by_name": "bob", "at": began + timedelta(minutes=3)}
    Deployment.objects.create(state="done", finished_at=began + timedelta(minutes=4), **deployed)
    before, after = began - timedelta(hours=1), began + timedelta(minutes=20)
    Deployment.objects.create(state="done", finished_at=before, **deployed)
    Deployment.objects.create(state="failed", finished_at=after, error="late", **deployed)
    probing.store([probe], [Outcome(verdict=ALLOWED)], began + timedelta(minutes=5), cause_of(fixed))
    Verification.objects.create(change=fixed, done_at=began + timedelta(minutes=5))
    incidents.settle_flips()
    return Incident.objects.get(state="closed")


def test_deployments_and_verifications_are_in_the_timeline(closed: Incident, admin_client: Client) -> None:
    found = admin_client.get(closed.get_absolute_url()).context["story"]
    verified = [(entry.what, entry.note) for entry in found if entry.what.startswith("Verification")]
    assert verified == [
        ("Verification failed", "0 of 1 probes passed"),
        ("Verification passed", "1 of 1 probes passed"),
    ]
    assert [entry.what for entry in found if "deploy" in entry.what] == ["bob deployed stage prod"]


def test_a_closed_incident_has_a_report(closed: Incident, admin_client: Client) -> None:
    path = f"/incidents/{closed.pk}/report.md"
    assert path in admin_client.get(closed.get_absolute_url()).content.decode()
    answer = admin_client.get(path)
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    text = answer.content.decode()
    lines = text.splitlines()
    assert lines[0] == f"# Incident {closed.pk}: https://app.example.com → GET /items"
    assert "- State: Recovered" in lines
    assert "## Probes (1)" in lines
    assert f"- Suspected change: #{closed.suspected_change_id}" in text
    story = lines[lines.index("## Timeline") :]
    assert sum(line.startswith("- 20") for line in story) == len(
        admin_client.get(closed.get_absolute_url()).context["story"]
    )
    assert r"on it \<b\>\[now\](https://evil.example)" in text, "no text becomes a link or HTML"


def test_an_open_incident_has_no_report_yet(api: HttpApi, probe: Probe, began: datetime, admin_client: Client) -> None:
    change_to(api, BROKEN, began + timedelta(seconds=20))
    ran(probe, False, False, at=began + timedelta(minutes=1))
    incidents.settle_flips()
    path = f"/incidents/{Incident.objects.get().pk}/"
    assert admin_client.get(f"{path}report.md").status_code == 409
    assert "report.md" not in admin_client.get(path).content.decode()
