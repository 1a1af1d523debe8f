"""Accounts, HTTP APIs, their CORS configurations and changes, and the runs of the sync."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from apis.cors.policy import CorsPolicy


class NoteField(models.CharField):
    """A sentence of a person's. A NUL, which PostgreSQL cannot store and nobody means, is left out."""

    def deconstruct(self) -> Any:
        """To the database it is like any other text."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        """Without NULs."""
        return super().get_prep_value(value.replace("\0", "") if isinstance(value, str) else value)


class Account(models.Model):
    """An AWS account and how to reach it."""

    class Method(models.TextChoices):
        """Where the credentials come from."""

        CHAIN = "chain", "Default credential chain"
        PROFILE = "profile", "Named profile"
        ROLE = "role", "Assumed role"

    name = models.CharField(max_length=100, unique=True)
    aws_account_id = models.CharField(max_length=12, blank=True)
    method = models.CharField(max_length=10, choices=Method, default=Method.CHAIN)
    profile = models.CharField(max_length=100, blank=True)
    role_arn = models.CharField(max_length=200, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    regions = models.JSONField(default=list)
    read_only = models.BooleanField(default=False)
    needs_approval = models.BooleanField(default=False)
    refuse_owned = models.BooleanField(default=False)
    endpoint_url = models.CharField(max_length=200, blank=True)
    enabled = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = [Lower("name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The account's page."""
        return reverse("account", args=[self.pk])


class HttpApi(models.Model):
    """One API Gateway HTTP API as last seen in AWS.

    `version` counts its configurations; `gone_at` is set once AWS no longer has it.
    """

    account = models.ForeignKey(Account, models.CASCADE, related_name="apis")
    region = models.CharField(max_length=30)
    api_id = models.CharField(max_length=32)
    name = models.CharField(max_length=256)
    description = models.TextField(blank=True)
    endpoint = models.CharField(max_length=300, blank=True)
    disable_execute_api_endpoint = models.BooleanField(default=False)
    managed = models.BooleanField(default=False)
    tags = models.JSONField(default=dict)
    needs_approval = models.BooleanField(default=False)
    created_in_aws_at = models.DateTimeField(null=True, blank=True)

    # Fetched on demand, not by every sync: each costs several calls of the account's budget. None until then.
    routes = models.JSONField(null=True, blank=True)
    stages = models.JSONField(null=True, blank=True)
    integrations = models.JSONField(null=True, blank=True)
    authorizers = models.JSONField(null=True, blank=True)
    domains = models.JSONField(default=list)
    details_at = models.DateTimeField(null=True, blank=True)
    details_error = models.TextField(blank=True)
    # When its configuration was last read because somebody waited for it, and what AWS answered instead.
    looked_at = models.DateTimeField(null=True, blank=True)
    look_error = models.TextField(blank=True)

    current = models.ForeignKey(
        "CorsConfiguration", models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=False
    )
    version = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=5, default="off")
    errors = models.PositiveSmallIntegerField(default=0)
    warnings = models.PositiveSmallIntegerField(default=0)
    # The digest of the rules that counted them: the next sync counts again what other rules counted.
    counted_by = models.CharField(max_length=16, blank=True, editable=False)
    first_seen_at = models.DateTimeField(auto_now_add=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)
    # Since which sync the list of APIs lacks it; the next sync that lacks it too sets `gone_at`.
    missing_since = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = [Lower("name"), "id"]
        constraints = [models.UniqueConstraint(fields=["account", "region", "api_id"], name="one_row_per_api")]
        indexes = [
            models.Index(Lower("name"), "id", name="api_by_name"),
            models.Index(fields=["account", "region"], name="api_by_region"),
            models.Index(fields=["api_id"], name="api_by_api_id"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """The API's page."""
        return reverse("api", args=[self.pk])

    @property
    def policy(self) -> CorsPolicy:
        """Its configuration as last seen."""
        return self.current.policy if self.current else CorsPolicy.off()


class CorsConfiguration(models.Model):
    """The six fields of one API at one time; a row is never changed. `cors` is None for off, `{}` for empty."""

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="configurations")
    number = models.PositiveIntegerField()
    cors = models.JSONField(null=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["api", "number"], name="one_configuration_per_version")]

    def __str__(self) -> str:
        return f"{self.api_id} #{self.number}"

    @property
    def policy(self) -> CorsPolicy:
        """The fields as a value."""
        return CorsPolicy.from_aws(self.cors)


class AllowedOrigin(models.Model):
    """An entry of an API's current AllowOrigins, for searching by origin.

    `since` is when its present stretch began, `change` how. `flags` are those of `origins.FLAGS` between blanks, as the
    rules see the entry in its list.
    """

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="allowed_origins")
    value = models.CharField(max_length=500)
    since = models.DateTimeField()
    change = models.ForeignKey("Change", models.SET_NULL, null=True, blank=True, related_name="+")
    flags = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["value"]
        constraints = [models.UniqueConstraint(fields=["api", "value"], name="one_row_per_allowed_origin")]
        indexes = [
            models.Index(fields=["value", "api"], name="allowed_origin_by_value"),
            models.Index(fields=["value", "since"], name="allowed_origin_first"),
        ]

    def __str__(self) -> str:
        return self.value


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
        """The change's page."""
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
    """What a person said to a drift: it is accepted, or is to be ignored until some time. The newest counts."""

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
    """Who made a drift, as CloudTrail tells; with `user` empty, `why` it is not known.

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


class Baseline(models.Model):
    """The configuration that an API is locked to: what AWS holds besides is a Departure. One is in force at a time."""

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


class Departure(models.Model):
    """A stretch in which an API's configuration was another than its baseline's, from the change that led there."""

    baseline = models.ForeignKey(Baseline, models.CASCADE, related_name="departures")
    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="departures")
    change = models.ForeignKey(Change, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    # How it ended: the change that led back, or none when the API was unlocked or locked anew.
    ended_by = models.ForeignKey(Change, models.SET_NULL, null=True, blank=True, related_name="+")
    told_at = models.DateTimeField(null=True, blank=True)
    end_told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["api"], condition=models.Q(ended_at=None), name="one_departure_per_api")
        ]
        indexes = [
            models.Index(fields=["id"], condition=models.Q(told_at=None), name="departure_to_tell"),
            models.Index(
                fields=["id"],
                condition=models.Q(end_told_at=None, ended_at__isnull=False),
                name="departure_end_to_tell",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.api_id} departed at {self.at}"


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
