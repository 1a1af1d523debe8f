"""Whether this version can use the tables of a database: those of versions before the first release it cannot."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader

APP = "apis"
Tables = dict[str, set[str]]


class IncompatibleData(Exception):
    """Another version of corsdash made this data; the message says what to do."""


def check() -> None:
    """Raise IncompatibleData when the tables are not those that the recorded migrations make; change nothing."""
    loader = MigrationLoader(connection)
    recorded = {key for key in loader.applied_migrations if key[0] == APP}
    if unknown := sorted(name for _, name in recorded - loader.disk_migrations.keys()):
        raise _incompatible(f"migration {unknown[0]} is unknown here")
    try:
        loader.check_consistent_history(connection)
    except InconsistentMigrationHistory as error:
        raise _incompatible("its migrations are in another order") from error
    expected, found = _expected(loader, recorded), _found()
    for table in sorted(expected.keys() | found.keys()):
        if expected.get(table) != found.get(table):
            raise _incompatible(f"table {table} differs")


def _expected(loader: MigrationLoader, recorded: set[tuple[str, str]]) -> Tables:
    current = recorded.issuperset(loader.graph.leaf_nodes(APP))
    registry = apps if current else loader.project_state(sorted(recorded)).apps
    models = registry.get_models(include_auto_created=True)
    return {
        model._meta.db_table: {str(field.column) for field in model._meta.local_concrete_fields}
        for model in models
        if model._meta.app_label == APP
    }


def _found() -> Tables:
    with connection.cursor() as cursor:
        names = [name for name in connection.introspection.table_names(cursor) if name.startswith(f"{APP}_")]
        return {
            name: {column.name for column in connection.introspection.get_table_description(cursor, name)}
            for name in names
        }


def _incompatible(why: str) -> IncompatibleData:
    if settings.EMBEDDED:
        data, other = f"the data folder {settings.DATA}", "a new folder in CORSDASH_DATA"
    else:
        data, other = f"the database {connection.settings_dict['NAME']}", "a new database in DATABASE_URL"
    return IncompatibleData(
        f"{data} belongs to another version of corsdash ({why}): start that version again, or name {other}"
    )
