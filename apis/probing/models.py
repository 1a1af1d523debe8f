"""Probes, their results and flips, and the scheduler's sign of life."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.urls import reverse

from apis.access.secrets import SecretField
from apis.inventory.models import CorsConfiguration, HttpApi
from apis.probing.history import exchanges, timings

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
    # The newest outcomes, newest first, as [seconds since 1970, passed (null: not run), whether there was no answer]:
    # what a bar shows, kept here so that a list of probes reads no results.
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


class StoredExchange(models.Model):
    """What one or more runs of a probe got, under one configuration: the exchange and its verdict, or the error.

    Most runs repeat the last one, so results share these rows. Headers that differ with every response, such as
    `Date`, have no value here (see apis.probing.history.exchanges).
    """

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="+", db_index=False)
    digest = models.BinaryField(max_length=16)
    exchange = models.JSONField(null=True)
    verdict = models.JSONField(null=True)
    error = models.TextField(blank=True)
    configuration = models.ForeignKey(CorsConfiguration, models.SET_NULL, null=True, related_name="+")
    # The last day on which a result got this, so that what no result refers to any more can be deleted.
    used_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["probe", "digest"], name="one_stored_exchange_per_digest")]

    def __str__(self) -> str:
        return f"exchange {self.pk} of {self.probe_id}"


class Results(models.Manager["Result"]):
    """Results, which load what they share for all rows of a list at once."""

    def get_queryset(self) -> models.QuerySet[Result]:
        """Fetch related rows for all results of a list by one query."""
        return super().get_queryset().fetch_mode(models.FETCH_PEERS)


class Result(models.Model):
    """One run of a probe. `error` is set when there was no answer to judge; `verdict` and `exchange` are None then.

    `not_run` names what this machine lacked to make the call (apis.outbound.Lack). Such a row says nothing of the
    target: `passed` is None, and states, availability and alerts leave it out.

    `exchange`, `verdict`, `code`, `error`, `configuration` and `timings` read the shared and packed columns. Results
    of earlier versions have columns of their own for them (`own_…`).
    """

    probe = models.ForeignKey(Probe, models.CASCADE, related_name="results", db_index=False)
    at = models.DateTimeField()
    passed = models.BooleanField(null=True)
    not_run = models.CharField(max_length=20, blank=True, default="")
    # How the host failed to take a connection, one of calls.UNREACHABLE; null when it did.
    unreachable = models.CharField(max_length=12, null=True)
    allowed = models.BooleanField(null=True)
    own_code = models.CharField(max_length=60, blank=True, db_column="code")
    own_verdict = models.JSONField(null=True, db_column="verdict")
    own_exchange = models.JSONField(null=True, db_column="exchange")
    own_timings = models.JSONField(default=dict, db_column="timings")
    own_error = models.TextField(blank=True, db_column="error")
    own_configuration = models.ForeignKey(
        CorsConfiguration, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False,
        db_column="configuration_id",
    )  # fmt: skip
    # True when a maintenance window covered the API then: availability leaves this run out. Null: none did, which
    # costs a stored result nothing.
    maintenance = models.BooleanField(null=True)
    # The expectations besides the verdict that were not met, as [field, expected, observed]; None when all were.
    unmet = models.JSONField(null=True)
    # What started it: "schedule", "person" or a Change: to prove it ("change:12"), or right before it ("before:12").
    cause = models.CharField(max_length=40, default="schedule")
    # No index and no constraint: nothing looks results up by it, and each would cost as much as the column.
    stored = models.ForeignKey(
        StoredExchange, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    varying = models.JSONField(null=True)
    packed_timings = models.BinaryField(null=True)

    objects = Results()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["probe", "at"], name="result_by_probe_and_time"),
            models.Index(
                fields=["own_configuration"],
                name="result_by_configuration",
                condition=~models.Q(own_configuration=None),
            ),
            models.Index(fields=["cause"], name="result_by_cause", condition=models.Q(cause__startswith="change:")),
        ]

    def __str__(self) -> str:
        return f"{self.probe_id} {'passed' if self.passed else 'not run' if self.not_run else 'failed'}"

    @property
    def exchange(self) -> dict[str, Any] | None:
        """What went over the wire; the values of varying headers only where this row keeps them."""
        return exchanges.join(self.stored.exchange, self.varying) if self.stored else self.own_exchange

    @exchange.setter
    def exchange(self, value: dict[str, Any] | None) -> None:
        self.own_exchange = value

    @property
    def verdict(self) -> dict[str, Any] | None:
        """What a browser decides of the exchange."""
        return self.stored.verdict if self.stored else self.own_verdict

    @verdict.setter
    def verdict(self, value: dict[str, Any] | None) -> None:
        self.own_verdict = value

    @property
    def code(self) -> str:
        """The verdict's code; empty when the call is allowed or was not judged."""
        return ((self.stored.verdict or {}).get("code") or "") if self.stored else self.own_code

    @code.setter
    def code(self, value: str) -> None:
        self.own_code = value

    @property
    def error(self) -> str:
        """Why there was nothing to judge."""
        return self.stored.error if self.stored else self.own_error

    @error.setter
    def error(self, value: str) -> None:
        self.own_error = value

    @property
    def configuration(self) -> CorsConfiguration | None:
        """The API's configuration at that time, as far as it was known."""
        return self.stored.configuration if self.stored else self.own_configuration

    @configuration.setter
    def configuration(self, value: CorsConfiguration | None) -> None:
        self.own_configuration = value

    @property
    def timings(self) -> dict[str, Any]:
        """Milliseconds by leg and phase."""
        packed = self.packed_timings
        return timings.read(self.own_timings, None if packed is None else bytes(packed))

    @timings.setter
    def timings(self, value: dict[str, Any]) -> None:
        self.own_timings = value

    @property
    def latency(self) -> float | None:
        """How long the calls took together, in milliseconds; None where no answer came."""
        return timings.total(self.timings) if self.passed is not None and not self.error else None


