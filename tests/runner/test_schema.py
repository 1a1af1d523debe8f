"""Whether a database has this version's tables is seen from the names of their columns alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection, transaction

from apis.management.up import schema


@pytest.fixture
def undone(db: None) -> Iterator[None]:
    """What a test does to the tables is undone at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_the_tables_of_this_version_are_accepted(undone: None) -> None:
    schema.check()
    execute("CREATE TABLE others (id integer)", "CREATE VIEW apis_view AS SELECT id FROM others")
    schema.check()


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("apis_counter", "ALTER TABLE apis_counter ADD COLUMN extra integer"),
        ("apis_result", "ALTER TABLE apis_result ADD COLUMN extra integer"),
        ("apis_maintenance", "ALTER TABLE apis_maintenance DROP COLUMN tag_value"),
        ("apis_maintenance", 'ALTER TABLE apis_maintenance RENAME COLUMN tag_value TO "tag_value [old]"'),
        ("apis_maintenance", 'ALTER TABLE apis_maintenance RENAME COLUMN tag_value TO "tag value"'),
        ("apis_of 100%s", 'CREATE TABLE "apis_of 100%s" (id integer)'),
        ("apis_select", "CREATE TABLE apis_select (id integer)"),
        ("apis_counter", "DROP TABLE apis_counter"),
    ],
)
def test_other_tables_are_refused(undone: None, table: str, statement: str) -> None:
    execute(statement)
    with pytest.raises(schema.IncompatibleData, match=f"table {table} differs"):
        schema.check()
