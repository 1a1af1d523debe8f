"""API tokens, sign-in limits, the audit log, and the table of Django's database cache."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone


class ApiToken(models.Model):
    """A person's key to the REST API or to a wall screen. Only a hash is kept: the token itself is shown once."""

    class Purpose(models.TextChoices):
        """What it opens."""

        API = "api", "REST API"
        WALL = "wall", "Wall screen (overview only)"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    digest = models.CharField(max_length=64, unique=True)
    purpose = models.CharField(max_length=4, choices=Purpose, default=Purpose.API)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @property
    def has_expired(self) -> bool:
        """Whether its time is over."""
        return self.expires_at is not None and self.expires_at <= timezone.now()


class SignInTries(models.Model):
    """Failed sign-ins of one address, user name or browser, named by a hash; no attempt counts before `until`."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:8]}: {self.count}"


class PasswordLinks(models.Model):
    """Which password links of a person are good: those that were made with this number."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="+")
    number = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id}: {self.number}"


class AuditEvent(models.Model):
    """Something a person did that is no Change of an API: signed in, made a token, edited an account or channel."""

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    actor_name = models.CharField(max_length=150)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=200, blank=True)
    address = models.GenericIPAddressField(null=True, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.target}"

    @property
    def lines(self) -> list[str]:
        """The detail for people, a line for each part that has a value."""
        return [f"{name}: {_in_words(part)}" for name, part in self.detail.items() if part is not None]


def _in_words(part: object) -> str:
    if isinstance(part, bool):
        return "yes" if part else "no"
    return ", ".join(map(str, part)) if isinstance(part, list) else str(part)


class CacheEntry(models.Model):
    """The table of Django's database cache (see CACHES in the settings), as `createcachetable` would make it.

    A model only so that `migrate` makes the table; nothing uses it as one.
    """

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key
