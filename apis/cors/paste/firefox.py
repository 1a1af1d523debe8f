"""The messages of Firefox."""

from __future__ import annotations

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Exchange, Request
from apis.cors.paste.result import UNTOLD, Draft, Reading, asked_headers

_RESOURCE = "disallows reading the remote resource at "
_MIXED = "Blocked loading mixed active content "
MARKS = (_RESOURCE, _MIXED)

_NOT_SENT = "CORS request did not succeed"
_REASONS = (
    ("CORS header 'Access-Control-Allow-Origin' missing", "MissingAllowOriginHeader"),
    ("Multiple CORS header 'Access-Control-Allow-Origin' not allowed", "MultipleAllowOriginValues"),
    ("CORS header 'Access-Control-Allow-Origin' does not match '", "AllowOriginMismatch"),
    ("Credential is not supported if the CORS header", "WildcardOriginNotAllowed"),
    ("expected 'true' in CORS header 'Access-Control-Allow-Credentials'", "InvalidAllowCredentials"),
    ("CORS preflight response did not succeed", "PreflightInvalidStatus"),
    ("CORS request external redirect not allowed", "PreflightDisallowedRedirect"),
    ("Did not find method in CORS header", "MethodDisallowedByPreflightResponse"),
    ("header '", "HeaderDisallowedByPreflightResponse"),
    ("missing token '", "HeaderDisallowedByPreflightResponse"),  # until 2020
    ("CORS request not http", "CorsDisabledScheme"),
    (_NOT_SENT, "InvalidResponse"),
)
_EITHER = frozenset(
    {
        "MissingAllowOriginHeader",
        "WildcardOriginNotAllowed",
        "MultipleAllowOriginValues",
        "InvalidAllowOriginValue",
        "AllowOriginMismatch",
        "InvalidAllowCredentials",
    }
)
"""The codes that a preflight's answer and the last one can both have."""


def read(line: str) -> Reading:
    """The first message on a line with straight quotes that gives a reason.

    Firefox follows every failed preflight with a second message, “did not succeed”, by which it is known as one.
    """
    if _RESOURCE not in line:
        url = line.partition(_MIXED)[2].strip().lstrip("\"'").partition('"')[0].partition("'")[0]
        return Draft("firefox", "", url, code="mixed-content", unknown=UNTOLD).finish()
    messages = [_message(part) for part in line.split(_RESOURCE)[1:]]
    reasons = [(url, reason) for url, reason in messages if not reason.startswith(_NOT_SENT)]
    url, reason = (reasons or messages)[0]
    draft = Draft("firefox", "", url)
    unknown = set(UNTOLD)
    _explain(draft, reason, unknown)
    if draft.code in _EITHER and any(other == url and why.startswith(_NOT_SENT) for other, why in messages):
        draft.code = f"Preflight{draft.code}"
    draft.unknown = unknown
    return draft.finish()


def _message(part: str) -> tuple[str, str]:
    """The URL and the reason of one message, from its URL on."""
    url, _, reason = part.partition(" (Reason: ")
    return url.partition(" ")[0].rstrip(".").strip("'\""), reason


def _explain(draft: Draft, reason: str, unknown: set[str]) -> None:
    """Fill in what the reason tells."""
    start, code = next(((start, code) for start, code in _REASONS if reason.startswith(start)), ("", None))
    value = reason[len(start) :].partition("'")[0]
    if code == "AllowOriginMismatch":
        code = _code_of(value)
    elif code == "HeaderDisallowedByPreflightResponse":
        draft.headers = asked_headers([value])
    elif reason.startswith("invalid token '"):
        kind = "Methods" if "'Access-Control-Allow-Methods'" in reason else "Headers"
        code = f"InvalidAllow{kind}PreflightResponse"
    if code in ("WildcardOriginNotAllowed", "InvalidAllowCredentials"):
        draft.credentials = "include"
        unknown.discard("credentials")
    draft.code = code


def _code_of(value: str) -> str | None:
    """What Chrome calls an Access-Control-Allow-Origin that is not the page's: Firefox has one text for three codes."""
    request = Request("https://page.invalid", "https://api.invalid/")
    return judge(Exchange(request, response=Answer(200, (("access-control-allow-origin", value),)))).code
