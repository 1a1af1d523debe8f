"""The one Django app."""

from django.apps import AppConfig


class ApisConfig(AppConfig):
    """Registers the rooms' tables and system checks."""

    name = "apis"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add to the overview what rooms after `insight` know."""
        from apis.alerting.overview import open_incidents
        from apis.insight.overview import add_section

        add_section("incidents", open_incidents)
