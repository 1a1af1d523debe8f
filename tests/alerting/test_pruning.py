"""What was announced long ago is forgotten; what is recent, and the messages about either, are kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from apis.alerting import tasks
from apis.alerting.alerts.certificates import announce_certificates
from apis.alerting.alerts.channel_health import announce_channels
from apis.alerting.alerts.happenings import announce_happenings
from apis.alerting.alerts.pruning import KEPT, prune_alerts
from apis.alerting.models import AlertNotice, Channel, Delivery, OngoingAlert, ProposalNotice
from apis.alerting.sending import outbox
from apis.editing.review.models import Proposal, ProposalEvent
from apis.inventory.models import Change
from apis.probing.models import Probe
from tests.alerting.alerts.test_certificates import DAY, NOW, domain, met, watched
from tests.alerting.alerts.test_proposals import proposal

__all__ = ["domain", "proposal", "watched"]

LONG_AGO = KEPT + timedelta(minutes=1)


def test_what_happened(webhook: Channel, changed: Callable[..., Change]) -> None:
    now = timezone.now()
    changed(now, "drift")
    announce_happenings()
    AlertNotice.objects.create(key="drift:0", at=now - LONG_AGO)
    tasks.prune()
    assert AlertNotice.objects.count() == 1
    assert announce_happenings() == 0, "what is recent is still known"


def test_proposals(proposal: Proposal, editor: User) -> None:
    outbox.announce_proposals()
    old = ProposalEvent.objects.create(proposal=proposal, kind="commented", at=timezone.now() - LONG_AGO)
    ProposalNotice.objects.create(event=old)
    tasks.prune()
    assert ProposalNotice.objects.exclude(event=old).count() == ProposalNotice.objects.count() == 1
    assert ProposalEvent.objects.filter(pk=old.pk).exists()


def test_what_lasted(webhook: Channel) -> None:
    """An alert that has ended; one that is open stays, however long it lasts."""
    now = timezone.now()
    others = [Channel.objects.create(kind="email", name=name, address=f"{name}@example.com") for name in ("a", "b")]
    Channel.objects.filter(pk__in=[one.pk for one in others]).update(failing_since=now - 2 * LONG_AGO)
    announce_channels(now - 1.5 * LONG_AGO)
    Channel.objects.filter(pk=others[0].pk).update(failing_since=None)
    announce_channels(now - LONG_AGO)
    messages = Delivery.objects.count()
    assert OngoingAlert.objects.filter(closed_at=None).count() == OngoingAlert.objects.count() - 1 == 1
    tasks.prune()
    assert OngoingAlert.objects.get().key == f"channel:{others[1].pk}"
    assert Delivery.objects.count() == messages > 0
    assert prune_alerts() == 0


def test_a_certificate_that_is_still_shown_is_not_announced_again(watched: Probe, webhook: Channel) -> None:
    """Its API was gone for a while, which ended its alert."""
    met(watched, NOW + 5 * DAY, at=NOW)
    assert announce_certificates(NOW) == 1
    domains, watched.api.domains = watched.api.domains, []
    watched.api.save()
    assert announce_certificates(NOW) == 1
    watched.api.domains = domains
    watched.api.save()
    assert prune_alerts(NOW + LONG_AGO) == 0
    assert announce_certificates(NOW) == 0