class Rollup(models.Model):
    """What came of a probe's runs in one stretch of time: counts, and a sketch of their latency.

    `at` is the start in seconds since 1970 in UTC, a multiple of `seconds` (300, 3600 or 86,400). The rows are
    written with the results, so that results can be deleted long before them. Those of a day have no `phases`.
    """

    pk = models.CompositePrimaryKey("probe_id", "seconds", "at")
    probe = models.ForeignKey(Probe, models.CASCADE, related_name="rollups", db_index=False)
    at = models.BigIntegerField()
    seconds = models.IntegerField()
    passed = models.IntegerField(default=0)
    failed = models.IntegerField(default=0)
    not_run = models.IntegerField(default=0)
    # Runs in maintenance windows, whatever came of them; the other columns leave them out. Null: none.
    maintenance = models.IntegerField(null=True)
    # Of the scheduled runs: those that started late, and those before them that did not happen at all.
    late = models.IntegerField(default=0)
    missed = models.IntegerField(default=0)
    latency = models.BinaryField(default=b"")
    phases = models.BinaryField(null=True)

    def __str__(self) -> str:
        return f"{self.probe_id} {self.at} +{self.seconds} s"


class HostCertificate(models.Model):
    """A certificate of a custom domain, as probes saw it; the one seen last is the host's current one."""

    host = models.CharField(max_length=260)
    expires_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["host", "expires_at"], name="one_row_per_certificate_of_host"),
        ]
        indexes = [models.Index(fields=["expires_at"], name="certificate_by_end")]

    def __str__(self) -> str:
        return f"{self.host} until {self.expires_at:%Y-%m-%d}"


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
            models.Index(fields=["last_passed_at"], name="flip_by_last_pass", condition=~models.Q(last_passed_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.probe_id}: {self.before} → {self.after}"


class NetworkOutage(models.Model):
    """The one row while the dashboard's own network is down: since when, and when a run last found it so."""

    ONLY = "network"

    name = models.CharField(max_length=20, primary_key=True, default=ONLY)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} down since {self.since}"


class Tick(models.Model):
    """The scheduler's sign of life: when each of its beats was last carried out."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
