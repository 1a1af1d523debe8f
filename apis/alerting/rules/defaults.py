"""The rule that every installation has."""

from __future__ import annotations

from django.db import connections

from apis.alerting.rules.models import Rule

NAME = "Everything to every channel"


def make_default_rule(using: str = "default") -> None:
    """Make the default rule unless there is one, once the newest tables are there."""
    if Rule._meta.db_table not in connections[using].introspection.table_names():
        return
    if Rule.objects.using(using).filter(is_default=True).exists():
        return
    Rule.objects.using(using).create(name=NAME, is_default=True, all_channels=True)
