"""Probes, their results and flips, and the scheduler's sign of life."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.urls import reverse

from apis.inventory.models import CorsConfiguration, HttpApi

CALL = ("origin", "method", "base_url", "path", "headers", "credentials", "expect")
"""The fields of a probe that say what is tried and expected. How often and how patiently are no part of it."""


class Present[Row: models.Model](models.Manager[Row]):
    """The rows that nobody has deleted, of a table that keeps its deleted ones (`deleted_at`) for the history."""

    def get_queryset(self) -> models.QuerySet[Row]:
        """Without the deleted ones."""
        return super().get_queryset().filter(deleted_at=None)


class Probe(models.Model):
    """A call to be tried every `interval` seconds from `origin`, and whether a browser should allow or block it.

    `base_url` is one of the API's own addresses (execute-api with its stage, or a custom domain); never free text.
    A deleted one keeps its row, for its flips and incidents are history; only `ever` finds it.
    """

    class Expect(models.TextChoices):
        """The verdict that passes."""

        ALLOWED = "allowed", "Allowed"
        BLOCKED = "blocked", "Blocked"

    class State(models.TextChoices):
        """`failing` has failed, but not yet `failures` times in a row."""

        NEW = "new", "Not run yet"
        UP = "up", "Passing"
        FAILING = "failing", "Failing"
        DOWN = "down", "Down"
        FLAPPING = "flapping", "Flapping"

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="probes")
    name = models.CharField(max_length=100)
    origin = models.CharField(max_length=300)
    method = models.CharField(max_length=64, default="GET")
    base_url = models.CharField(max_length=300, blank=True)
    path = models.CharField(max_length=1000, default="/")
    headers = models.JSONField(default=list)
    credentials = models.BooleanField(default=False)
    expect = models.CharField(max_length=7, choices=Expect, default=Expect.ALLOWED)
    interval = models.PositiveIntegerField(default=300)
    failures = models.PositiveSmallIntegerField(default=2)
    enabled = models.BooleanField(default=True)

    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    state_since = models.DateTimeField(null=True, blank=True)
    failed_in_a_row = models.PositiveIntegerField(default=0)
    passed_in_a_row = models.PositiveIntegerField(default=0)
    # Of the call as it is now: the last run that passed, and the first one that failed since.
    last_passed_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    # Seconds since 1970 in UTC, so that one statement can claim a probe and move it on in SQLite and PostgreSQL alike.
    due_at = models.BigIntegerField(default=0)
    last_result = models.ForeignKey(
        "Result", models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    # The newest outcomes, newest first, as [seconds since 1970, passed (null: not run), whether there was no answer]:
    # what a bar shows, kept here so that a list of probes reads no results.
    beats = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = Present["Probe"]()
    ever = models.Manager["Probe"]()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["due_at"], name="probe_due", condition=models.Q(enabled=True)),
            models.Index(fields=["state"], name="probe_by_state"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The probe's page."""
        return reverse("probe", args=[self.pk])

    @property
    def next_run_at(self) -> datetime | None:
        """When the schedule runs it next; None while it is switched off."""
        return datetime.fromtimestamp(self.due_at, UTC) if self.enabled and self.due_at else None

    @property
    def never_passed(self) -> bool:
        """Whether it has failed and never passed: its expectation may be wrong, so it opens no incident."""
        return self.last_passed_at is None and self.failing_since is not None


class Result(models.Model):
    """One run of a probe. `error` is set when there was no answer to judge; `verdict` and `exchange` are None then.

    `not_run` names what this machine lacked to make the call (apis.outbound.Lack). Such a row says nothing of the
    target: `passed` is None, and states, availability and alerts leave it out.
    """

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="results")
    at = models.DateTimeField()
    passed = models.BooleanField(null=True)
    not_run = models.CharField(max_length=20, blank=True, default="")
    allowed = models.BooleanField(null=True)
    code = models.CharField(max_length=60, blank=True)
    verdict = models.JSONField(null=True)
    exchange = models.JSONField(null=True)
    timings = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    configuration = models.ForeignKey(CorsConfiguration, models.SET_NULL, null=True, blank=True, related_name="+")
    # What started it: "schedule", "person" or a Change: to prove it ("change:12"), or right before it ("before:12").
    cause = models.CharField(max_length=40, default="schedule")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["probe", "-at", "-id"], name="result_by_probe"),
            models.Index(fields=["at"], name="result_by_time"),
            models.Index(fields=["cause"], name="result_by_cause", condition=models.Q(cause__startswith="change:")),
        ]

    def __str__(self) -> str:
        return f"{self.probe_id} {'passed' if self.passed else 'not run' if self.not_run else 'failed'}"


class Flip(models.Model):
    """A probe's state changed. The row is also the intent to notify: `alerting` marks it handled.

    `failing_since` and `last_passed_at` are the probe's when it changed.
    """

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="flips")
    at = models.DateTimeField()
    before = models.CharField(max_length=8)
    after = models.CharField(max_length=8)
    result = models.ForeignKey(Result, models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False)
    failing_since = models.DateTimeField(null=True, blank=True)
    last_passed_at = models.DateTimeField(null=True, blank=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["id"], name="flip_unhandled", condition=models.Q(handled_at=None)),
            models.Index(fields=["probe", "-at"], name="flip_by_probe"),
        ]

    def __str__(self) -> str:
        return f"{self.probe_id}: {self.before} → {self.after}"


class Tick(models.Model):
    """The scheduler's sign of life: when each of its beats was last carried out."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
