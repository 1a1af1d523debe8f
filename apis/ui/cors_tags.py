"""How a CORS policy and a difference between two are shown: `{% load cors %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from apis.cors.policy import FIELDS, HEADER_OF_FIELD, LIST_FIELDS, CorsPolicy, Diff, normal
from apis.ui.states import shown
from apis.ui.tags import duration, status

register = template.Library()

NONE_ALLOWED = {
    "AllowOrigins": "No origins are allowed",
    "AllowHeaders": "No headers are allowed",
    "AllowMethods": "No methods are allowed",
    "ExposeHeaders": "No headers are exposed",
}

MOST_SHOWN = 100
"""So many entries of each kind a difference lists; the rest is counted."""


@register.simple_tag
def cors_state(state: str, subject: str = "") -> SafeString:
    """Off, Empty (on, allows nothing) or On, as a status; with a subject, "CORS off"."""
    kind, word = shown("cors", state)
    return status(kind, f"{subject} {word.lower()}" if subject else word)


@register.inclusion_tag("ui/forms/six_fields.html")
def six_fields(policy: CorsPolicy, notes: bool = True) -> dict[str, Any]:
    """Return the six fields as the console shows them: its order, its labels, its words for nothing.

    With `notes`, also show how browsers treat the max-age.
    """
    return {"rows": [_row(policy, name) for name in FIELDS], "policy": policy, "notes": notes}


def _row(policy: CorsPolicy, name: str) -> dict[str, Any]:
    value = policy.get(name)
    return {"name": name, "label": HEADER_OF_FIELD[name], "value": value, "none": NONE_ALLOWED.get(name, "")}


@register.inclusion_tag("ui/policy_diff.html")
def policy_diff(change: Diff, same: bool = False) -> dict[str, Any]:
    """Return a difference by field and entry. With `same`, what stays is listed too, else only counted."""
    return {"change": change, "parts": [_part(part, same) for part in change.fields]}


def _part(part: Any, same: bool) -> dict[str, Any]:
    shown = {"label": HEADER_OF_FIELD[part.field], "kept": [], "kept_count": 0}
    if part.field in LIST_FIELDS:
        added = normal(part.field, part.added)
        kept = [entry for entry in part.after if not normal(part.field, (entry,)) <= added]
        return shown | {
            "removed": part.removed[:MOST_SHOWN],
            "added": part.added[:MOST_SHOWN],
            "more_removed": max(0, len(part.removed) - MOST_SHOWN),
            "more_added": max(0, len(part.added) - MOST_SHOWN),
            "kept": kept if same else [],
            "kept_count": len(kept),
        }
    return shown | {"removed": [_words(part.field, part.before)], "added": [_words(part.field, part.after)]}


def _words(name: str, value: Any) -> str:
    if name == "AllowCredentials":
        return "Yes" if value else "No"
    return "0 seconds" if not value else f"{value} seconds ({duration(value)})" if value > 0 else f"{value} seconds"


@register.filter
def in_words(value: Any, name: str) -> str:
    """Return a single field's value as the pages say it; `cors` is the choice between on and off."""
    if name == "cors":
        return "On" if value else "Off"
    return _words(name, value)


@register.filter
def header_of_field(name: str) -> str:
    """Return a field's header, which is its label in the console: AllowOrigins → Access-Control-Allow-Origin."""
    return "All six fields" if name == "CorsConfiguration" else HEADER_OF_FIELD.get(name, name)
