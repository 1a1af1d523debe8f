"""Runs of the sync."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apis.inventory.models.accounts import Account


class SyncRun(models.Model):
    """One sync of all or some accounts and regions."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="+")
    region = models.CharField(max_length=30, blank=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]

    def __str__(self) -> str:
        return f"sync {self.pk}"


class SyncRegion(models.Model):
    """One account's region in a run: what was found there, or why not."""

    class State(models.TextChoices):
        """How far it got."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="regions")
    account = models.ForeignKey(Account, models.CASCADE, related_name="sync_regions")
    region = models.CharField(max_length=30)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    found = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    drifted = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["account__name", "region"]
        constraints = [models.UniqueConstraint(fields=["run", "account", "region"], name="one_row_per_synced_region")]
        indexes = [models.Index(fields=["account", "region", "-id"], name="sync_region_latest")]

    def __str__(self) -> str:
        return f"{self.account} {self.region}: {self.state}"
