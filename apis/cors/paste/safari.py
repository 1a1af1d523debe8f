"""The messages of Safari, and of every browser built on WebKit."""

from __future__ import annotations

import re

from apis.cors.paste.result import UNTOLD, Draft, Reading, asked_headers

_ORIGIN = " is not allowed by Access-Control-Allow-Origin"
_METHOD = " is not allowed by Access-Control-Allow-Methods"
_HEADER = " is not allowed by Access-Control-Allow-Headers"
_STATUS = "Preflight response is not successful"
_CHECKS = "due to access control checks"
_REDIRECT = "Cross-origin redirection to "
_TEXTS = (
    ("Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true", "WildcardOriginNotAllowed"),
    ("Access-Control-Allow-Origin cannot contain more than one origin", "MultipleAllowOriginValues"),
    ("Credentials flag is true, but Access-Control-Allow-Credentials is not", "InvalidAllowCredentials"),
    ("Header Access-Control-Allow-Methods has an invalid value", "InvalidAllowMethodsPreflightResponse"),
    ("Header Access-Control-Allow-Headers has an invalid value", "InvalidAllowHeadersPreflightResponse"),
)
MARKS = (_ORIGIN, _METHOD, _HEADER, _STATUS, _CHECKS, *(text for text, _ in _TEXTS))
_LOAD = re.compile(r"(?:Fetch API|XMLHttpRequest) cannot load (\S+)")
_CODE = re.compile(r"Preflight response is not successful\. Status code: (\d{3})")


def read(line: str) -> Reading:
    """A message on one line with straight quotes; the URL is in the second of the two that Safari prints.

    “Origin … is not allowed” stands for a header that is missing and for one that names another origin alike, so
    there is no code for it.
    """
    # Chrome's words for a method or header are the same, and go on so.
    draft = Draft("chrome" if " in preflight response" in line else "safari")
    unknown = set(UNTOLD)
    loaded = _LOAD.search(line)
    draft.url = loaded[1].rstrip(".") if loaded else ""
    if _REDIRECT in line:
        draft.redirected_to = line.partition(_REDIRECT)[2].partition(" denied by ")[0]
    if _METHOD in line:
        draft.code = "MethodDisallowedByPreflightResponse"
        draft.method = line.partition(_METHOD)[0].rpartition(" ")[2]
        unknown.discard("method")
    elif _HEADER in line:
        draft.code = "HeaderDisallowedByPreflightResponse"
        draft.headers = asked_headers([line.partition(_HEADER)[0].rpartition(" ")[2]])
    elif _ORIGIN in line:
        draft.origin = line.partition(_ORIGIN)[0].rpartition(" ")[2].strip("'\"")
    elif _STATUS in line:
        status = _CODE.search(line)
        redirect = status is not None and status[1] in ("301", "302", "303", "307", "308")
        draft.code = "PreflightDisallowedRedirect" if redirect else "PreflightInvalidStatus"
    else:
        draft.code = next((code for text, code in _TEXTS if text in line), None)
    if draft.code in ("WildcardOriginNotAllowed", "InvalidAllowCredentials"):
        draft.credentials = "include"
        unknown.discard("credentials")
    draft.unknown = unknown
    return draft.finish()
