"""A text field of what people write."""

from __future__ import annotations

from typing import Any

from django.db import models


class NoteField(models.CharField):
    """Text from a user, without NUL characters, which PostgreSQL cannot store."""

    def deconstruct(self) -> Any:
        """Describe the field to migrations as a plain CharField."""
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs

    def get_prep_value(self, value: Any) -> Any:
        """Without NULs."""
        return super().get_prep_value(value.replace("\0", "") if isinstance(value, str) else value)
