"""Probes, and how those of an API follow its configuration."""

from __future__ import annotations

from datetime import UTC, datetime

from django.conf import settings
from django.db import models
from django.urls import reverse

from apis.access.secrets import SecretField
from apis.inventory.models import CorsConfiguration, HttpApi

EXPECTATIONS = (
    "readable_headers", "status", "min_max_age", "max_latency", "certificate_days", "same_on_every_host",
)  # fmt: skip
"""The fields of a probe that say what else is expected besides the verdict."""
CALL = (
    "origin", "method", "base_url", "path", "headers", "credentials", "expect", *EXPECTATIONS, "safe", "secret_header",
)  # fmt: skip
"""The fields of a probe that say what is tried and expected. How often and how patiently are no part of it."""


class ActiveManager[Row: models.Model](models.Manager[Row]):
    """The rows that no one has deleted, of a table that keeps its deleted ones (`deleted_at`) for the history."""

    def get_queryset(self) -> models.QuerySet[Row]:
        """Without the deleted ones."""
        return super().get_queryset().filter(deleted_at=None)


class Probe(models.Model):
    """A call to be tried every `interval` seconds from `origin`, and whether a browser should allow or block it.

    `base_url` is one of the API's own addresses (execute-api with its stage, or a custom domain); never free text.
    A deleted one keeps its row, for its flips and incidents are history; only `all_objects` finds it.
    """

    class Expect(models.TextChoices):
        """The verdict with which a run passes."""

        ALLOWED = "allowed", "Allowed"
        BLOCKED = "blocked", "Blocked"

    class State(models.TextChoices):
        """`failing` has failed, but not yet `failures` times in a row."""

        NEW = "new", "Not run yet"
        UP = "up", "Passing"
        FAILING = "failing", "Failing"
        DOWN = "down", "Down"
        FLAPPING = "flapping", "Flapping"

    HAS_NEVER_PASSED = models.Q(last_passed_at=None, failing_since__isnull=False)
    """`never_passed` as a condition of a query."""

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
    # Seconds until a failure that has not yet made it down is tried again, if that is sooner than `interval`; 0: never.
    retry_interval = models.PositiveIntegerField(default=30)
    # Passes in a row after which it is no longer down.
    recoveries = models.PositiveSmallIntegerField(default=1)

    # Expected besides the verdict: response headers that script can read; the status ("200", "200-299"); seconds of
    # Access-Control-Max-Age; milliseconds for all requests together; days that the certificate is still valid; the same
    # CORS headers at every address of the API, each of which a run then calls.
    readable_headers = models.JSONField(default=list)
    status = models.CharField(max_length=7, blank=True, default="")
    min_max_age = models.PositiveIntegerField(null=True, blank=True)
    max_latency = models.PositiveIntegerField(null=True, blank=True)
    certificate_days = models.PositiveSmallIntegerField(null=True, blank=True)
    same_on_every_host = models.BooleanField(default=False)
    # Whether the actual request may be sent although its method can change data.
    safe = models.BooleanField(default=False)
    # One of `headers`, whose real value is `secret`.
    secret_header = models.CharField(max_length=200, blank=True, default="")
    secret = SecretField(blank=True, default="")
    # Kept in step with the API's configuration; deleted automatically at `ends_at`.
    probe_set = models.ForeignKey("ProbeSet", models.SET_NULL, null=True, blank=True, related_name="probes")
    ends_at = models.DateTimeField(null=True, blank=True)

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
    # Since when it has run at this interval: what was due before counts as neither late nor missed.
    scheduled_since = models.DateTimeField(null=True, blank=True)
    last_result = models.ForeignKey(
        "Result", models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    # The newest outcomes, in the form of apis.probing.history.beats: what a bar shows, kept here so that a probe's page
    # reads no results for it.
    beats = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = ActiveManager["Probe"]()
    all_objects = models.Manager["Probe"]()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["due_at"], name="probe_due", condition=models.Q(enabled=True)),
            models.Index(fields=["state"], name="probe_by_state"),
            models.Index(fields=["ends_at"], name="probe_ending", condition=models.Q(ends_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the probe's page."""
        return reverse("probe", args=[self.pk])

    @property
    def next_run_at(self) -> datetime | None:
        """When the schedule runs it next; None while it is switched off."""
        return datetime.fromtimestamp(self.due_at, UTC) if self.enabled and self.due_at else None

    @property
    def never_passed(self) -> bool:
        """Whether it has failed and never passed: its expectation may be wrong, so it opens no incident."""
        return self.last_passed_at is None and self.failing_since is not None


class ProbeSet(models.Model):
    """How an API's probes follow its configuration: each added origin gets the `calls`, a removed one is kept blocked.

    A call has the fields `method`, `base_url`, `path`, `headers` and `credentials` of a probe. `configuration` is the
    one that the probes were last brought in step with.
    """

    api = models.OneToOneField(HttpApi, models.CASCADE, related_name="probe_set")
    calls = models.JSONField(default=list)
    interval = models.PositiveIntegerField(default=300)
    failures = models.PositiveSmallIntegerField(default=2)
    configuration = models.ForeignKey(CorsConfiguration, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return f"probes of {self.api_id}"
