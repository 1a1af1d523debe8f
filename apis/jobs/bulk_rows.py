"""Write many rows, each with its own values, by one prepared statement.

Django's `bulk_update` builds a CASE of every row and field, and its `bulk_create` a placeholder for every value, which
costs several times as much for the same rows.

In PostgreSQL all rows are one parameter of JSON: psycopg takes several times as long for an array a column.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models import Field, Model

from apis.jobs.sparse import is_left_out, left_out, plain_kind

_LENGTH = re.compile(r"\(.*\)")


def _hex(value: bytes | memoryview) -> str:
    return f"\\x{bytes(value).hex()}"


_AS_JSON = frozenset({
    models.AutoField, models.BigAutoField, models.BigIntegerField, models.BooleanField, models.CharField,
    models.IntegerField, models.JSONField, models.PositiveIntegerField, models.PositiveSmallIntegerField,
    models.SmallIntegerField, models.TextField,
})  # fmt: skip
"""Fields whose values PostgreSQL reads from JSON as they are."""
_AS_TEXT: dict[type[Field[Any, Any]], Callable[[Any], str]] = {
    models.BinaryField: _hex, models.DateField: str, models.DateTimeField: str, models.UUIDField: str,
}  # fmt: skip
"""Fields whose values it reads from texts in JSON."""
_AS_VALUES = _AS_JSON - {models.JSONField}
"""Fields whose values SQLite takes as they are."""
type _Fields = list[Field[Any, Any]]
type _Rows = Iterable[Sequence[Any]]


def update_rows[Row: Model](table: type[Row], rows: Sequence[Row], names: Sequence[str]) -> None:
    """Write these fields of rows that are stored already; signals and `auto_now` are left out."""
    if not rows:
        return
    fields = [*_fields(table, names), table._meta.pk]
    values = ([getattr(row, field.attname) for field in fields] for row in rows)
    name, (*columns, key) = _names(table, fields)
    if connection.vendor == "postgresql":
        sets = ", ".join(f"{column} = u.{column}" for column in columns)
        source = f"{_source(fields)} AS u({', '.join(columns)}, row_key)"
        _query(f"UPDATE {name} t SET {sets} FROM {source} WHERE t.{key} = u.row_key", _as_json(fields, values))
    else:
        sets = ", ".join(f"{column} = %s" for column in columns)
        _execute_each(f"UPDATE {name} SET {sets} WHERE {key} = %s", _prepared(fields, values))


def insert_rows(table: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[int]:
    """Insert rows, each given as the values of these fields (all without a default in the database); return the ids."""
    if not rows:
        return []
    fields = _fields(table, names)
    name, columns = _names(table, fields)
    into, key = f"INSERT INTO {name} ({', '.join(columns)})", connection.ops.quote_name(str(table._meta.pk.column))
    if connection.vendor == "postgresql":
        sql = f"{into} SELECT * FROM {_source(fields)} r RETURNING {key}"
        return [pk for (pk,) in _query(sql, _as_json(fields, rows))]
    values = _prepared(fields, rows)
    with connection.cursor() as cursor:
        found: list[int] = []
        most = (connection.features.max_query_params or 900) // len(fields)
        for start in range(0, len(values), most):
            some = values[start : start + most]
            row = f"({', '.join(['%s'] * len(fields))})"
            sql = f"{into} VALUES {', '.join([row] * len(some))} RETURNING {key}"
            cursor.execute(sql, [value for one in some for value in one])
            found += [pk for (pk,) in cursor.fetchall()]
        return found


def insert_objects[Row: Model](table: type[Row], rows: Sequence[Row]) -> None:
    """Insert new rows and give them their primary keys; signals are left out."""
    columns = {field: [getattr(row, field.attname) for row in rows] for field in table._meta.concrete_fields}
    # What no row has, as most nullable fields, is left to the database. So is the primary key.
    fields = [field for field, column in columns.items() if not is_left_out(field, column)]
    values = list(zip(*(columns[field] for field in fields), strict=True))
    for row, pk in zip(rows, insert_rows(table, [field.name for field in fields], values), strict=True):
        row.pk = pk
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def upsert_rows(table: type[Model], key: Sequence[str], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, each given as the values of its key and then of its other fields, or overwrite those of this key."""
    if not rows:
        return
    fields = _fields(table, [*key, *names])
    name, columns = _names(table, fields)
    into = f"INSERT INTO {name} ({', '.join(columns)})"
    sets = ", ".join(f"{column} = excluded.{column}" for column in columns[len(key) :])
    conflict = f"ON CONFLICT ({', '.join(columns[: len(key)])}) DO UPDATE SET {sets}"
    if connection.vendor == "postgresql":
        _query(f"{into} SELECT * FROM {_source(fields)} r {conflict}", _as_json(fields, rows))
    else:
        _execute_each(f"{into} VALUES ({', '.join(['%s'] * len(fields))}) {conflict}", _prepared(fields, rows))


