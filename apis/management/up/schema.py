"""Whether this version can use the tables of a database: those of versions before the first release it cannot."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ModelState

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
    if recorded.issuperset(loader.graph.leaf_nodes(APP)):
        models = apps.get_app_config(APP).get_models(include_auto_created=True)
        return {
            model._meta.db_table: {str(field.column) for field in model._meta.local_concrete_fields} for model in models
        }
    state = loader.project_state(sorted(recorded))
    return dict(table(model) for (app, _), model in state.models.items() if app == APP)


def table(model: ModelState) -> tuple[str, set[str]]:
    """Return a model's table and the columns in it."""
    name = str(model.options.get("db_table") or f"{APP}_{model.name_lower}")
    return name, set(columns(model).values())


def columns(model: ModelState) -> dict[str, str]:
    """Return the column of each field of a model."""
    return {
        name: field.db_column or (f"{name}_id" if field.remote_field else name)
        for name, field in model.fields.items()
        if not field.many_to_many
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
