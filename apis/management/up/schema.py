"""The tables of a database: whether this version can use them, and how they become its own."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connection, router
from django.db.backends.utils import CursorWrapper
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from apis.migrations import _results_by_day, _sparse_results
from apis.probing.runs import partitions

APP = "apis"
Tables = dict[str, set[str]]


class IncompatibleData(Exception):
    """Another version of corsdash made this data; the message says what to do."""


def bring_up_to_date() -> None:
    """Make the tables in an empty database, apply new migrations to another, change nothing where there are none.

    Raises IncompatibleData, having changed nothing, for data that this version cannot upgrade.
    """
    loader = MigrationLoader(connection)
    check(loader)
    if not loader.disk_migrations.keys() <= loader.applied_migrations.keys():
        _migrate(loader)
    if partitions.are_used():
        # Where nothing ran for days, today has none yet.
        partitions.make_ahead(timezone.now())


def _migrate(loader: MigrationLoader) -> None:
    if not loader.applied_migrations and not connection.introspection.table_names():
        _create_tables(loader)
    # Also after new tables: it makes the permissions and content types.
    call_command("migrate", verbosity=0, interactive=False)


def _create_tables(loader: MigrationLoader) -> None:
    """Make all tables as the models are now, and record every migration as applied, in one transaction.

    Applying the migrations one by one gives the same tables, but Django builds all models again for each step.
    """
    recorder = MigrationRecorder(connection)
    recorder.ensure_schema()
    with connection.schema_editor() as editor:
        for config in apps.get_app_configs():
            for model in router.get_migratable_models(config, DEFAULT_DB_ALIAS):
                if model._meta.can_migrate(connection):
                    editor.create_model(model)
        if partitions.are_used():
            # Indexes and constraints, which the editor would make at its end.
            while editor.deferred_sql:
                editor.execute(editor.deferred_sql.pop(0), None)
            with connection.cursor() as cursor:
                _results_by_day.partition(cursor, timezone.now())
                _sparse_results.fill_indexes(cursor)
        for key in loader.graph.nodes:
            recorder.record_applied(*key)


def check(loader: MigrationLoader | None = None) -> None:
    """Raise IncompatibleData when the tables are not those that the recorded migrations make; change nothing."""
    loader = loader or MigrationLoader(connection)
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
        return {name: _columns(cursor, name) for name in names}


def _columns(cursor: CursorWrapper, table: str) -> set[str]:
    """Return the columns of a table; Django's own way parses the table's SQL, which takes ten times as long."""
    if connection.vendor == "sqlite":
        # The cursor's description would leave out what is in brackets in a name.
        cursor.execute("SELECT name FROM pragma_table_xinfo(%s)", [table])
        return {name for (name,) in cursor.fetchall()}
    cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} LIMIT 0")
    return {name for name, *_ in cursor.description}


def _incompatible(why: str) -> IncompatibleData:
    if settings.EMBEDDED:
        data, other = f"the data folder {settings.DATA}", "a new folder in CORSDASH_DATA"
    else:
        data, other = f"the database {connection.settings_dict['NAME']}", "a new database in DATABASE_URL"
    return IncompatibleData(
        f"{data} belongs to another version of corsdash ({why}): start that version again, or name {other}"
    )
