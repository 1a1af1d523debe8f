"""Status pages."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse

from apis.inventory.models import Account, HttpApi


class StatusPage(models.Model):
    """The status of some APIs, for anyone with its link or for signed-in people.

    Only a hash of the link's token is kept: the token itself is shown once. Without one the page needs sign-in.
    """

    class Selection(models.TextChoices):
        """What says which APIs it shows. One without any shows none, never all."""

        ACCOUNT = "account", "All APIs of an account"
        TAG = "tag", "APIs with a tag"
        APIS = "apis", "Only these APIs"

    name = models.CharField(max_length=100)
    selection = models.CharField(max_length=7, choices=Selection, default=Selection.APIS)
    account = models.ForeignKey(Account, models.CASCADE, null=True, blank=True, related_name="+")
    tag_key = models.CharField(max_length=128, blank=True)
    tag_value = models.CharField(max_length=256, blank=True)
    apis = models.ManyToManyField(HttpApi, blank=True, related_name="status_pages")
    show_origins = models.BooleanField(default=False)
    digest = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = [Lower("name"), "id"]
        constraints = [models.UniqueConstraint(Lower("name"), name="one_status_page_per_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the page as signed-in people open it."""
        return reverse("status_page", args=[self.pk])

    @property
    def is_public(self) -> bool:
        """Whether anyone with the link may open it."""
        return self.digest is not None

    @property
    def tag(self) -> str:
        """The tag as key or key=value."""
        return f"{self.tag_key}={self.tag_value}" if self.tag_value else self.tag_key
