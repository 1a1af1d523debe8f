"""The one Django app."""

from django.apps import AppConfig


class ApisConfig(AppConfig):
    """Registers the rooms' tables and system checks."""

    name = "apis"
    default_auto_field = "django.db.models.BigAutoField"
