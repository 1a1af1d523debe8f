"""The one Django app."""

from importlib import import_module
from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate

_REGISTERED = (
    "apis.editing.apply.deployment_events",
    "apis.alerting.incidents.incident_events",
    "apis.alerting.sending.log_messages",
    "apis.alerting.rules.coverage",
)
"""Modules that give earlier rooms what only later ones know."""


class ApisConfig(AppConfig):
    """Registers the rooms' tables and system checks."""

    name = "apis"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Give earlier rooms what later ones know; have the default rule made with the tables."""
        from apis.alerting.overview import open_incidents
        from apis.demo import banner
        from apis.insight.overview import add_notice, add_section

        add_section("incidents", open_incidents)
        add_notice(banner.render)
        for name in _REGISTERED:
            import_module(name)
        post_migrate.connect(_make_default_rule, sender=self)


def _make_default_rule(using: str, **_: Any) -> None:
    from apis.alerting.rules.defaults import make_default_rule

    make_default_rule(using)
