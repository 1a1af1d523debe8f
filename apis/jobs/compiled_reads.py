"""Read rows by a query whose SQL is built once, for what many tasks read again and again with other values.

Django builds the SQL of a query whenever it runs, which costs up to a millisecond: several times as much as sending it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.transaction import TransactionManagementError

from apis.jobs.bulk_reads import Given, Shape


class CompiledRows:
    """A query with a `Given` for each value that differs from use to use, and the names of what it reads.

    `build` returns the query. No row is read where the ids of an `among` are none: other conditions must not be an
    alternative to it. With `as_stored` values are as the database has them, for who knows its fields: null for the
    default of a sparse one.
    """

    def __init__(self, build: Callable[[], QuerySet[Any]], names: Sequence[str], as_stored: bool = False) -> None:
        self._build = build
        self._names = names
        self._as_stored = as_stored
        self._here = threading.local()

    def read(self, **given: Any) -> Iterable[Sequence[Any]]:
        """Return the rows, each with what the names say, as `values_list` would.

        Raises TransactionManagementError for rows to lock outside a transaction.
        """
        connection = connections[DEFAULT_DB_ALIAS]
        compiled = self._compiled()
        # Django looks for this only when it builds the SQL.
        if compiled.is_locking and not connection.in_atomic_block:
            raise TransactionManagementError("Rows cannot be locked outside a transaction: call this inside one.")
        try:
            parameters = [
                one.prepared(given[one.name], connection) if isinstance(one, Given) else one
                for one in compiled.parameters
            ]
        except EmptyResultSet:
            return []
        with connection.cursor() as cursor:
            cursor.execute(compiled.sql, parameters)
            rows = cursor.fetchall()
        return rows if self._as_stored else _converted(rows, compiled.converters, connection)

    def _compiled(self) -> _Compiled:
        # Once a thread, as the converters of its columns belong to the thread's connection.
        try:
            return self._here.compiled
        except AttributeError:
            self._here.compiled = compiled = _compile(self._build().values_list(*self._names))
            return compiled


class CompiledObjects[Row: Model]:
    """Such a query whose rows are objects of which these fields are loaded: see `read_objects`."""

    def __init__(self, table: type[Row], build: Callable[[], QuerySet[Row]], names: Sequence[str]) -> None:
        self._table = table
        self._build = build
        self._names = names

    @cached_property
    def _shape(self) -> Shape[Row]:
        return Shape(self._table, self._names)

    @cached_property
    def _rows(self) -> CompiledRows:
        return CompiledRows(self._build, self._shape.columns)

    def read(self, **given: Any) -> Iterator[Row]:
        """Yield the rows as objects."""
        return self._shape.objects(self._rows.read(**given))


class _Compiled(NamedTuple):
    sql: str
    parameters: Sequence[Any]
    converters: Sequence[tuple[int, Sequence[Callable[..., Any]], Any]]
    is_locking: bool


def _compile(query: QuerySet[Any]) -> _Compiled:
    compiler = query.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([column for column, *_ in compiler.select])
    by_place = [(place, by, column) for place, (by, column) in converters.items()]
    return _Compiled(sql, parameters, by_place, query.query.select_for_update)


def _converted(rows: Iterable[Sequence[Any]], converters: Any, connection: Any) -> Iterable[Sequence[Any]]:
    """Return rows with their values as Django gives them."""
    if not converters:
        return rows
    converted = [list(row) for row in rows]
    for place, by, column in converters:
        for row in converted:
            value = row[place]
            for convert in by:
                value = convert(value, column, connection)
            row[place] = value
    return converted
