"""Whether an admin has accepted that Apprise does not pass the outbound guard."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from apis.access import audit
from apis.access.audit import By
from apis.alerting.models import AppriseAcceptance

NOT_ACCEPTED = "Apprise is off. An admin can turn it on in Settings, Channels, Apprise."


def acceptance() -> AppriseAcceptance | None:
    """Return who accepted it and when; None while it is off."""
    return AppriseAcceptance.objects.first()


def accept(user: By) -> None:
    """Let Apprise channels be made and send."""
    with transaction.atomic():
        if not AppriseAcceptance.objects.exists():
            entry = audit.record(user, "accepted Apprise", "Apprise does not pass the outbound guard")
            AppriseAcceptance.objects.create(at=timezone.now(), by_name=entry.actor_name)


def withdraw(user: By) -> None:
    """Turn Apprise off: its channels are kept, and fail until someone accepts it again."""
    with transaction.atomic():
        if AppriseAcceptance.objects.all().delete()[0]:
            audit.record(user, "turned Apprise off", "Apprise does not pass the outbound guard")
