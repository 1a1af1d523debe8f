"""What the prober knows of its surroundings: hosts' certificates, its own network, the scheduler."""

from __future__ import annotations

from django.db import models


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


class NetworkOutage(models.Model):
    """The one row while the dashboard's own network is down: since when, and when a run last found it so."""

    ONLY = "network"

    name = models.CharField(max_length=20, primary_key=True, default=ONLY)
    since = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} down since {self.since}"


class AnsweringEndpoint(models.Model):
    """An AWS endpoint that has answered this machine: only a failed check of such a one shows a lost network."""

    url = models.CharField(max_length=500, primary_key=True)
    answered_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.url


class Tick(models.Model):
    """The scheduler's sign of life: when each of its beats was last carried out."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name
