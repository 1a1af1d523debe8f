"""Bulk jobs and their items."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse

from apis.inventory.models import Change, HttpApi, NoteField
from apis.jobs import lease


class BulkJob(models.Model):
    """One operation over many APIs; all its changes share `group`. `operation` is what `bulk.Operation` reads."""

    class State(models.TextChoices):
        """How far it got."""

        RUNNING = "running", "Running"
        PAUSED = "paused", "Paused"
        DONE = "done", "Done"

    group = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    operation = models.JSONField()
    title = models.CharField(max_length=300)
    note = NoteField(max_length=500, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    total = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["state"], name="bulk_running", condition=models.Q(state="running"))]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """Return the job's page."""
        return reverse("bulk_job", args=[self.pk])


class BulkItem(models.Model):
    """One API's part in a job. A lease that has run out tells that its worker died; another takes it up."""

    class State(models.TextChoices):
        """How far it got."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        APPLIED = "applied", "Applied"
        SKIPPED = "skipped", "Skipped"
        FAILED = "failed", "Failed"

    job = models.ForeignKey(BulkJob, models.CASCADE, related_name="items")
    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="+")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    why = models.CharField(max_length=500, blank=True)
    summary = models.CharField(max_length=500, blank=True)
    change = models.ForeignKey(Change, models.SET_NULL, null=True, blank=True, related_name="+")
    reverts = models.ForeignKey(Change, models.SET_NULL, null=True, blank=True, related_name="+")
    leased_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["job", "api"], name="one_item_per_api_in_job")]
        indexes = [models.Index(fields=["job", "state"], name="bulk_item_by_state")]

    def __str__(self) -> str:
        return f"{self.api_id} in {self.job_id}: {self.state}"


lease.register("requested", BulkItem)
