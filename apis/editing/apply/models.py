"""What needs approval, verifications under way, and deployments of stages."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apis.inventory.models import Change, HttpApi
from apis.jobs import lease


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


class Verification(models.Model):
    """The verification of a change: its lease, next try and end.

    Without `done_at` the verification is still pending; a lost message does not end it.
    """

    change = models.OneToOneField(Change, models.CASCADE, related_name="verification")
    tries = models.PositiveIntegerField(default=0)
    try_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["try_at"], name="verification_pending", condition=models.Q(done_at=None))]

    def __str__(self) -> str:
        return f"verification of {self.change_id}"


class Deployment(models.Model):
    """A stage that someone has deployed, because it does not deploy automatically. `deployment_id` is AWS's."""

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


lease.register("interactive", Deployment)
# Not Verification: the workers of several queues lease its rows.
