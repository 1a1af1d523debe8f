"""The messages of Chrome, and of every browser built on Chromium."""

from __future__ import annotations

import re

from apis.cors.origins import origin_of
from apis.cors.paste.result import UNTOLD, Draft, Reading, ReadingError, asked_headers

_BLOCKED = "has been blocked by CORS policy"
_MIXED = "Mixed Content: The page at"
_SAME_ORIGIN = 'Request mode is "same-origin" but the URL\'s origin is not same as the request origin'
_PREFLIGHT = "Response to preflight request doesn't pass access control check:"
_DETAILS = (
    ("No 'Access-Control-Allow-Origin' header is present", "MissingAllowOriginHeader"),
    ("The value of the 'Access-Control-Allow-Origin' header in the response must not be", "WildcardOriginNotAllowed"),
    ("The 'Access-Control-Allow-Origin' header contains multiple values", "MultipleAllowOriginValues"),
    ("The 'Access-Control-Allow-Origin' header contains the invalid value", "InvalidAllowOriginValue"),
    ("The 'Access-Control-Allow-Origin' header has a value", "AllowOriginMismatch"),
    ("The value of the 'Access-Control-Allow-Credentials' header", "InvalidAllowCredentials"),
    ("It does not have HTTP ok status", "PreflightInvalidStatus"),
    ("Redirect is not allowed for a preflight request", "PreflightDisallowedRedirect"),
    ("Cannot parse Access-Control-Allow-Methods", "InvalidAllowMethodsPreflightResponse"),
    ("Cannot parse Access-Control-Allow-Headers", "InvalidAllowHeadersPreflightResponse"),
    ("Method ", "MethodDisallowedByPreflightResponse"),
    ("Request header field ", "HeaderDisallowedByPreflightResponse"),
    ("Redirect location ", "RedirectContainsCredentials"),
    ("Cross origin requests are only supported for protocol schemes", "CorsDisabledScheme"),
    ("Cross origin requests are not allowed by request mode", "DisallowedByMode"),
    ("The response is invalid", "InvalidResponse"),
    ("The request client is not a secure context", "InsecureLocalNetwork"),
    ("Request had a target IP address space", "InvalidLocalNetworkAccess"),
    ("Permission was denied for this request", "LocalNetworkAccessPermissionDenied"),
)
# Also without what stands before it, as it is often quoted.
_ALONE = tuple(start for start, _ in _DETAILS if "'Access-Control-" in start)
MARKS = (_BLOCKED, _MIXED, _SAME_ORIGIN, _PREFLIGHT, *_ALONE)
_INCLUDE = ("WildcardOriginNotAllowed", "InvalidAllowCredentials")
_FAILED = re.compile(r"\b([A-Za-z]{3,10}) (https?://[^ ]+) net::ERR_")
_CALLED = re.compile(r"(?:XMLHttpRequest cannot load|Fetch API cannot load|Failed to load) (https?://[^ ]+?)[.:]? ")
_PAGE = re.compile(r"Origin '([^']+)' is therefore not allowed access")
_INSECURE = re.compile(r"insecure [^']*'([^']+)'")
_QUOTES = "'\"`"


def read(line: str) -> Reading:
    """A message on one line with straight quotes, whatever stands before and after it."""
    if _BLOCKED in line:
        return _blocked(line)
    if _SAME_ORIGIN in line:
        before, _, after = line.partition(_SAME_ORIGIN)
        url = before.rpartition("cannot load ")[2].strip().rstrip(".")
        origin = after.strip().partition(" ")[0].rstrip(".")
        return Draft("chrome", origin, url, code="DisallowedByMode", mode="same-origin", unknown=UNTOLD).finish()
    if _MIXED not in line:
        draft, unknown = Draft("chrome"), set(UNTOLD)
        starts = (line.find(mark) for mark in (_PREFLIGHT, *_ALONE))
        _explain(draft, line[min(start for start in starts if start >= 0) :], unknown)
        # As Chrome said it until 2018.
        called, page = _CALLED.search(line), _PAGE.search(line)
        draft.url = called[1] if called else ""
        draft.origin = page[1] if page else ""
        draft.unknown = unknown
        return draft.finish()
    told, _, rest = line.partition(_MIXED)[2].partition(" was loaded over HTTPS")
    insecure = _INSECURE.search(rest)
    return Draft(
        "chrome",
        origin_of(told.strip(" " + _QUOTES)) or "",
        insecure[1] if insecure else "",
        code="mixed-content",
        unknown=UNTOLD,
    ).finish()


def _blocked(line: str) -> Reading:
    before, _, detail = line.partition(_BLOCKED)
    start = before.rfind("Access to ")
    if start < 0:
        raise ReadingError("The beginning of this message is cut off. Copy the line from “Access to …” on.")
    kind, _, call = before[start + len("Access to ") :].partition(" at ")
    place, _, origin = call.partition(" from origin ")
    last, redirected, first = place.partition(" (redirected from ")
    draft = Draft("chrome", origin.strip(" " + _QUOTES))
    draft.url = (first.rstrip(" )") if redirected else last).strip(" " + _QUOTES)
    draft.redirected_to = last.strip(" " + _QUOTES) if redirected else ""
    unknown = set(UNTOLD)
    if kind not in ("fetch", "XMLHttpRequest"):
        unknown = {"credentials"}  # fonts, scripts and images: a plain GET
    _explain(draft, detail.lstrip(" :."), unknown)
    called = {draft.url, draft.redirected_to}
    failed = next((one for one in _FAILED.finditer(line) if one[1] != "OPTIONS" and one[2] in called), None)
    if failed and "method" in unknown:
        draft.method = failed[1]
        unknown.discard("method")
    draft.unknown = unknown
    return draft.finish()


def _explain(draft: Draft, detail: str, unknown: set[str]) -> None:
    """Fill in what the message's second half tells: the code, and what it names of the call."""
    preflight = detail.startswith(_PREFLIGHT)
    detail = detail[len(_PREFLIGHT) :].lstrip() if preflight else detail
    code = next((code for start, code in _DETAILS if detail.startswith(start)), None)
    if code is None:
        return
    if code == "MethodDisallowedByPreflightResponse":
        draft.method = detail.removeprefix("Method ").partition(" is not allowed")[0]
        unknown.discard("method")
    elif code == "HeaderDisallowedByPreflightResponse":
        draft.headers = asked_headers([detail.removeprefix("Request header field ").partition(" is not allowed")[0]])
    elif code in _INCLUDE:
        draft.credentials = "include"
        unknown.discard("credentials")
    draft.code = code if not preflight or code.startswith("Preflight") else f"Preflight{code}"
