"""Data of earlier versions is upgraded whole, or refused in one sentence and left as it is."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import AddField, DeleteModel, RemoveField, RenameField, RenameModel
from django.db.migrations.state import ModelState

from tests.support.up import own_environ
from tests.upgrade.folder import HERE, KEY, LAST_MIGRATIONS, Rows, load, rows, run

BEFORE_FIRST = HERE / "before-first.sql.gz"
"""The tables of an early version: its second migration has another name, and makes a table that ours makes too."""
REWRITTEN: dict[tuple[str, str], str] = {}
"""Old columns (table, column) whose values a migration changes or drops on purpose, and why."""
DJANGOS = {"django_migrations", "django_content_type", "auth_permission", "auth_group_permissions"}
"""What Django itself keeps in step with the code."""
Column = tuple[str, str]


@dataclass(frozen=True)
class Upgraded:
    """The first data after its upgrade: where it is, and its rows before and after."""

    environ: Mapping[str, str]
    before: Rows
    after: Rows


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    """The database of the first commit whose data must upgrade, upgraded by the product itself."""
    environ = own_environ(tmp_path_factory.mktemp("first")) | {"SECRET_KEY": KEY}
    load(environ)
    if "DATABASE_URL" not in environ:
        fill_bags(environ)
    before = rows(environ)
    made = run(environ, "manage.py", "prepare")
    assert (made.returncode, made.stdout) == (0, ""), made.stderr
    return Upgraded(environ, before, rows(environ))


@pytest.fixture
def environ(tmp_path: Path) -> Mapping[str, str]:
    """A dashboard of its own, not yet started."""
    return own_environ(tmp_path) | {"SECRET_KEY": KEY}


def table(model: ModelState) -> str:
    """Return a model's table."""
    return str(model.options.get("db_table") or f"apis_{model.name_lower}")


def columns(model: ModelState) -> dict[str, str]:
    """Return the column of each field of a model that has one of its own."""
    return {
        name: field.db_column or (f"{name}_id" if field.remote_field else name)
        for name, field in model.fields.items()
        if not field.many_to_many
    }


def names_today() -> dict[Column, Column]:
    """Where each column of the first data is by now: its table and its name."""
    loader = MigrationLoader(None)
    plan = [key for key in loader.graph.forwards_plan(loader.graph.leaf_nodes("apis")[0]) if key[0] == "apis"]
    [at] = [number for number, (_, name) in enumerate(plan) if name.startswith(LAST_MIGRATIONS["apis"])]
    first, last = (
        {name: model for (app, name), model in loader.project_state([key]).models.items() if app == "apis"}
        for key in (plan[at], plan[-1])
    )
    fields = {model: {name: name for name in columns(state)} for model, state in first.items()}
    models = {model: model for model in first}
    for key in plan[at + 1 :]:
        for operation in loader.get_migration(*key).operations:
            match operation:
                case RenameModel():
                    models = {
                        old: operation.new_name_lower if new == operation.old_name_lower else new
                        for old, new in models.items()
                    }
                case RenameField():
                    for old, new in models.items():
                        if new == operation.model_name_lower:
                            fields[old] = {
                                before: operation.new_name if after == operation.old_name else after
                                for before, after in fields[old].items()
                            }
                case RemoveField() | DeleteModel() | AddField():
                    pass
    return {
        (table(first[old]), columns(first[old])[field]): (
            table(last[new]),
            columns(last[new])[after],
        )
        for old, new in models.items()
        if new in last
        for field, after in fields[old].items()
        if after in last[new].fields
    }


def lost(before: Rows, after: Rows) -> list[str]:
    """The values of `before` that `after` no longer has, as table, key and column."""
    places = names_today()
    found = []
    for table, held in before.items():
        if table in DJANGOS:
            continue
        keys = ("id", "session_key", "cache_key", "key", "name")
        key = next(name for name in keys if name in (held[0] if held else {"id": ""}))
        today, today_key = places.get((table, key), (table, key))
        by_key = {row[today_key]: row for row in after.get(today, [])}
        for row in held:
            for column, value in row.items():
                if (table, column) in REWRITTEN:
                    continue
                there, name = places.get((table, column), (table, column))
                now = by_key.get(row[key], {})
                if there != today or name not in now or now[name] != value:
                    found.append(f"{table} {row[key]} {column}: {value!r}, now {now.get(name)!r}")
    return found


