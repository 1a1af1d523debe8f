"""The badge of an API: "cors: passing", "cors: failing" or "cors: unknown", as an SVG image."""

from __future__ import annotations

from django.utils.html import format_html

from apis.alerting.status_pages.report import State

CONTENT_TYPE = "image/svg+xml; charset=utf-8"
SECONDS = 60
"""How long caches may keep it."""
_COLOURS: dict[State, str] = {"passing": "#1a7f37", "failing": "#cf222e", "unknown": "#57606a"}
_LABEL, _WORD = 40, 58
"""Widths of its two halves."""


def draw_badge(state: State) -> str:
    """Return the image. Only presentation attributes: a strict CSP forbids styles."""
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="cors: {state}">'
        "<title>cors: {state}</title>"
        '<rect width="{width}" height="20" rx="3" fill="#24292f"/>'
        '<path d="M{label} 0h{straight}a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3H{label}z" fill="{colour}"/>'
        '<g fill="#fff" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        '<text x="{label_x}" y="14">cors</text><text x="{word_x}" y="14">{state}</text></g></svg>',
        state=state,
        colour=_COLOURS[state],
        width=_LABEL + _WORD,
        label=_LABEL,
        straight=_WORD - 3,
        label_x=_LABEL / 2,
        word_x=_LABEL + _WORD / 2,
    )
