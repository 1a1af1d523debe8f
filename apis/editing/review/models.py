"""Proposals and their timelines."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from apis.cors.policy import CorsPolicy
from apis.inventory.models import Change, CorsConfiguration, HttpApi, NoteField
from apis.jobs import lease


class Proposal(models.Model):
    """A change that waits: for another person's approval, for its time, or for a conflict to be solved.

    `seen` is the configuration that it was planned on; `revision` counts its plans, so that no one approves what they
    have not seen. `due_at` is when it is to be applied (none: as soon as it may), `try_at` when the next try is due.
    """

    class State(models.TextChoices):
        """How far it got."""

        WAITING = "waiting", "Waiting for approval"
        SCHEDULED = "scheduled", "Scheduled"
        APPLYING = "applying", "Being applied"
        SUSPENDED = "suspended", "Suspended"
        APPLIED = "applied", "Applied"
        FAILED = "failed", "Failed"
        DECLINED = "declined", "Declined"
        WITHDRAWN = "withdrawn", "Withdrawn"

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="proposals")
    state = models.CharField(max_length=9, choices=State)
    revision = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=10, choices=Change.Kind)
    seen = models.ForeignKey(CorsConfiguration, models.RESTRICT, null=True, blank=True, related_name="+")
    proposed = models.JSONField(null=True, blank=True)
    summary = models.CharField(max_length=500)
    note = NoteField(max_length=500, blank=True)
    guard = models.BooleanField(default=False)
    reverts = models.ForeignKey(Change, models.SET_NULL, null=True, blank=True, related_name="+")
    proposer = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    proposer_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    approver_name = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    try_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    change = models.ForeignKey(Change, models.SET_NULL, null=True, blank=True, related_name="proposals")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["state", "try_at"], name="proposal_by_due"),
            models.Index(fields=["-at", "-id"], name="proposal_by_time"),
            models.Index(fields=["api", "-at"], name="proposal_by_api"),
        ]

    def __str__(self) -> str:
        return self.summary

    def get_absolute_url(self) -> str:
        """Return the proposal's page."""
        return reverse("proposal", args=[self.pk])

    @property
    def policy(self) -> CorsPolicy:
        """What is proposed."""
        return CorsPolicy.from_aws(self.proposed)

    @property
    def seen_policy(self) -> CorsPolicy:
        """What it was planned on."""
        return self.seen.policy if self.seen else CorsPolicy.off()


class ProposalEvent(models.Model):
    """A row of a proposal's timeline. Rows are only ever added."""

    class Kind(models.TextChoices):
        """What happened."""

        PROPOSED = "proposed", "proposed this"
        COMMENTED = "commented", "commented"
        APPROVED = "approved", "approved this"
        SCHEDULED = "scheduled", "scheduled this"
        DECLINED = "declined", "declined this"
        WITHDRAWN = "withdrawn", "withdrew this"
        REPLANNED = "replanned", "planned this again"
        SUSPENDED = "suspended", "suspended this"
        DELAYED = "delayed", "could not apply this yet"
        APPLIED = "applied", "applied this"
        FAILED = "failed", "could not apply this"

    proposal = models.ForeignKey(Proposal, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=9, choices=Kind)
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    actor_name = models.CharField(max_length=150)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["at"], name="proposal_event_by_time")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.get_kind_display()}"


lease.register("interactive", Proposal)
