"""Messages in the log of a probe's results: those about the incidents that it was part of."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import BigIntegerField, DateTimeField, QuerySet
from django.urls import reverse

from apis.alerting.models import Delivery
from apis.alerting.sending.wording import words_of
from apis.jobs.bulk_reads import Given
from apis.jobs.compiled_reads import CompiledRows
from apis.probing.history.result_log import Message, message_source
from apis.probing.models import Probe

MOST_MESSAGES = 100


def _messages() -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(
        incident__members__probe_id=Given("probe", BigIntegerField()),
        created_at__gte=Given("since", DateTimeField()),
        created_at__lt=Given("until", DateTimeField()),
    )
    return rows.order_by("-created_at", "-id")[:MOST_MESSAGES]


# The page of a probe is looked at again every few seconds.
_ROWS = CompiledRows(_messages, ["created_at", "event", "channel__name", "state", "incident"])


@message_source
def incident_messages(probe: Probe, since: datetime, until: datetime) -> Iterable[Message]:
    """Return the messages about a probe's incidents, the newest MOST_MESSAGES."""
    for at, event, channel, state, incident in _ROWS.read(probe=probe.pk, since=since, until=until):
        text = f"{words_of(event)}: message to {channel}, {Delivery.State(state).label.lower()}"
        yield Message(at, text, reverse("incident", args=[incident]))
