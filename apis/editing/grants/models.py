"""Grants: origins that are allowed until an end."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone

from apis.inventory.models import Change, HttpApi, NoteField
from apis.jobs import lease


class Grant(models.Model):
    """Temporary access for an origin: who requested it, for how long (`lasts`, in seconds), and its state.

    `until`: its latest end, however late it is applied.

    `change` added it, directly or through a proposal; `removal` removed it. While it cannot be removed,
    `error` says why and `try_at` when that is tried again; `result` says how it ended.
    """

    class State(models.TextChoices):
        """How far it got."""

        WAITING = "waiting", "Waiting for approval"
        ADDING = "adding", "Applying"
        ACTIVE = "active", "Active"
        ENDING = "ending", "Being ended"
        ENDED = "ended", "Ended"
        VOID = "void", "Never applied"

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="grants")
    origin = models.CharField(max_length=500)
    state = models.CharField(max_length=7, choices=State)
    lasts = models.PositiveIntegerField()
    note = NoteField(max_length=500, blank=True)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    granted_by_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    proposal = models.ForeignKey("Proposal", models.SET_NULL, null=True, blank=True, related_name="grants")
    change = models.ForeignKey(Change, models.SET_NULL, null=True, blank=True, related_name="grants")
    removal = models.ForeignKey(Change, models.SET_NULL, null=True, blank=True, related_name="ended_grants")
    try_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    leased_until = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    result = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["state", "try_at"], name="grant_by_due"),
            models.Index(fields=["-at", "-id"], name="grant_by_time"),
            models.Index(fields=["api", "-at"], name="grant_by_api"),
        ]

    def __str__(self) -> str:
        return f"{self.origin} for {self.api_id}: {self.state}"

    @property
    def is_out(self) -> bool:
        """Whether the origin was taken out before the end, as far as has been seen. Lists load `api__current` along."""
        return self.state == self.State.ACTIVE and self.origin not in self.api.policy.allow_origins

    @property
    def is_stuck(self) -> bool:
        """Whether its end has come, but the origin could not be taken out: `error` says why."""
        over = self.ends_at is not None and self.ends_at <= timezone.now()
        return self.state == self.State.ACTIVE and over and bool(self.error) and not self.is_out


lease.register("interactive", Grant)
