"""The messages of Firefox, in English and in other languages."""

from __future__ import annotations

import re
from itertools import pairwise

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Exchange, Request
from apis.cors.paste.browsers.firefox_words import BEGINNING, MIXED, MULTIPLE, NOT_HTTP, PREFLIGHT, REDIRECT
from apis.cors.paste.result import UNTOLD, Draft, requested_headers, without_punctuation

_RESOURCE = "disallows reading the remote resource at "

# Until the reason of a message whose beginning was not copied.
_CUT = re.compile(
    r"(?:(?P<english>\(Reason: )|"
    r"(?:Grund|Raison|razón|Motivo|motivo|理由|原因|Причина|Reden|원인) ?[:：] ?)(?=.{0,60}?CORS)"
)
_LABEL = re.compile(r"\([^\W\d_][^():]{1,20}: ?(?=[^()]{0,160}CORS)")
"""The label before the reason of a message in a language whose words are not known here."""
_NULL_STATUS = re.compile(r"[:：] ?\((?:null|empty)\)")
_NOT_SENT = "CORS request did not succeed"
_REASONS = (
    ("CORS header 'Access-Control-Allow-Origin' missing", "MissingAllowOriginHeader"),
    ("Multiple CORS header 'Access-Control-Allow-Origin' not allowed", "MultipleAllowOriginValues"),
    ("CORS header 'Access-Control-Allow-Origin' does not match '", "AllowOriginMismatch"),
    ("Credential is not supported if the CORS header", "WildcardOriginNotAllowed"),
    ("expected 'true' in CORS header 'Access-Control-Allow-Credentials'", "InvalidAllowCredentials"),
    ("CORS preflight response did not succeed", "PreflightInvalidStatus"),
    ("CORS preflight channel did not succeed", "PreflightInvalidStatus"),
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
_URL = re.compile(r"https?://[!-~]{1,8000}")
_UNQUOTED_URL = re.compile(r"https?://[!#-&(-~]{1,8000}")
_SCHEME = re.compile(r"https?://")
_STATUS = re.compile(r"[:：] ?([0-9]{3})(?![0-9])")
_QUOTED = re.compile(r"(?<![A-Za-zÀ-ÿ])['\"«“‘]\s?([^'\"«»“”‘’]{1,500}?)\s?['\"»”’]")
_INVALID = re.compile(r"^invalid token '|invalid|ungültig|no válido|non valido|inválid|不正な|无效|некорректн|ongeldig|"
                      r"유효하지|nieprawidłow|neplatn|geçersiz|ogiltig", re.IGNORECASE)  # fmt: skip


def messages(flat: str) -> list[Draft]:
    """Return the calls that Firefox's messages in a text on one line mention, in order.

    Firefox follows every failed preflight with a second message, “did not succeed”, by which it is known as one.
    """
    drafts = [_english(part) for part in flat.split(_RESOURCE)[1:]]
    starts = [found.start() for found in BEGINNING.finditer(flat)]
    drafts += [_translated(flat[at:end]) for at, end in pairwise([*starts, len(flat)])]
    drafts = drafts or _cut(flat) or _other_language(flat)
    failed = {draft.url for draft in drafts if draft.code == "InvalidResponse"}
    for draft in drafts:
        if draft.code in _EITHER and draft.url in failed:
            draft.code = f"Preflight{draft.code}"
            draft.preflight_status, draft.status = draft.status, None
    reasons = [draft for draft in drafts if draft.code != "InvalidResponse"]
    return [*(reasons or drafts), *_mixed(flat)]


def _cut(flat: str) -> list[Draft]:
    """Return the call of the first message whose beginning is missing: its reason is there, and perhaps its URL."""
    found = _CUT.search(flat)
    if found is None:
        return []
    places = [place.start() for place in _SCHEME.finditer(flat[: found.start()])]
    message = flat[places[-1] if places else found.start() :]
    return [_english(message) if found["english"] else _translated(message)]


def _other_language(flat: str) -> list[Draft]:
    found = _LABEL.search(flat)
    if found is None or "blocked by CORS policy" in flat:
        return []
    message = flat[flat[: found.start()].rfind("http") :]
    if not _URL.match(message):
        return []
    draft = _translated(message)
    if draft.code == "InvalidResponse" and not _NULL_STATUS.search(flat, found.end()):
        draft.code = None  # only the words, which are not known here, say what was wrong
    return [draft]


def _mixed(flat: str) -> list[Draft]:
    for mark in MIXED:
        url = _UNQUOTED_URL.search(flat.partition(mark)[2])
        if url:
            return [Draft("firefox", url=url[0], code="mixed-content", unknown=UNTOLD, blocked=True)]
    return []


def _english(part: str) -> Draft:
    """Return one message, from its URL on."""
    where, _, reason = part.partition("(Reason: ")
    draft = Draft("firefox", url=_url(where), blocked=True)
    unknown = set(UNTOLD)
    status = _STATUS.search(reason[:1500])
    if reason.startswith("CORS disabled"):
        draft.symptom, draft.value = "blocked-by-client", "Firefox's setting content.cors.disable"
    _explain(draft, reason, unknown)
    _note_status(draft, status)
    draft.unknown = unknown
    return draft


def _url(text: str) -> str:
    found = _URL.search(text[:8100])
    return without_punctuation(found[0]) if found else "".join(text.split())[:200].strip("'\".")


def _note_status(draft: Draft, status: re.Match[str] | None) -> None:
    if status and draft.code == "PreflightInvalidStatus":
        draft.preflight_status = int(status[1])
    elif status:
        draft.status = int(status[1])


def _explain(draft: Draft, reason: str, unknown: set[str]) -> None:
    """Fill in what the reason states."""
    start, code = next(((start, code) for start, code in _REASONS if reason.startswith(start)), ("", None))
    value = reason[len(start) :].partition("'")[0]
    if code == "AllowOriginMismatch":
        _mismatch(draft, value)
        return
    if code == "HeaderDisallowedByPreflightResponse":
        draft.headers, draft.value = requested_headers([value]), value
    elif reason.startswith("invalid token '"):
        kind = "Methods" if "'Access-Control-Allow-Methods'" in reason else "Headers"
        code, draft.value = f"InvalidAllow{kind}PreflightResponse", reason.split("'")[1]
    _take(draft, code, unknown)


def _take(draft: Draft, code: str | None, unknown: set[str]) -> None:
    if code in ("WildcardOriginNotAllowed", "InvalidAllowCredentials"):
        draft.credentials = "include"
        unknown.discard("credentials")
    draft.code = code


def _mismatch(draft: Draft, value: str) -> None:
    draft.code, draft.value = _code_of(value), value


def _code_of(value: str) -> str | None:
    """Return Chrome's code for an Access-Control-Allow-Origin of another origin: Firefox has one text for three."""
    request = Request("https://page.invalid", "https://api.invalid/")
    return judge(Exchange(request, response=Answer(200, (("access-control-allow-origin", value),)))).code


def _translated(text: str) -> Draft:
    """Return a message in another language: the header that it names decides, then a few words."""
    url = _URL.search(text)
    draft = Draft("firefox", url=without_punctuation(url[0]) if url else "", blocked=True)
    unknown = set(UNTOLD)
    reason = text[url.end() : url.end() + 1500] if url else text[:1500]
    values = [value for value in _QUOTED.findall(reason) if not value.lower().startswith("access-control-")]
    value = values[0] if values else ""
    has = {name for name in ("Origin", "Methods", "Headers", "Credentials") if f"Access-Control-Allow-{name}" in reason}
    if "*" in values and has & {"Origin", "Credentials"}:
        _take(draft, "WildcardOriginNotAllowed", unknown)
    elif "Methods" in has:
        invalid = value and _INVALID.search(reason)
        draft.code = "InvalidAllowMethodsPreflightResponse" if invalid else "MethodDisallowedByPreflightResponse"
        draft.value = value
    elif "Headers" in has:
        refused = not _INVALID.search(reason) or PREFLIGHT.search(reason)
        draft.code = "HeaderDisallowedByPreflightResponse" if refused else "InvalidAllowHeadersPreflightResponse"
        draft.headers, draft.value = (requested_headers([value]) if refused and value else ()), value
    elif "Credentials" in has:
        _take(draft, "InvalidAllowCredentials", unknown)
    elif "Origin" in has and value:
        _mismatch(draft, value)
    elif "Origin" in has:
        draft.code = "MultipleAllowOriginValues" if MULTIPLE.search(reason) else "MissingAllowOriginHeader"
    elif PREFLIGHT.search(reason):
        draft.code = "PreflightInvalidStatus"
    elif REDIRECT.search(reason):
        draft.code = "PreflightDisallowedRedirect"
    else:
        draft.code = "CorsDisabledScheme" if NOT_HTTP.search(reason) else "InvalidResponse"
    _note_status(draft, _STATUS.search(reason))
    draft.unknown = unknown
    return draft
