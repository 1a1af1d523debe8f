"""The one family of errors that people can act on: a message, the field at fault, an HTTP status.

A verb raises them; one handler shows them on pages (`corsdash.errors`) and one in REST (`rest.problems`). The rules of
`cors` know nothing of HTTP and raise their own ValueErrors (`PolicyError`, `FormatError`, …), which callers translate.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class AppError(Exception):
    """A request that cannot be carried out in the present state: 409 in REST.

    `field` names the input at fault, "" when it is none. `extra` are further members of the REST problem document.
    """

    status = 409

    def __init__(self, message: str, field: str = "", **extra: Any) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.extra = extra

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong, by field; empty when no field is at fault."""
        return {self.field: self.message} if self.field else {}


class InvalidInput(AppError):
    """An input to correct: 422."""

    status = 422


class InvalidFields(InvalidInput):
    """Several inputs to correct, each with its own message."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {message}" for field, message in errors.items()))
        self._errors = dict(errors)

    @property
    def errors(self) -> Mapping[str, str]:
        """What is wrong, by field."""
        return self._errors


class Missing(AppError):
    """Something that does not exist: 404."""

    status = 404


class Unavailable(AppError):
    """A part of corsdash, or AWS, that cannot be reached right now: 503."""

    status = 503
