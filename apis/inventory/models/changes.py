"""The history of APIs: changes, the origins they touch, and who made and reviewed a drift."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse

from apis.inventory.models.apis import CorsConfiguration, HttpApi
from apis.inventory.models.fields import NoteField


class Change(models.Model):
    """One step of an API's history. Rows are only ever added; a pending one is marked applied or failed once."""

    class Kind(models.TextChoices):
        """How the change came about."""

        DISCOVERED = "discovered", "Discovered"
        PANEL = "panel", "Configure panel"
        REST = "rest", "REST API"
        BULK = "bulk", "Bulk edit"
        REVERT = "revert", "Revert"
        GUARD = "guard", "Guard"
        DRIFT = "drift", "Drift"

    class Status(models.TextChoices):
        """How far it got."""

        PENDING = "pending", "Pending"
        APPLIED = "applied", "Applied"
        FAILED = "failed", "Failed"

    class Failure(models.TextChoices):
        """Why it failed, as far as a program acts on it."""

        CONFLICT = "conflict", "Conflict"
        TEMPORARY = "temporary", "Temporary"
        PERMANENT = "permanent", "Permanent"

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=7, choices=Status, default=Status.PENDING)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    actor_name = models.CharField(max_length=150, blank=True)
    note = NoteField(max_length=500, blank=True)
    summary = models.CharField(max_length=500, blank=True)
    before = models.ForeignKey(CorsConfiguration, models.PROTECT, null=True, blank=True, related_name="+")
    after = models.ForeignKey(CorsConfiguration, models.PROTECT, null=True, blank=True, related_name="+")
    # What was asked for; `after` is what AWS then held. They differ only in what AWS itself rewrites (header case).
    proposed = models.JSONField(null=True, blank=True)
    guard = models.BooleanField(default=False)
    group = models.UUIDField(null=True, blank=True, db_index=True)
    reverts = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reverted_by")
    error = models.TextField(blank=True)
    failure = models.CharField(max_length=9, choices=Failure, blank=True)
    # The configurations of a conflict by AWS's names: `seen`, `live` and `proposed`.
    conflict = models.JSONField(null=True, blank=True)
    # Set before the write: from then on AWS may hold the change, whatever becomes of the worker.
    sent_at = models.DateTimeField(null=True, blank=True)
    # Earlier versions kept the three columns above in here. Nothing reads or writes it any more.
    detail = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["api", "-at", "-id"], name="change_by_api"),
            models.Index(fields=["-at", "-id"], name="change_by_time"),
            models.Index(fields=["api", "after"], name="drift_by_api", condition=models.Q(kind="drift")),
            models.Index(fields=["actor_name", "-at", "-id"], name="change_by_actor"),
            models.Index(fields=["kind", "-at", "-id"], name="change_by_kind"),
        ]
        constraints = [
            # Two edits of one API at once would each overwrite what the other cannot see yet.
            models.UniqueConstraint(
                fields=["api"], condition=models.Q(status="pending"), name="one_pending_change_per_api"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.summary}"

    def get_absolute_url(self) -> str:
        """Return the change's page."""
        return reverse("change", args=[self.pk])

    @property
    def who(self) -> str:
        """Who made it: of a drift whom CloudTrail names, if it does. Lists load `attribution` along."""
        found = getattr(self, "attribution", None) if self.kind == self.Kind.DRIFT else None
        return (found.user if found else "") or self.actor_name


class ChangeOrigin(models.Model):
    """An entry of AllowOrigins that a change added or removed, for finding changes by origin."""

    change = models.ForeignKey(Change, models.CASCADE, related_name="origins")
    value = models.CharField(max_length=500)
    added = models.BooleanField()

    class Meta:
        ordering = ["-added", "value"]
        constraints = [models.UniqueConstraint(fields=["change", "value"], name="one_row_per_changed_origin")]
        indexes = [models.Index(fields=["value", "-change"], name="change_origin_by_value")]

    def __str__(self) -> str:
        return f"{'+' if self.added else '-'} {self.value}"


class DriftAnswer(models.Model):
    """A review of drift: accepted, or ignored until a time. The newest counts."""

    class Kind(models.TextChoices):
        """The two answers; the third, to revert it, is a Change."""

        ACCEPTED = "accepted", "Accepted"
        IGNORED = "ignored", "Ignored until"

    change = models.ForeignKey(Change, models.CASCADE, related_name="answers")
    kind = models.CharField(max_length=8, choices=Kind)
    until = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=150)
    note = NoteField(max_length=500, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.by_name}"


class Attribution(models.Model):
    """Who caused drift, from CloudTrail; with `user` empty, `why` it is unknown.

    Written once by the look-up that found it, or again and again by those that did not, until `settled`.
    """

    change = models.OneToOneField(Change, models.CASCADE, related_name="attribution")
    settled = models.BooleanField(default=False)
    user = models.CharField(max_length=500, blank=True)
    agent = models.CharField(max_length=500, blank=True)
    source_ip = models.CharField(max_length=100, blank=True)
    event_name = models.CharField(max_length=60, blank=True)
    event_id = models.CharField(max_length=100, blank=True)
    event_at = models.DateTimeField(null=True, blank=True)
    why = models.TextField(blank=True)
    looked_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.user or self.why
