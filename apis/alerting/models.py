"""Incidents, channels and deliveries."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from apis.access.secrets import SecretField
from apis.editing.review.models import ProposalEvent
from apis.inventory.models import Account, BaselineViolation, Change, HttpApi, NoteField
from apis.jobs import lease
from apis.probing.models import ActiveManager, Probe


class Incident(models.Model):
    """A stretch of failing of one or more probes of one API, with the change that came right before.

    `opened_at` is when the first probe counted as down; its first failing call was earlier (`IncidentProbe.down_at`).
    """

    class State(models.TextChoices):
        """Open until every probe in it passes again."""

        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="incidents")
    state = models.CharField(max_length=6, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    suspected_change = models.ForeignKey(Change, models.SET_NULL, null=True, blank=True, related_name="incidents")
    summary = models.CharField(max_length=500, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    acknowledged_note = NoteField(max_length=500, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    assignee = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    # What several APIs fail by together, such as a bulk change ("group:UUID"); empty for an API's own failure.
    cause_key = models.CharField(max_length=60, blank=True, default="")
    probes = models.ManyToManyField(Probe, through="IncidentProbe", related_name="incidents")

    class Meta:
        ordering = ["-opened_at", "-id"]
        indexes = [models.Index(fields=["state", "-opened_at"], name="incident_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["api"], condition=models.Q(state="open"), name="one_open_incident_per_api"),
            models.UniqueConstraint(
                fields=["cause_key"],
                condition=models.Q(state="open") & ~models.Q(cause_key=""),
                name="one_open_incident_per_cause",
            ),
        ]

    def __str__(self) -> str:
        return self.summary or f"incident {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the incident's page."""
        return reverse("incident", args=[self.pk])


class IncidentProbe(models.Model):
    """A probe's part in an incident: when its first call failed, when it recovered, and the verdict."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="members")
    probe = models.ForeignKey(Probe, models.CASCADE, related_name="+")
    down_at = models.DateTimeField()
    up_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["down_at", "id"]
        constraints = [models.UniqueConstraint(fields=["incident", "probe"], name="one_row_per_probe_in_incident")]

    def __str__(self) -> str:
        return f"{self.probe_id} in {self.incident_id}"


class IncidentNote(models.Model):
    """What a person did about an incident: a row of its timeline."""

    class Kind(models.TextChoices):
        """What it was."""

        ACKNOWLEDGED = "acknowledged", "Acknowledged"
        SNOOZED = "snoozed", "Snoozed"
        WOKEN = "woken", "Snooze ended"
        ASSIGNED = "assigned", "Assigned"
        COMMENT = "comment", "Commented"

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="notes")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=150)
    text = NoteField(max_length=2000, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.kind} by {self.by_name}"


class Channel(models.Model):
    """Where people are notified. Its kind says which of url, address, secret and account it uses, and for what.

    A deleted one keeps its row without these, for its delivery history; only `all_objects` finds it.
    """

    # A name of `channels.registry`.
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    url = SecretField(blank=True, default="")
    address = models.CharField(max_length=320, blank=True)
    secret = SecretField(blank=True, default="")
    # For SNS and EventBridge: whose credentials send.
    account = models.ForeignKey(Account, models.SET_NULL, null=True, blank=True, related_name="+")
    enabled = models.BooleanField(default=True)
    # Also notified about proposals: those that wait for approval, and their outcome.
    proposals = models.BooleanField(default=False)
    # What its messages say in place of the usual title and text; empty for these (see message_templates).
    title_template = models.TextField(blank=True, default="")
    body_template = models.TextField(blank=True, default="")
    # Why corsdash itself switched it off (the receiver answered 410 Gone); empty when a person did.
    disabled_reason = models.CharField(max_length=300, blank=True)
    # The first failed attempt since the last one that succeeded, and why the newest failed.
    failing_since = models.DateTimeField(null=True, blank=True)
    last_error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveManager["Channel"]()
    all_objects = models.Manager["Channel"]()

    class Meta:
        ordering = [Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=models.Q(deleted_at=None), name="one_present_channel_per_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the channel's page."""
        return reverse("channel", args=[self.pk])


class AppriseAcceptance(models.Model):
    """That an admin accepted that Apprise does not pass the outbound guard; without a row Apprise is off."""

    at = models.DateTimeField()
    by_name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return self.by_name


class Delivery(models.Model):
    """One message to one channel. The row comes first and is the intent to send; attempts follow until one succeeds."""

    class State(models.TextChoices):
        """How far it got."""

        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Failed"

    message_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    channel = models.ForeignKey(Channel, models.CASCADE, related_name="deliveries")
    incident = models.ForeignKey(Incident, models.CASCADE, null=True, blank=True, related_name="deliveries")
    violation = models.ForeignKey(BaselineViolation, models.CASCADE, null=True, blank=True, related_name="deliveries")
    alert = models.ForeignKey("OngoingAlert", models.SET_NULL, null=True, blank=True, related_name="deliveries")
    event = models.CharField(max_length=40)
    data = models.JSONField()
    created_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    # The rule that sent it; none for a test.
    rule = models.ForeignKey("Rule", models.SET_NULL, null=True, blank=True, related_name="deliveries")
    # Why it waits ("guard", "delay", "quiet", "maintenance", "snooze"), and until when, however far ahead.
    hold = models.CharField(max_length=12, blank=True, default="")
    not_before = models.DateTimeField(null=True, blank=True)
    # When that was decided; ahead of now, the clock was set back since.
    held_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    # Why the channel's templates were not used, and the usual message was sent.
    template_error = models.CharField(max_length=300, null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["next_attempt_at"], name="delivery_due", condition=models.Q(state="waiting")),
            models.Index(fields=["channel", "-created_at"], name="delivery_by_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.channel_id}: {self.state}"

    @property
    def wire_id(self) -> str:
        """The message's id as its receiver gets it, the same for each attempt (Standard Webhooks' `webhook-id`)."""
        return f"msg_{self.message_id.hex}"


class ProposalNotice(models.Model):
    """A row of a proposal's timeline that channels were notified about; each only once."""

    event = models.OneToOneField(ProposalEvent, models.CASCADE, related_name="notice")

    def __str__(self) -> str:
        return str(self.event_id)


class AlertNotice(models.Model):
    """Something that happened and that people were notified of; each is announced once."""

    key = models.CharField(max_length=60, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


class OngoingAlert(models.Model):
    """Something wrong that lasts, such as a failing channel: announced when it begins and when it ends."""

    # What it is about ("channel:5", "certificate:7", "scheduler"); at most one is open for each.
    key = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=models.Q(closed_at=None), name="one_open_ongoing_alert_per_key"
            )
        ]

    def __str__(self) -> str:
        return self.key


class Attempt(models.Model):
    """One try to send a delivery and what came of it."""

    delivery = models.ForeignKey(Delivery, models.CASCADE, related_name="attempts")
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.TextField(blank=True)
    took_ms = models.FloatField(default=0)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.error or f"status {self.status}"


lease.register("celery", Delivery)
