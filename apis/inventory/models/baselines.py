"""Baselines: configurations that APIs are locked to, and violations of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apis.inventory.models.apis import CorsConfiguration, HttpApi
from apis.inventory.models.changes import Change
from apis.inventory.models.fields import NoteField


class Baseline(models.Model):
    """The configuration that an API is locked to, one at a time; while AWS holds another, it is violated."""

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="baselines")
    configuration = models.ForeignKey(CorsConfiguration, models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=150)
    note = NoteField(max_length=500, blank=True)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["api"], condition=models.Q(ended_at=None), name="one_baseline_per_api")
        ]

    def __str__(self) -> str:
        return f"{self.api_id} locked to #{self.configuration.number}"


class BaselineViolation(models.Model):
    """A stretch in which an API's configuration was another than its baseline's, from the change that led there."""

    baseline = models.ForeignKey(Baseline, models.CASCADE, related_name="baseline_violations")
    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="baseline_violations")
    change = models.ForeignKey(Change, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # How it ended: the change that led back, or none when the API was unlocked or locked again.
    ended_by = models.ForeignKey(Change, models.SET_NULL, null=True, blank=True, related_name="+")
    notified_at = models.DateTimeField(null=True, blank=True)
    end_notified_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["api"], condition=models.Q(ended_at=None), name="one_violation_per_api")
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(notified_at=None), name="violation_to_notify"),
            models.Index(
                fields=["id"],
                condition=models.Q(end_notified_at=None, ended_at__isnull=False),
                name="violation_end_to_notify",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.api_id} violates its baseline since {self.at}"
