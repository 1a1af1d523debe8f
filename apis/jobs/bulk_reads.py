"""Read many rows, and make many objects, at a fraction of what Django's own way costs.

Django makes each id of an IN a parameter that is prepared, quoted and parsed separately, and sets each field of an
object on its own, between two signals.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Expression, Field, ForeignKey, Lookup, Model, Q, QuerySet
from django.db.models.base import ModelState


def among(name: str, ids: Iterable[int] | Given) -> Q:
    """Return the condition that a row's key, or one that it refers to, is one of these; like `name__in`."""
    # A text: of a list, Django examines each value several times.
    return Q((f"{name}__among", ids if isinstance(ids, Given) else _text(ids)))


class Given(Expression):
    """A value of a compiled read that each use gives, by this name; of a kind, or the ids for `among`."""

    def __init__(self, name: str, kind: Field[Any, Any] | None = None) -> None:
        super().__init__(kind)
        self.name = name
        self.kind = kind

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return a parameter that is this itself, for `prepared` to replace."""
        return "%s", (self,)

    def prepared(self, value: Any, connection: Any) -> Any:
        """Return the parameter for a value; raises EmptyResultSet where there are no ids, which no row meets."""
        if self.kind is not None:
            return self.kind.get_db_prep_value(value, connection)
        if text := _text(value):
            return _ids(text, connection)
        raise EmptyResultSet


def _text(ids: Iterable[int]) -> str:
    return ",".join(map(str, ids))


def _ids(text: str, connection: Any) -> str:
    """Return ids as the array that a database reads them from."""
    return f"{{{text}}}" if connection.vendor == "postgresql" else f"[{text}]"


def read_objects[Row: Model](rows: QuerySet[Row], names: Sequence[str]) -> Iterator[Row]:
    """Yield rows of which these fields are loaded, as `only` would; the others are read when they are asked for.

    A name such as `stored__error` loads a field of the row that this one refers to.
    """
    shape = Shape(rows.model, names)
    return shape.objects(rows.values_list(*shape.columns))


class Shape[Row: Model]:
    """Which fields of a table, and of rows that its rows refer to, are read: see `read_objects`."""

    def __init__(self, table: type[Row], names: Sequence[str]) -> None:
        self._table = table
        relations = list(dict.fromkeys(name.partition("__")[0] for name in names if "__" in name))
        plain = list(dict.fromkeys(["pk", *relations, *(name for name in names if "__" not in name)]))
        self._attributes = _attributes(table, plain)
        self._ends = []
        for relation in relations:
            own = ["pk", *(name.partition("__")[2] for name in names if name.startswith(f"{relation}__"))]
            related: Any = table._meta.get_field(relation).related_model
            self._ends.append((relation, related, _attributes(related, own), len(plain), len(plain) + len(own)))
            plain += [f"{relation}__{name}" for name in own]
        self.columns = plain
        """The names for `values_list`."""

    def objects(self, rows: Iterable[Sequence[Any]]) -> Iterator[Row]:
        """Yield an object for each row of these columns."""
        for values in rows:
            row = _object(self._table, self._attributes, values)
            for relation, related, fields, start, end in self._ends:
                is_there = values[start] is not None
                row._state.fields_cache[relation] = _object(related, fields, values[start:end]) if is_there else None
            yield row


def new_object[Row: Model](table: type[Row], **given: Any) -> Row:
    """Return a new row with these values and related objects, and with its defaults elsewhere."""
    values, made = _defaults(table)
    references = _references(table)
    row = table.__new__(table)
    row.__dict__ = own = values.copy()
    own["_state"] = state = ModelState()
    for field in made:
        own[field.attname] = field.get_default()
    for name, value in given.items():
        if attribute := references.get(name):
            state.fields_cache[name] = value
            own[attribute] = value and value.pk
        else:
            own[name] = value
    return row


def relate(rows: Iterable[Model], name: str, found: Mapping[int, Model]) -> None:
    """Give rows the objects that they refer to by a field, each taken from `found` by its key."""
    field: Any = None
    for row in rows:
        field = field or row._meta.get_field(name)
        row._state.fields_cache[name] = found.get(getattr(row, field.attname))


@cache
def _defaults(table: type[Model]) -> tuple[dict[str, Any], list[Any]]:
    """Return the defaults that are plain values, and the fields whose default is made for each row."""
    fields: Any = table._meta.concrete_fields
    made = [field for field in fields if callable(field.default)]
    return {field.attname: field.get_default() for field in fields if field not in made}, made


@cache
def _references(table: type[Model]) -> dict[str, str]:
    """Return the names of fields that refer to rows, with the attributes that hold the keys of these."""
    fields: Any = table._meta.concrete_fields
    return {field.name: field.attname for field in fields if field.is_relation}


class _Stored(ModelState):
    """The state of an object that was read."""

    adding = False
    db = DEFAULT_DB_ALIAS


def _object[Row: Model](table: type[Row], attributes: Sequence[str], values: Sequence[Any]) -> Row:
    row = table.__new__(table)
    row.__dict__.update(zip(attributes, values, strict=False))
    row._state = _Stored()
    return row


def _attributes(table: type[Model], names: Iterable[str]) -> list[str]:
    fields = (table._meta.pk if name == "pk" else table._meta.get_field(name) for name in names)
    return [field.attname for field in fields]  # type: ignore[union-attr]


@Field.register_lookup
@ForeignKey.register_lookup
class _Among(Lookup):
    """`column IN ids`, with all ids as one parameter."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        """Return the condition; one that no row meets is no query."""
        if not self.rhs:
            raise EmptyResultSet
        column, given = self.process_lhs(compiler, connection)
        ids = self.rhs if isinstance(self.rhs, Given) else _ids(self.rhs, connection)
        if connection.vendor == "postgresql":
            return f"{column} = ANY(%s::bigint[])", (*given, ids)
        return f"{column} IN (SELECT value FROM json_each(%s))", (*given, ids)
