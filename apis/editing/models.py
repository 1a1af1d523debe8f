"""Bulk jobs, proposals that wait, origins let in until an end, and the proofs and deployments that are owed."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils import timezone

from apis.cors.policy import CorsPolicy
from apis.inventory.models import Change, CorsConfiguration, HttpApi, NoteField
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
        """The job's page."""
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


class Grant(models.Model):
    """An origin that is let in until an end: who asked, for how long (`lasts`, in seconds), and how it went.

    `until`: a moment that it does not outlast, however late it is let in.

    `change` let it in, by itself or through a proposal; `removal` took it out again. While it cannot be taken out,
    `error` says why and `try_at` when that is tried again; `result` says how it ended.
    """

    class State(models.TextChoices):
        """How far it got."""

        WAITING = "waiting", "Waiting for approval"
        ADDING = "adding", "Being let in"
        ACTIVE = "active", "Active"
        ENDING = "ending", "Being ended"
        ENDED = "ended", "Ended"
        VOID = "void", "Never let in"

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="grants")
    origin = models.CharField(max_length=500)
    state = models.CharField(max_length=7, choices=State)
    lasts = models.PositiveIntegerField()
    note = NoteField(max_length=500, blank=True)
    given_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    given_by_name = models.CharField(max_length=150)
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


class ReviewRule(models.Model):
    """A tag whose APIs need approval for changes: its key and its value, any value when that is empty."""

    key = models.CharField(max_length=128)
    value = models.CharField(max_length=256, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["key", "value"]
        constraints = [models.UniqueConstraint(fields=["key", "value"], name="one_review_rule_per_tag")]

    def __str__(self) -> str:
        return f"{self.key}={self.value}" if self.value else self.key


class Proposal(models.Model):
    """A change that waits: for another person's approval, for its time, or for a conflict to be solved.

    `seen` is the configuration that it was planned on; `revision` counts its plans, so that nobody approves what they
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
        """The proposal's page."""
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


class Proving(models.Model):
    """The proof of a change under way: who has it (until when), when it is tried again, and when it was over.

    Without `done_at` the proof, and with it the guard's duty, is still owed; a lost message does not end it.
    """

    change = models.OneToOneField(Change, models.CASCADE, related_name="proving")
    tries = models.PositiveIntegerField(default=0)
    try_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["try_at"], name="proving_owed", condition=models.Q(done_at=None))]

    def __str__(self) -> str:
        return f"proof of {self.change_id}"


class Deployment(models.Model):
    """A stage that somebody has deployed, because it does not deploy by itself. `deployment_id` is AWS's."""

    class State(models.TextChoices):
        """How far it got."""

        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Being deployed"
        DONE = "done", "Deployed"
        FAILED = "failed", "Failed"

    api = models.ForeignKey(HttpApi, models.CASCADE, related_name="deployments")
    stage = models.CharField(max_length=128)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    asked_by_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    deployment_id = models.CharField(max_length=64, blank=True)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["api", "-at"], name="deployment_by_api")]
        constraints = [
            models.UniqueConstraint(
                fields=["api", "stage"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_open_deployment_per_stage",
            )
        ]

    def __str__(self) -> str:
        return f"{self.stage} of {self.api_id}: {self.state}"


lease.register("interactive", Proposal, Grant, Deployment)
lease.register("requested", BulkItem)
# Not Proving: the workers of several queues lease its rows.
