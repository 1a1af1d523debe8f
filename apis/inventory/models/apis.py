"""HTTP APIs as last seen in AWS, their configurations and allowed origins."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from apis.cors.policy import CorsPolicy
from apis.inventory.models.accounts import Account


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
    # When a live read last finished, and its error if it failed.
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
        """Return the API's page."""
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
