"""Columns that take no space in a row while they have their default, because it is stored as null."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models


class _Sparse(models.Field):
    """A field that has its default where its column is null. A filter by the default finds none of these rows."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **(named | {"null": True}))

    def deconstruct(self) -> tuple[str, str, Any, Any]:
        """Return Django's own field for migrations: the column is like any other that may be null."""
        name, _, given, named = super().deconstruct()
        return name, f"django.db.models.{plain_kind(self).__name__}", given, named

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Return null for the default."""
        return None if value == self.get_default() else super().get_db_prep_save(value, connection)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the default for null."""
        return self.get_default() if value is None else value


class SparseText(_Sparse, models.TextField):
    """A text, empty by default."""


class SparseChars(_Sparse, models.CharField):
    """A short text."""


class SparseInteger(_Sparse, models.IntegerField):
    """A number."""


class SparseJSON(_Sparse, models.JSONField):
    """JSON."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        """Return the default for null."""
        if value is None:
            return self.get_default()
        return models.JSONField.from_db_value(self, value, expression, connection)


def plain_kind(field: models.Field[Any, Any]) -> type[models.Field[Any, Any]]:
    """Return the class of Django's that a field is or, when it is sparse, would be otherwise."""
    if not isinstance(field, _Sparse):
        return type(field)
    return next(base for base in type(field).__mro__ if base.__module__.startswith("django.db.models"))


def left_out(field: models.Field[Any, Any]) -> Any:
    """Return the value that a field stores as null besides None; None where there is no other."""
    return field.get_default() if isinstance(field, _Sparse) else None


def is_left_out(field: models.Field[Any, Any], values: Sequence[Any]) -> bool:
    """Return whether all values of a column are stored as null."""
    default = left_out(field)
    return all(value is None or value == default for value in values)