@pytest.mark.once
def test_the_first_data_has_every_kind_of_row(environ: Mapping[str, str]) -> None:
    """No table is empty but the one that only ever holds what is under way."""
    load(environ)
    found = rows(environ)
    assert sorted(name for name, held in found.items() if name.startswith("apis_") and not held) == []


def test_every_row_of_the_first_data_is_kept(upgraded: Upgraded) -> None:
    assert lost(upgraded.before, upgraded.after) == []


def test_every_page_shows_the_first_data(upgraded: Upgraded) -> None:
    walked = run(upgraded.environ, "-m", "tests.upgrade.walk")
    assert walked.returncode == 0, walked.stderr
    found = json.loads(walked.stdout.splitlines()[-1])
    assert found["failed"] == []
    assert {"apis", "api", "change", "incident", "probe", "result", "proposal", "channel"} <= found["opened"].keys()


SHAPE = """
import json, sys
from django.apps import apps
from django.core.management import call_command
from django.db import connection
for name in {commands}:
    call_command(name, stdout=sys.stderr)
# Names that Django generates come from a table's first name, and nothing refers to them.
ours = {part.name for model in apps.get_models() for part in [*model._meta.indexes, *model._meta.constraints]}
with connection.cursor() as cursor:
    shape = {}
    for name in connection.introspection.table_names(cursor):
        columns = connection.introspection.get_table_description(cursor, name)
        limits = connection.introspection.get_constraints(cursor, name)
        for facts in limits.values():
            if facts["primary_key"]:  # SQLite names its columns in the order of the table's.
                facts["columns"].sort()
        shape[name] = {
            "columns": sorted(repr(tuple(column)) for column in columns),
            "constraints": sorted(repr(sorted(facts.items(), key=str)) for facts in limits.values()),
            "names": sorted(ours & limits.keys()),
        }
    for table in ("auth_permission", "django_content_type", "django_migrations"):
        cursor.execute(f"SELECT COUNT(*) FROM {table}")
        shape[f"rows of {table}"] = cursor.fetchone()
    if connection.vendor == "postgresql":
        cursor.execute(
            "SELECT pg_get_partkeydef(c.oid), (SELECT count(*) FROM pg_index WHERE indrelid = c.oid),"
            " (SELECT count(*) FROM pg_constraint WHERE conrelid = c.oid)"
            " FROM pg_class c WHERE relkind IN ('r', 'p') AND relispartition ORDER BY relname"
        )
        shape["partitions"] = cursor.fetchall()
print(json.dumps(shape))
"""


# Ids of Django's own many-to-many tables, that no one uses: its migrations give them more bytes than its models.
WIDER = {"auth_group_permissions", "auth_user_groups", "auth_user_user_permissions"}


def test_new_tables_are_those_that_the_migrations_make(tmp_path: Path) -> None:
    """A new database gets its tables at once; they are those of a database that went through every migration."""
    shapes = []
    for name, *commands in (("new", "prepare"), ("upgraded", "migrate", "prepare")):
        home = tmp_path / name
        home.mkdir()
        script = SHAPE.replace("{commands}", str(commands))
        shown = run(own_environ(home), "manage.py", "shell", "--no-imports", "-c", script)
        assert shown.returncode == 0, shown.stderr
        shape = json.loads(shown.stdout)
        for table in WIDER:
            shape[table]["columns"] = len(shape[table]["columns"])
        shapes.append(shape)
    new, upgraded = shapes
    assert new.keys() == upgraded.keys()
    assert {name: (shape, upgraded[name]) for name, shape in new.items() if shape != upgraded[name]} == {}


STEP_BY_STEP = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from apis.management.up import schema
def progress(step, migration=None, fake=False):
    if step == "apply_success" and migration.app_label == "apis":
        schema.check()
        print("accepted", migration.name)
