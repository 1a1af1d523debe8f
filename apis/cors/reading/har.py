"""A HAR, or one entry of it, as DevTools' “Copy all as HAR” gives it: calls with their preflights and answers."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass
from typing import Any

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Exchange, Request
from apis.cors.origins import origin_of
from apis.cors.reading.result import Draft, Reader, Reading, ReadingError, asked_headers, clean
from apis.cors.reading.sent import Sent, read_sent, with_preflight
from apis.cors.safelist import normal_method

MAX_CHARACTERS = 4 * 1024 * 1024
"""A HAR has the answers' bodies in it, so it is longer than the other texts."""
_JSON = re.compile(r"[\ufeff\s]*(?:\{|\[\s*[\[{\]\"])")  # Safari's “[Error]” is none
MAX_ENTRIES = 5_000


@dataclass(frozen=True, slots=True)
class _Entry:
    place: int
    url: str
    method: str
    sent: Sent
    answer: Answer | None

    @property
    def is_preflight(self) -> bool:
        return self.method.upper() == "OPTIONS" and bool(self.sent.asks_for)

    @property
    def is_cross_origin(self) -> bool:
        return bool(self.sent.origin) and origin_of(self.sent.origin) != origin_of(self.url)


def looks_like(text: str) -> bool:
    """Whether the text is JSON; only a HAR is pasted so."""
    return _JSON.match(text) is not None


def read(text: str) -> Reading:
    """The call to another origin that was blocked, or the first one if none was."""
    if len(text) > MAX_CHARACTERS:
        raise ReadingError("This HAR is longer than 4 MB. Copy the one entry: in the network list, by a right click.")
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        raise ReadingError("This is not a whole HAR: its JSON does not end as it should. Copy it again.") from None
    found = _entries(document)
    if not found:
        raise ReadingError("There is no call in this JSON. A HAR has “log” and “entries”, or a “request” each.")
    preflights = [entry for entry in found if entry.is_preflight]
    asked: dict[tuple[str, str], list[_Entry]] = {}
    for entry in preflights:
        asked.setdefault((entry.url, entry.sent.asks_for), []).append(entry)
    drafts = [_draft(entry, asked) for entry in found if entry.is_cross_origin and not entry.is_preflight]
    if not drafts and preflights:
        return _from_preflight(preflights[0]).finish()
    if not drafts:
        raise ReadingError("All calls in this HAR stay on the page's own origin, or none tells the page's origin.")
    return next((draft for draft in drafts if _is_blocked(draft)), drafts[0]).finish()


def _entries(value: Any) -> list[_Entry]:
    if isinstance(value, dict):
        log = value.get("log")
        value = log.get("entries") if isinstance(log, dict) else value.get("entries", [value])
    if isinstance(value, list) and len(value) > MAX_ENTRIES:
        raise ReadingError(f"This HAR has more than {MAX_ENTRIES:,} calls. Copy the one entry.")
    found = []
    for place, entry in enumerate(value if isinstance(value, list) else []):
        request = entry.get("request") if isinstance(entry, dict) else None
        if isinstance(request, dict) and isinstance(request.get("url"), str):
            method = request.get("method")
            found.append(
                _Entry(
                    place=place,
                    url=request["url"],
                    method=method if isinstance(method, str) else "GET",
                    sent=read_sent(_pairs(request)),
                    answer=_answer(entry.get("response")),
                )
            )
    return found


def _pairs(side: dict[str, Any]) -> list[tuple[str, str]]:
    """The header lines of a request or an answer, and a Cookie line when it only has a list of cookies."""
    lines = side.get("headers")
    found = []
    for line in lines if isinstance(lines, list) else []:
        if isinstance(line, dict) and isinstance(line.get("name"), str) and isinstance(line.get("value"), str):
            found.append((clean(line["name"]), clean(line["value"])))
    if side.get("cookies") and isinstance(side["cookies"], list):
        found.append(("Cookie", ""))
    return found


def _answer(response: Any) -> Answer | None:
    """An answer; None when the browser notes status 0, which is that it got or gave none."""
    status = response.get("status") if isinstance(response, dict) else None
    if not isinstance(status, int) or not 100 <= status <= 999:
        return None
    lines = [(name, value) for name, value in _pairs(response) if name != "Cookie"]
    return Answer(status, tuple((name, "" if name.lower() == "set-cookie" else value) for name, value in lines))


def _draft(entry: _Entry, preflights: dict[tuple[str, str], list[_Entry]]) -> Draft:
    """The call of an entry, with the nearest preflight that asked for it."""
    sent, asked = entry.sent, preflights.get((entry.url, normal_method(entry.method)), [])
    after = bisect_left(asked, entry.place, key=lambda other: other.place)
    nearest = asked[max(after - 1, 0) : after + 1]
    preflight = min(nearest, key=lambda other: abs(other.place - entry.place), default=None)
    return Draft(
        "har",
        origin=sent.origin,
        url=entry.url,
        method=entry.method,
        headers=with_preflight(sent.headers, preflight.sent.asked) if preflight else sent.headers,
        credentials="include" if sent.cookies else "same-origin",
        preflight=preflight.answer if preflight else None,
        response=entry.answer,
        unknown=() if sent.cookies else ("credentials",),  # browsers take cookies out of a HAR before they give it
    )


def _from_preflight(entry: _Entry) -> Draft:
    sent = entry.sent
    return Draft(
        "har",
        origin=sent.origin,
        url=entry.url,
        method=sent.asks_for,
        headers=asked_headers(sent.asked),
        preflight=entry.answer,
        unknown=("credentials",),
    )


def _is_blocked(draft: Draft) -> bool:
    if draft.response is None:
        return True
    request = Request(draft.origin, draft.url, draft.method, tuple(draft.headers), draft.credentials)
    return judge(Exchange(request, draft.preflight, draft.response)).code not in (None, "InvalidResponse")


HAR = Reader(looks_like, read)
