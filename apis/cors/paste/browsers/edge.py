"""The messages of Internet Explorer and of Edge before Chromium, with their numbers SEC7117 to SEC7131."""

from __future__ import annotations

import re

from apis.cors.paste.result import UNTOLD, Draft, requested_headers

_MARK = re.compile(r"SEC71[12][0-9]|SEC713[01]|\[CORS\]|not found in Access-Control-Allow-Origin header")
_ORIGIN = re.compile(
    r"[Oo]rigin '?(\S{1,2000}?)'? (?:not found in Access-Control-Allow-Origin|did not find|used credentials|requires)"
)
_URL = re.compile(
    r"(?:resource|request)s? (?:at|to|for) '?(https?://[^\s']{1,8000})|(?:for|at) (https?://[^\s']{1,8000})"
)
_HEADER = re.compile(r"[Rr]equest header '?([\w-]{1,200})'? was not present in the '?Access-Control-Allow-Headers")
_METHOD = re.compile(r"[Rr]equest method '?([\w-]{1,50})'? was not present in the '?Access-Control-Allow-Methods")
_REASONS = (
    ("Multiple Access-Control-Allow-Origin", "MultipleAllowOriginValues"),
    ("Access-Control-Allow-Credentials", "InvalidAllowCredentials"),
    ("No Access-Control-Allow-Origin", "MissingAllowOriginHeader"),
    ("not found in Access-Control-Allow-Origin", "MissingAllowOriginHeader"),
    ("did not find", "MissingAllowOriginHeader"),
    ("Redirect was blocked", "PreflightDisallowedRedirect"),
    ("redirect was blocked", "PreflightDisallowedRedirect"),
)


def messages(flat: str) -> list[Draft]:
    """Return the call that the messages mention."""
    if not _MARK.search(flat):
        return []
    draft = Draft("edge", blocked=True)
    unknown = set(UNTOLD)
    origin, url, header, method = (one.search(flat) for one in (_ORIGIN, _URL, _HEADER, _METHOD))
    if origin:
        draft.origin = origin[1]
    draft.url = (url[1] or url[2]).rstrip(".,'") if url else ""
    if header:
        draft.code, draft.headers, draft.value = (
            "HeaderDisallowedByPreflightResponse",
            requested_headers([header[1]]),
            header[1],
        )
    elif method:
        draft.code, draft.method = "MethodDisallowedByPreflightResponse", method[1]
        unknown.discard("method")
    else:
        draft.code = next((code for text, code in _REASONS if text in flat), None)
    if draft.code == "InvalidAllowCredentials":
        draft.credentials = "include"
        unknown.discard("credentials")
    draft.unknown = unknown
    return [draft] if draft.code else []