executor = MigrationExecutor(connection, progress)
executor.migrate(executor.loader.graph.leaf_nodes())
"""


@pytest.mark.once
def test_data_of_every_version_since_is_accepted(environ: Mapping[str, str]) -> None:
    """People upgrade from any version: the tables that each migration leaves are those that the check expects."""
    load(environ)
    names = sorted(name for app, name in MigrationLoader(None).disk_migrations if app == "apis")
    first = next(name for name in names if name.startswith(LAST_MIGRATIONS["apis"]))
    done = run(environ, "manage.py", "shell", "--no-imports", "-c", STEP_BY_STEP)
    accepted = [line.removeprefix("accepted ") for line in done.stdout.splitlines() if line.startswith("accepted ")]
    assert accepted == [name for name in names if name > first], done.stderr


CONFLICT = {"seen": None, "live": {"AllowOrigins": ["*"]}, "proposed": {}}
BAGS: list[dict[str, Any]] = [
    {},
    {"conflict": CONFLICT},
    {"try_again": True},
    {"sent_at": "2026-01-31T10:00:00.000001+00:00"},
]


def fill_bags(environ: Mapping[str, str]) -> None:
    """Give the first changes what the columns of today replace."""
    with sqlite3.connect(Path(environ["CORSDASH_DATA"]) / "corsdash.sqlite3") as db:
        keys = [key for (key,) in db.execute("SELECT id FROM apis_change ORDER BY id LIMIT 4")]
        statuses = ("failed", "failed", "failed", "applied")
        for key, bag, status in zip(keys, BAGS, statuses, strict=True):
            db.execute("UPDATE apis_change SET detail = ?, status = ? WHERE id = ?", (json.dumps(bag), status, key))


@pytest.mark.once
def test_what_a_change_kept_in_one_bag_comes_to_its_columns(upgraded: Upgraded) -> None:
    after = sorted(upgraded.after["apis_change"], key=lambda row: int(row["id"] or 0))[: len(BAGS)]
    found = [[row[name] for name in ("failure", "conflict", "sent_at")] for row in after]
    assert found[0] == ["permanent", None, None]
    assert (found[1][0], json.loads(found[1][1] or ""), found[1][2]) == ("conflict", CONFLICT, None)
    assert found[2] == ["temporary", None, None]
    assert found[3] == ["", None, "2026-01-31 10:00:00.000001"]
    assert [json.loads(row["detail"] or "") for row in after] == BAGS


@pytest.mark.once
def test_data_that_cannot_upgrade_is_refused_and_left_alone(environ: Mapping[str, str]) -> None:
    """`up` says what to do in one sentence, as `prepare` does."""
    load(environ, BEFORE_FIRST)
    before = dump(environ)
    for command in (["up", "--port", "0"], ["prepare"]):
        refused = run(environ, "manage.py", *command)
        assert refused.returncode != 0
        [line] = (refused.stdout + refused.stderr).strip().splitlines()
        assert line.startswith(f"CommandError: the data folder {environ['CORSDASH_DATA']} belongs to another version")
    assert dump(environ) == before


@pytest.mark.once
@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO django_migrations (app, name, applied) VALUES ('apis', '9999_later', '2030-01-01')",
        "DELETE FROM django_migrations WHERE app = 'apis' AND name LIKE '0002%'",
        "DELETE FROM django_migrations",
        "ALTER TABLE apis_flip RENAME COLUMN before TO earlier",
    ],
)
def test_tables_of_other_versions(environ: Mapping[str, str], change: str) -> None:
    """A later version's data, and tables that are not those that the recorded migrations make."""
    load(environ)
    with sqlite3.connect(Path(environ["CORSDASH_DATA"]) / "corsdash.sqlite3") as db:
        db.execute(change)
    before = dump(environ)
    refused = run(environ, "manage.py", "prepare")
    assert refused.returncode != 0
    [line] = refused.stderr.strip().splitlines()
    assert "belongs to another version" in line
    assert dump(environ) == before


def dump(environ: Mapping[str, str]) -> list[str]:
    """The SQLite database as SQL."""
    with sqlite3.connect(Path(environ["CORSDASH_DATA"]) / "corsdash.sqlite3") as db:
        return list(db.iterdump())
