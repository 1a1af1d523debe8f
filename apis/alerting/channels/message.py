"""The one message that every kind of channel is given to send."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

Status = Literal["problem", "resolved", "notice"]
Severity = Literal["critical", "error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "error", "critical")
"""Least first."""


@dataclass(frozen=True, slots=True)
class Message:
    """What happened, in words for people and as data for programs.

    `id` stays the same over all attempts, so that a receiver can recognize a duplicate. `key` is the same for all
    messages about one thing, such as an incident: on-call tools deduplicate and resolve by it.
    """

    id: str
    event: str
    at: datetime
    data: dict[str, Any]
    status: Status = "notice"
    severity: Severity = "info"
    key: str = ""
    title: str = ""
    """One line: what broke, for whom, since when."""
    reason: str = ""
    cause: str = ""
    action: str = ""
    url: str = ""
    source: str = "corsdash"
    """The API, account or channel that it is about, by its name."""
    group: str = ""
    """Its account and region."""
    body: str = ""
    """What a channel's own template says in place of the facts; it may have several lines."""
    is_custom: bool = False
    """Whether a channel's own templates made the title or the body."""

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The lines below the title, each with its label; what a template says has none."""
        if self.body:
            return [("", self.body)]
        rows = (("Reason", self.reason), ("Likely cause", self.cause), ("What to do", self.action))
        return [(label, text) for label, text in rows if text]

    @property
    def details(self) -> dict[str, str]:
        """The facts by their labels, for tools that need names."""
        return {label or "Message": text for label, text in self.facts}

    @property
    def text(self) -> str:
        """The whole message in plain lines, without the title; with its address, unless a fact ends with it."""
        lines = [labeled(label, text) for label, text in self.facts]
        is_named = any(line.endswith(self.url) for line in lines)
        return "\n".join(lines if is_named or not self.url else [*lines, self.url])


def labeled(label: str, text: str, form: str = "{}: ") -> str:
    """Return a fact with its label, if it has one, in the receiver's markup."""
    return (form.format(label) if label else "") + text


def cut(text: str, most: int) -> str:
    """Shorten a text to at most `most` characters, with an ellipsis where something is missing."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
