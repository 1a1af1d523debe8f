"""The messages of Safari, and of every browser built on WebKit."""

from __future__ import annotations

import re

from apis.cors.origins import origin_of
from apis.cors.paste.result import UNTOLD, Draft, requested_headers

_ORIGIN = re.compile(r"Origin (\S{1,2000}) is not allowed by Access-Control-Allow-Origin")
_METHOD = re.compile(r"(?<![\w-])Method (\S{1,100}) is not allowed by Access-Control-Allow-Methods")
_HEADER = re.compile(r"Request header field (\S{1,300}) is not allowed by Access-Control-Allow-Headers")
_PREFLIGHT = "Preflight response is not successful"
_CHECKS = "due to access control checks"
_REDIRECT = re.compile(r"[Cc]ross-origin redirection to (\S{1,8000}) denied by")
_TEXTS = (
    ("Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true", "WildcardOriginNotAllowed"),
    ("Access-Control-Allow-Origin cannot contain more than one origin", "MultipleAllowOriginValues"),
    ("Credentials flag is true, but Access-Control-Allow-Credentials is not", "InvalidAllowCredentials"),
    ("Header Access-Control-Allow-Methods has an invalid value", "InvalidAllowMethodsPreflightResponse"),
    ("Header Access-Control-Allow-Headers has an invalid value", "InvalidAllowHeadersPreflightResponse"),
)
_LOAD = re.compile(r"(?:Fetch API|XMLHttpRequest|EventSource) cannot load (\S{1,8000})")
_RESOURCE = re.compile(r"Failed to load resource[:.]? ?(https?://\S{1,8000})")
_STATUS = re.compile(r"Status code: ([0-9]{3})")
_INSECURE = re.compile(
    r"The page at (\S{1,2000}) (?:was not allowed to (?:run|display)|requested) insecure content from (\S{1,8000})"
)
_REPEATED = re.compile(r"Failed to load resource: .{0,400}?\([^()]{1,200}, line [0-9]{1,6}\)")
"""The reason of a call once more, below the line that names the call."""
MOST_CALLS = 20
_REDIRECTS = ("301", "302", "303", "307", "308")


def messages(flat: str) -> list[Draft]:
    """Return the calls that Safari's messages in a text on one line mention.

    Safari prints the reason and the URL in two messages. “Origin … is not allowed” stands for a header that is missing
    and for one that names another origin alike, so there is no code for it.
    """
    insecure = _INSECURE.search(flat)
    if insecure:
        page, url = origin_of(insecure[1]) or "", insecure[2].rstrip(".")
        return [Draft("safari", page, url, code="mixed-content", unknown=UNTOLD, blocked=True)]
    if not _has_reason(flat) and _CHECKS not in flat:
        return []
    parts = dict[str, str]()
    start = 0
    for found in _LOAD.finditer(flat):
        parts.setdefault(found[1].rstrip("."), _REPEATED.sub("", flat[start : found.end()]))
        start = found.end()
    parts = parts or {found[1].rstrip("."): flat for found in _RESOURCE.finditer(flat)} or {"": flat}
    calls = list(parts.items())[:MOST_CALLS]
    return [_draft(part if len(calls) > 1 and _has_reason(part) else flat, url) for url, part in calls]


def _has_reason(text: str) -> bool:
    if _PREFLIGHT in text or any(reason in text for reason, _ in _TEXTS):
        return True
    return any(one.search(text) for one in (_ORIGIN, _METHOD, _HEADER, _REDIRECT))


def _draft(flat: str, url: str) -> Draft:
    draft = Draft("safari", url=url, blocked=True)
    unknown = set(UNTOLD)
    redirect, method, header, origin = (one.search(flat) for one in (_REDIRECT, _METHOD, _HEADER, _ORIGIN))
    status = _STATUS.search(flat)
    if redirect:
        draft.redirected_to = redirect[1]
    if method:
        draft.code, draft.method = "MethodDisallowedByPreflightResponse", method[1]
        unknown.discard("method")
    elif header:
        draft.code, draft.value = "HeaderDisallowedByPreflightResponse", header[1]
        draft.headers = requested_headers([header[1]])
    elif _PREFLIGHT in flat and not (origin and status and status[1].startswith("2")):
        is_redirect = status is not None and status[1] in _REDIRECTS
        draft.code = "PreflightDisallowedRedirect" if is_redirect else "PreflightInvalidStatus"
        draft.preflight_status = int(status[1]) if status else None
    elif not origin:
        draft.code = next((code for text, code in _TEXTS if text in flat), None)
    if origin:
        draft.origin = origin[1].strip("'\"")
        draft.status = int(status[1]) if status and draft.code is None else None
    if draft.code in ("WildcardOriginNotAllowed", "InvalidAllowCredentials"):
        draft.credentials = "include"
        unknown.discard("credentials")
    draft.unknown = unknown
    return draft
