"""Data of earlier versions as compressed SQL, put into a database of its own."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.support.up import ROOT

KEY = "the key of a data folder that is only for tests"
HERE = Path(__file__).parent
FIRST = HERE / "first.sql.gz"
"""The oldest data that must upgrade; see make_folder.py."""
LAST_MIGRATIONS = {"apis": "0002", "auth": "0012", "contenttypes": "0002", "sessions": "0001"}
"""Those of FIRST."""
_MIGRATE = f"""
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
last = {LAST_MIGRATIONS}
executor.migrate([(app, executor.loader.get_migration_by_prefix(app, name).name) for app, name in last.items()])
"""
Rows = dict[str, list[dict[str, str | None]]]


def run(environ: Mapping[str, str], *command: str, seconds: int = 120) -> subprocess.CompletedProcess[str]:
    """Run a Python program on the data that `environ` names."""
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=seconds
    )


def load(environ: Mapping[str, str], source: Path = FIRST) -> None:
    """Put the rows of `source` where `environ` says: into a new SQLite file, or a new database of PostgreSQL."""
    script = gzip.decompress(source.read_bytes()).decode()
    if "DATABASE_URL" not in environ:
        folder = Path(environ["CORSDASH_DATA"])
        folder.mkdir(mode=0o700)
        with _sqlite(folder / "corsdash.sqlite3") as db:
            db.executescript(script)
        return
    made = run(environ, "manage.py", "shell", "--no-imports", "-c", _MIGRATE)
    assert made.returncode == 0, made.stderr
    with _sqlite(":memory:") as db:
        db.executescript(script)
        _copy(_sqlite_rows(db), environ["DATABASE_URL"])


def rows(environ: Mapping[str, str]) -> Rows:
    """Return every row of every table as text, by table."""
    if "DATABASE_URL" not in environ:
        with _sqlite(Path(environ["CORSDASH_DATA"]) / "corsdash.sqlite3") as db:
            return _sqlite_rows(db)
    with _postgres(environ["DATABASE_URL"]) as db:
        return {
            name: [
                {column: None if value is None else str(value) for column, value in row.items()}
                for row in db.execute(f'SELECT * FROM "{name}"')
            ]
            for name in _postgres_tables(db)
        }


def _sqlite(path: Path | str) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    return db


def _sqlite_rows(db: sqlite3.Connection) -> Rows:
    names = db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall()
    return {
        name: [
            {column: None if row[column] is None else str(row[column]) for column in row.keys()}  # noqa: SIM118
            for row in db.execute(f'SELECT * FROM "{name}"')
        ]
        for (name,) in names
    }


def _postgres(url: str) -> Any:
    import psycopg
    from psycopg.rows import dict_row

    database, _, host = url.removeprefix("postgres://corsdash@/").partition("?host=")
    return psycopg.connect(f"host={host} user=corsdash dbname={database}", row_factory=dict_row)


def _postgres_tables(db: Any) -> list[str]:
    found = db.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    return [row["tablename"] for row in found]


def _copy(found: Rows, url: str) -> None:
    with _postgres(url) as db:
        db.execute("SET session_replication_role = replica; SET TIME ZONE 'UTC'")
        db.execute("TRUNCATE " + ", ".join(f'"{name}"' for name in _postgres_tables(db)))
        for name, held in found.items():
            types = {
                row["column_name"]: row["data_type"]
                for row in db.execute(
                    "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s", [name]
                )
            }
            for row in held:
                names = ", ".join(f'"{column}"' for column in row)
                values = ", ".join(f"%s::text::{types[column]}" for column in row)
                db.execute(f'INSERT INTO "{name}" ({names}) VALUES ({values})', list(row.values()))
            if types.get("id") in ("bigint", "integer") and held:
                db.execute(f"SELECT setval(pg_get_serial_sequence('\"{name}\"', 'id'), max(id)) FROM \"{name}\"")