def _fields(table: type[Model], names: Sequence[str]) -> _Fields:
    return [table._meta.get_field(name) for name in names]  # type: ignore[misc]


def _source(fields: _Fields) -> str:
    """Return the SQL of a table of the rows in a parameter of JSON."""
    read = ", ".join(_from_json(place, field) for place, field in enumerate(fields))
    return f"(SELECT {read} FROM jsonb_array_elements(%s::jsonb) r)"


def _from_json(place: int, field: Field[Any, Any]) -> str:
    """Return the SQL that reads a value from a row of JSON; a length is checked by the column."""
    kind = _LENGTH.sub("", (field.rel_db_type if field.primary_key else field.db_type)(connection) or "")
    return f"nullif(r->{place}, 'null')" if kind == "jsonb" else f"(r->>{place})::{kind}"


def _kind(field: Field[Any, Any]) -> type[Field[Any, Any]]:
    """Return what decides how a value is written: of a reference, the kind of the key that it refers to."""
    return plain_kind(field.target_field if isinstance(field, models.ForeignKey) else field)


def _as_json(fields: _Fields, rows: _Rows) -> str:
    real = connections[DEFAULT_DB_ALIAS]
    values = [list(row) for row in rows]
    for place, field in enumerate(fields):
        kind, default = _kind(field), left_out(field)
        if default is not None:
            for row in values:
                if row[place] == default:
                    row[place] = None
        if kind in _AS_JSON:
            continue
        as_text = _AS_TEXT.get(kind)
        for row in values:
            if (value := row[place]) is not None:
                row[place] = as_text(value) if as_text else _plain(field.get_db_prep_save(value, real))
    return json.dumps(values)


def _plain(value: Any) -> Any:
    """Return what psycopg would send, as JSON has it."""
    if isinstance(value, (date, UUID)):
        return str(value)
    if isinstance(value, (bytes, memoryview)):
        return _hex(value)
    return getattr(value, "obj", value)  # of psycopg's wrapper of JSON


def _prepared(fields: _Fields, rows: _Rows) -> list[list[Any]]:
    """Return the values as the database takes them."""
    # The connection itself: each look-up through the proxy costs as much as preparing a value.
    real = connections[DEFAULT_DB_ALIAS]
    as_they_are = [_kind(field) in _AS_VALUES and left_out(field) is None for field in fields]
    prepare: list[Any] = [
        None if plain else field.get_db_prep_save for field, plain in zip(fields, as_they_are, strict=True)
    ]
    return [
        [value if by is None or value is None else by(value, real) for by, value in zip(prepare, row, strict=True)]
        for row in rows
    ]  # fmt: skip


def _names(table: type[Model], fields: _Fields) -> tuple[str, list[str]]:
    quote = connection.ops.quote_name
    return quote(table._meta.db_table), [quote(str(field.column)) for field in fields]


def _query(sql: str, rows: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [rows])
        return cursor.fetchall() if cursor.description else []


def _execute_each(sql: str, values: list[list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
