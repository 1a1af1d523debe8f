"""A HAR, or one entry of it, as DevTools' “Copy all as HAR” gives it: calls with their preflights and answers."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from enum import IntEnum, auto

from apis.cors.browser import judge
from apis.cors.exchange import Exchange, Request
from apis.cors.origins import origin_of
from apis.cors.paste.recorded import Recorded, recorded
from apis.cors.paste.result import Draft, Reading, ReadingError, requested_headers
from apis.cors.paste.sent import with_preflight
from apis.cors.safelist import normal_method

MAX_CHARACTERS = 4 * 1024 * 1024
"""A HAR has the answers' bodies in it, so it is longer than the other texts."""
_JSON = re.compile(r"[\ufeff\s]*(?:\{|\[\s*[\[{\]\"])")  # Safari's “[Error]” is none
_STOPPED = frozenset({"net::ERR_ABORTED", "net::ERR_BLOCKED_BY_CLIENT", "net::ERR_BLOCKED_BY_CSP"})
"""Chrome's errors of calls that the page, an extension or the page's own policy stopped: no API can fix them."""

_NO_CALL = (
    "This HAR contains no fetch or XMLHttpRequest call to another origin: only pages, scripts, pictures, sockets and "
    "the like, or calls that stay on the page's own origin. Open DevTools' Network tab, repeat the call, and choose "
    "“Copy all as HAR”; or paste the console's message about CORS."
)
_Asked = dict[tuple[str, str], list[Recorded]]
"""The preflights by the URL and the method that they ask for."""


class _Fate(IntEnum):
    """What became of a call, that of most interest first."""

    BLOCKED = auto()
    UNANSWERED = auto()  # a blocked call is often noted so, and so is every other failure
    ALLOWED = auto()
    UNTOLD = auto()  # stopped before it was sent, or a preflight that went well and was all that was recorded


def looks_like(text: str) -> bool:
    """Return whether the text is JSON; only a HAR is pasted so."""
    return _JSON.match(text) is not None


def is_har(text: str) -> bool:
    """Return whether a JSON text is a HAR or an entry of one, by the words that are in each."""
    return '"entries"' in text or ('"request"' in text and '"headers"' in text)


def inside(text: str) -> str:
    """Return the HAR in a text that has other lines before or behind it; the text itself without one."""
    start = text.find("{")
    if start < 0 or looks_like(text) or '"entries"' not in text or len(text) > MAX_CHARACTERS:
        return text
    try:
        found, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return text
    return text[start:end] if isinstance(found, dict) and "log" in found else text


def read(text: str) -> Reading:
    """Return the call to another origin that CORS blocked, or else one without an answer, or else the first one."""
    if len(text) > MAX_CHARACTERS:
        raise ReadingError("This HAR is longer than 4 MB. Copy only one entry: right-click it in the network list.")
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        raise ReadingError("This HAR is incomplete. Copy it again.") from None
    found = recorded(document)
    if not found:
        raise ReadingError("This JSON contains no call. A HAR has “log” and “entries”, or a “request” each.")
    drafts = _drafts(found)
    if not drafts:
        raise ReadingError(_NO_CALL)
    return min(drafts, key=lambda one: _interest(*one))[1].finish()


def _drafts(found: Sequence[Recorded]) -> list[tuple[Recorded, Draft]]:
    """Return the calls that had to pass the CORS check, and those of which only the preflight was recorded."""
    asked: _Asked = {}
    for entry in found:
        if entry.is_preflight:
            asked.setdefault((entry.url, entry.sent.requested_method), []).append(entry)
    calls = [entry for entry in found if entry.is_checked((entry.url, normal_method(entry.method)) in asked)]
    if len(found) == 1 and found[0].is_unknown and not asked:
        calls = list(found)  # a single copied entry is the one meant
    drafts = [(entry, _draft(entry, asked)) for entry in calls]
    drafts = [(entry, draft) for entry, draft in drafts if _is_cross_origin(draft)]
    made = {(draft.url, normal_method(draft.method)) for _, draft in drafts}
    return drafts + [(entry[0], _from_preflight(entry[0])) for key, entry in asked.items() if key not in made]


def _is_cross_origin(draft: Draft) -> bool:
    return bool(draft.origin) and origin_of(draft.origin) != origin_of(draft.url)


def _draft(entry: Recorded, preflights: _Asked) -> Draft:
    """Return the call of an entry, with the nearest preflight that asked for it."""
    sent, asked = entry.sent, preflights.get((entry.url, normal_method(entry.method)), [])
    after = bisect_left(asked, entry.place, key=lambda other: other.place)
    nearest = asked[max(after - 1, 0) : after + 1]
    preflight = min(nearest, key=lambda other: abs(other.place - entry.place), default=None)
    # The page's address states less than an Origin header: a frame without rights has the origin `null`.
    names = preflight.sent if preflight and preflight.sent.names_origin else sent
    return Draft(
        "har",
        origin=names.origin,
        url=entry.url,
        method=entry.method,
        headers=with_preflight(sent.headers, preflight.sent.asked) if preflight else sent.headers,
        credentials="include" if sent.cookies else "same-origin",
        preflight=preflight.answer if preflight else None,
        response=entry.answer,
        unknown=() if sent.cookies else ("credentials",),  # browsers take cookies out of a HAR before they give it
    )


def _from_preflight(entry: Recorded) -> Draft:
    sent = entry.sent
    return Draft(
        "har",
        origin=sent.origin,
        url=entry.url,
        method=sent.requested_method,
        headers=requested_headers(sent.asked),
        preflight=entry.answer,
        unknown=("credentials",),
    )


def _interest(entry: Recorded, draft: Draft) -> tuple[bool, bool, _Fate]:
    """Return the sort key of calls: those that failed before those that went well, script's before others."""
    fate = _fate(entry, draft)
    return fate > _Fate.UNANSWERED, not entry.is_by_script, fate


def _fate(entry: Recorded, draft: Draft) -> _Fate:
    if _code(draft):
        return _Fate.BLOCKED
    if draft.response is not None:
        return _Fate.ALLOWED
    passed = entry.is_preflight and draft.preflight is not None
    return _Fate.UNTOLD if passed or entry.error in _STOPPED else _Fate.UNANSWERED


def _code(draft: Draft) -> str | None:
    """Return why CORS blocked the call, by the answers that were recorded."""
    request = Request(draft.origin, draft.url, draft.method, tuple(draft.headers), draft.credentials)
    if draft.preflight is None:
        # The permission may come from the browser's cache; the answer has to pass all the same.
        request = Request(draft.origin, draft.url, credentials=draft.credentials)
    code = judge(Exchange(request, draft.preflight, draft.response), with_notes=False).code
    return None if code == "InvalidResponse" else code
