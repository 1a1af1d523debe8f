"""Rules, what they decided, and maintenance windows."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from apis.alerting.models import Channel, Delivery, Incident
from apis.inventory.models import Account, HttpApi, NoteField


class Rule(models.Model):
    """Which alerts go to which channels, and when. An empty condition matches everything.

    The default rule, which every installation has, sends everything to every channel until someone changes it.
    """

    class QuietMode(models.TextChoices):
        """What becomes of a message in quiet hours."""

        DEFER = "defer", "Send after quiet hours"
        DROP = "drop", "Do not send"

    name = models.CharField(max_length=100)
    enabled = models.BooleanField(default=True)
    is_default = models.BooleanField(default=False)

    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="+")
    api = models.ForeignKey(HttpApi, models.CASCADE, null=True, blank=True, related_name="+")
    tag_key = models.CharField(max_length=128, blank=True)
    tag_value = models.CharField(max_length=256, blank=True)
    severity = models.CharField(max_length=8, default="info")
    kinds = models.JSONField(default=list, blank=True)

    all_channels = models.BooleanField(default=False)
    channels = models.ManyToManyField(Channel, blank=True, related_name="rules")

    # Seconds.
    delay = models.PositiveIntegerField(default=0)
    reminder = models.PositiveIntegerField(default=0)
    recovery = models.BooleanField(default=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    quiet_zone = models.CharField(max_length=60, blank=True)
    quiet_mode = models.CharField(max_length=5, choices=QuietMode, default=QuietMode.DEFER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-is_default", Lower("name"), "id"]
        constraints = [
            models.UniqueConstraint(Lower("name"), name="one_rule_per_name"),
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_rule"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the rule's page."""
        return reverse("rule", args=[self.pk])


class Maintenance(models.Model):
    """A window in which no one is notified; probes go on. An empty condition covers every API.

    `once`: from `starts_at` to `ends_at`. `weekly` and `cron` repeat: each occurrence lasts `duration` seconds.
    """

    class Repeat(models.TextChoices):
        """How often it happens."""

        ONCE = "once", "Once"
        WEEKLY = "weekly", "Weekly"
        CRON = "cron", "Cron"

    name = models.CharField(max_length=100)
    repeat = models.CharField(max_length=6, choices=Repeat, default=Repeat.ONCE)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="+")
    api = models.ForeignKey(HttpApi, models.CASCADE, null=True, blank=True, related_name="+")
    tag_key = models.CharField(max_length=128, blank=True)
    tag_value = models.CharField(max_length=256, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    # Monday is 0.
    weekdays = models.JSONField(default=list, blank=True)
    time = models.TimeField(null=True, blank=True)
    cron = models.CharField(max_length=100, blank=True)
    duration = models.PositiveIntegerField(default=0)
    zone = models.CharField(max_length=60, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Decision(models.Model):
    """What a rule made of one event: whom it notified, or why it did not."""

    class Outcome(models.TextChoices):
        """What came of it."""

        NOTIFIED = "notified", "Notified"
        DELAYED = "delayed", "Delayed"
        DEFERRED = "deferred", "Deferred"
        DROPPED = "dropped", "Dropped"
        DUPLICATE = "duplicate", "Notified by another rule"
        NO_MATCH = "no_match", "Does not match"
        DISABLED = "disabled", "Disabled"

    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    severity = models.CharField(max_length=8)
    incident = models.ForeignKey(Incident, models.CASCADE, null=True, blank=True, related_name="decisions")
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, blank=True, related_name="decisions")
    rule_name = models.CharField(max_length=100)
    channel = models.ForeignKey(Channel, models.CASCADE, null=True, blank=True, related_name="+")
    delivery = models.ForeignKey(
        Delivery, models.SET_NULL, null=True, blank=True, related_name="decisions", db_constraint=False
    )
    outcome = models.CharField(max_length=9, choices=Outcome)
    reason = NoteField(max_length=500, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return f"{self.rule_name}: {self.outcome}"
