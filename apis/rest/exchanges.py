"""Schemas of exchanges, verdicts and findings, which several resources answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from apis.cors.judging import MODES
from apis.rest.schemas import Answer, absent

Pair = Annotated[list[str], Field(min_length=2, max_length=2, description="[name, value]")]
Credentials = Literal["omit", "same-origin", "include"]


class RequestRead(Answer):
    """A request as script makes it."""

    origin: str
    url: str
    method: str
    headers: list[Pair]
    credentials: Credentials
    mode: Annotated[str, Field(json_schema_extra={"enum": list(MODES)})]


class Response(Answer):
    """One HTTP response: its status and header lines."""

    status: int
    headers: list[Pair]


class Redirect(Answer):
    """A redirect that the browser followed, and the preflight response of the new URL."""

    answer: Response
    preflight: Response | None = None


class Exchange(Answer):
    """A call, its preflight response and its response; `redirects` only when there were some."""

    request: RequestRead
    preflight: Response | None
    response: Response | None
    redirects: list[Redirect] | None = absent()


class Verdict(Answer):
    """What a browser decides; `code` is Chrome's name, null when allowed."""

    needs_preflight: bool
    allowed: bool
    code: str | None
    reason: str
    exposed: list[str]


class FullVerdict(Verdict):
    """A verdict with the value at fault, notes on browsers and each browser's console message."""

    parameter: str | None = None
    notes: list[str] = []
    messages: dict[str, str] = {}


class Finding(Answer):
    """What a rule found in a configuration; `fix` is the label of its one-click fix."""

    code: str
    title: str
    severity: Literal["error", "warning", "note"]
    field: str
    value: str | None
    why: str
    todo: str
    fix: str | None

    @staticmethod
    def resolve_fix(row: Any) -> str | None:
        """Return the label of the one-click fix."""
        return row.fix.label if row.fix else None
