"""Accounts."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse


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
        """Return the account's page."""
        return reverse("account", args=[self.pk])
