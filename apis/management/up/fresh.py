"""`up --demo --fresh`: delete the demo's data, and nothing that belongs to anything else."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings

from apis.demo.models import DemoHistory
from apis.inventory.models import Account
from apis.management.up import demo
from corsdash.environment import DATABASE_FILE

_MADE_AGAIN = (DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm", demo.SETTINGS_FILE, "broker")


class NotDemoData(Exception):
    """The data is not, or not only, the demo's; nothing was deleted."""


def erase(folder: Path) -> bool:
    """Delete the database and the broker's data of a data folder; False when there are none. Raises NotTheDemos."""
    if not settings.EMBEDDED:
        raise NotDemoData("--fresh deletes the embedded database only, and DATABASE_URL names another.")
    if not (folder / DATABASE_FILE).exists():
        return False
    if why := _reason_to_keep(folder):
        raise NotDemoData(f"--fresh deletes nothing: {why} Name another folder in CORSDASH_DATA.")
    for name in _MADE_AGAIN:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    return True


def _reason_to_keep(folder: Path) -> str:
    """Return why the data is not the demo's, or ""."""
    ports = demo.last_ports(folder)
    # Not through Django: the tables may be those of another version.
    with closing(sqlite3.connect(f"file:{folder / DATABASE_FILE}?mode=ro", uri=True)) as db:
        accounts = _rows(db, f"SELECT name, endpoint_url FROM {Account._meta.db_table}")
        is_marked = bool(_rows(db, f"SELECT id FROM {DemoHistory._meta.db_table}"))
    others = [name for name, endpoint in accounts if ports is None or endpoint != ports.endpoint]
    if others:
        return f"{folder} has accounts that are not the demo's ({', '.join(sorted(others)[:3])})."
    return "" if accounts or is_marked else f"the demo never ran on {folder}."


def _rows(db: sqlite3.Connection, sql: str) -> list[tuple[str, ...]]:
    try:
        return db.execute(sql).fetchall()
    except sqlite3.OperationalError:
        return []
