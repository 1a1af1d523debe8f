"""What the schemas of all resources share: answers, bodies, pages and their kinds of values."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, PlainSerializer, Strict, WithJsonSchema
from pydantic_core import PydanticUndefined

MOST_ID = 2**63 - 1
"""The largest number that a database keeps as an id."""


def iso(at: datetime) -> str:
    """Return a time in UTC, ISO 8601."""
    return at.isoformat().replace("+00:00", "Z")


Time = Annotated[datetime, PlainSerializer(iso), WithJsonSchema({"type": "string", "format": "date-time"})]
"""A time in an answer, to the microsecond."""
Text = Annotated[str | None, BeforeValidator(lambda text: text or None)]
"""A text in an answer; null when it is empty."""


def _in_calendar(at: datetime) -> datetime:
    """Return the time as it is. Raises ValueError for the few that UTC has no year for."""
    try:
        (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        raise ValueError("must be a time between the years 1 and 9999 in UTC") from None
    return at


Moment = Annotated[datetime, Strict(False), AfterValidator(_in_calendar)]
"""A time in a body, where JSON has it as text."""


def absent() -> Any:
    """Make a member that is left out when it has no value, instead of null."""
    return Field(None, exclude_if=lambda value: value is None)


class Answer(Schema):
    """An answer, read from the attributes of a row; only what is declared is sent."""


class Page[T](Schema):
    """A page of a list; `next` is the address of the following one."""

    items: list[T]
    next: str | None


class Body(Schema):
    """A request body: an unknown member or a wrong type is an error.

    A subclass with `partial=True` takes any part of its members; `model_dump(exclude_unset=True)` has what was given.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    def __init_subclass__(cls, *, partial: bool = False, **kwargs: Any) -> None:
        """Take `partial`, which `__pydantic_init_subclass__` acts on once the members are known."""
        super().__init_subclass__(**kwargs)

    @classmethod
    def __pydantic_init_subclass__(cls, *, partial: bool = False, **kwargs: Any) -> None:
        """Give no member a default that the OpenAPI document would show, and require none."""
        super().__pydantic_init_subclass__(**kwargs)
        if partial:
            for field in cls.model_fields.values():
                field.default, field.default_factory = PydanticUndefined, _unset
            cls.model_rebuild(force=True)


def _unset() -> None:
    return None


class Listing(Schema):
    """The query of a list, in which everything is text."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=1000)


class NoteBody(Body):
    """Why."""

    note: str = Field(default="", max_length=500)
