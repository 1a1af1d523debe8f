"""Read a browser's console: its messages about a blocked call, and lines about calls next to them."""

from __future__ import annotations

import re
from collections.abc import Callable

from apis.cors.origins import origin_of
from apis.cors.paste.browsers import chrome, edge, firefox, other_messages, safari
from apis.cors.paste.result import Draft, is_about_preflight

_LINE = re.compile(
    r"(?<![A-Za-z])(?:XHR)?([A-Z]{3,7}|patch) (https?://[^\s'\"]{1,8000})(?: net::(ERR_[A-Z0-9_]{3,60}))?"
    r"(?:(?: CORS [A-Z][A-Za-z ]{1,60})? \[HTTP/[0-9.]{1,3} ([0-9]{3})\b| \(?([0-9]{3})\b)?"
)
"""A call in Chrome's console, and in Firefox's with its status in brackets."""
_SERVER = re.compile(r"the server responded with a status of ([0-9]{3})")
_BY_CLIENT = ("ERR_BLOCKED_BY_CLIENT", "ERR_BLOCKED_BY_CSP", "ERR_BLOCKED_BY_ADMINISTRATOR")
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "patch"})
_HEADER = "HeaderDisallowedByPreflightResponse"
MOST_MESSAGES = 200


def messages(flat: str) -> list[Draft]:
    """Return every call that the messages in a text on one line mention, in order, with what other lines add."""
    if chrome.BLOCKED not in flat and (program := other_messages.program(flat)):
        return [program]
    found: list[Draft] = []
    for read in (chrome.messages, firefox.messages, edge.messages):
        found += read(flat)
    found = found or safari.messages(flat)
    found = found[:MOST_MESSAGES]
    if found:
        if len(found) == 1 and not found[0].url:
            other_messages.fill_in(found[0], flat)
        _complete(found, flat)
        return found
    other = other_messages.socket(flat) or other_messages.header(flat)
    return [other] if other else []


def last_resort(flat: str) -> list[Draft]:
    """Return what a text says that no other reader can use: an error below HTTP, a failed call, an answered one."""
    draft = (
        other_messages.connection(flat)
        or other_messages.same_site(flat)
        or other_messages.url_with_credentials(flat)
        or other_messages.storage(flat)
        or chrome.of_network_panel(flat)
        or other_messages.described_on_a_page(flat)
        or other_messages.bare(flat)
        or other_messages.answered(flat)
        or other_messages.script(flat)
        or other_messages.described(flat)
    )
    if draft and draft.symptom == "reason-in-another-line":
        _complete([draft], flat)
    return [draft] if draft else []


def _complete(found: list[Draft], flat: str) -> None:
    """Add methods and statuses from the lines about calls, such as `POST URL net::ERR_FAILED 500 (…)`."""
    mentioned: dict[str, list[re.Match[str]]] = {}
    for line in _LINE.finditer(flat):
        if line[1] in _METHODS:
            mentioned.setdefault(_whole_or_cut(line[2]), []).append(line)
    cut = [(place.removesuffix("…"), lines) for place, lines in mentioned.items() if place.endswith("…")]
    for draft in found:
        lines = [*mentioned.get(draft.url, ()), *mentioned.get(draft.redirected_to, ())]
        lines += [line for place, given in cut if draft.url.startswith(place) for line in given]
        for line in lines[:4]:
            _add(draft, line)
    if len({draft.url for draft in found}) == 1:
        for draft in found:
            _add_status(draft, flat)


def _whole_or_cut(place: str) -> str:
    """Return an address of a line; it ends in “…” where it was cut."""
    return re.sub(r"(?:\.{3}|…).*", "…", place) if place.endswith(("...", "…")) else place.rstrip(".,:")


def _add(draft: Draft, line: re.Match[str]) -> None:
    method, error, status = line[1], line[3], line[4] or line[5]
    if error in _BY_CLIENT:
        draft.symptom, draft.value = "blocked-by-client", f"net::{error}"
    if method == "OPTIONS":
        draft.preflight_status = draft.preflight_status or (int(status) if status else None)
        if draft.preflight_status == draft.status:
            draft.status = None  # the message has the preflight's own
        return
    unknown = set(draft.unknown)
    if "method" in unknown:
        draft.method = method
        draft.unknown = unknown - {"method"}
    if status and draft.status is None and not draft.preflight_status:
        if is_about_preflight(draft.code):
            draft.preflight_status = int(status)
        else:
            draft.status = int(status)


def _add_status(draft: Draft, flat: str) -> None:
    if draft.status is not None or draft.preflight_status is not None:
        return
    found = _SERVER.search(flat)
    if not found:
        return
    if is_about_preflight(draft.code):
        draft.preflight_status = int(found[1])
    else:
        draft.status = int(found[1])


def with_known_url(found: list[Draft], is_known: Callable[[str], bool] | None) -> Draft:
    """Return the message about a known API; else the first that states a reason and was not stopped by an extension."""
    if is_known is not None:
        known = next((draft for draft in found if is_known(draft.url) or is_known(draft.redirected_to)), None)
        if known is not None:
            return _with_other_headers(known, found)
    usual = [draft for draft in found if draft.symptom != "blocked-by-client" and (draft.code or draft.symptom)]
    return _with_other_headers((usual or found)[0], found)


def _with_other_headers(draft: Draft, found: list[Draft]) -> Draft:
    """Return a message with the headers that others miss for calls from the same page to the same host.

    The browser names one header in a message, and AllowHeaders is for the whole API.
    """
    if draft.code != _HEADER:
        return draft
    same = [one for one in found if one.code == _HEADER and one.origin == draft.origin]
    here = origin_of(draft.url)
    named = {name.lower(): (name, value) for one in same if origin_of(one.url) == here for name, value in one.headers}
    draft.headers = [*draft.headers, *(pair for name, pair in named.items() if name not in _names(draft))]
    return draft


def _names(draft: Draft) -> set[str]:
    return {name.lower() for name, _ in draft.headers}
