"""The Headers panel of DevTools, copied: Chrome's old and new layout, Firefox's and Safari's."""

from __future__ import annotations

import re

from apis.cors.exchange import Answer
from apis.cors.paste.browsers.chrome import named_code
from apis.cors.paste.result import Draft, requested_headers
from apis.cors.paste.sent import read_sent

_GENERAL = ("request url", "request method", "status code", "remote address", "referrer policy")
_MARK = re.compile(r"^[ \t]*Request URL(?:[ \t:]|$)", re.MULTILINE | re.IGNORECASE)
_FIREFOX = re.compile(
    r"^[ \t▼▶▾►]*(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)[ \t]*\n?[ \t]*(https?://\S{1,8000})[ \t]*\n"
    r"[ \t]*(?:Scheme\b|Status\b|[1-5][0-9]{2}[ \t]*\n(?:[^\n]{0,80}\n){0,3}?[ \t▼▶▾►]*Request Headers\b)",
    re.MULTILINE,
)
"""Firefox's panel, and Postman's console: a request line, then the status."""
_SAFARI = re.compile(r"^Summary[ \t]*\nURL:[ \t]*https?://", re.MULTILINE)
"""Safari's panel, whose request line is in pseudo-headers with HTTP/2."""
_TRANSLATED = re.compile(
    r"^(?!(?i:origin|referer)\b)[^\n:]{2,40}:?[ \t\n]{1,3}(https?://\S{1,8000})[ \t]*\n[^\n:]{2,40}:?[ \t\n]{1,3}"
    r"(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)[ \t]*\n[^\n:]{2,40}:?[ \t\n]{1,3}([1-5][0-9]{2})\b",
    re.MULTILINE,
)
"""Chrome's panel with labels in any language: an address, a method and a status, one below the other."""
_SECTION = re.compile(
    r"(?:▼|▶|▾|►)?[ \t]*(general|summary|response headers|request headers|response|request)"
    r"(?:[ \t]*\(.*\)|[ \t]*view (?:source|parsed).*|[ \t]*raw)?[ \t]*:?[ \t]*",
    re.IGNORECASE,
)
_PAIR = re.compile(r"[ \t]*(:?[A-Za-z][\w\- ]{0,80}?)[ \t]*:[ \t]*(.*)")
_NAME = re.compile(
    r"[ \t]*(:?[A-Za-z][\w-]{0,80}|Request URL|Request Method|Status Code|Remote Address|Referrer Policy)[ \t]*:?[ \t]*"
)
_OF_REQUESTS = frozenset({
    "accept", "accept-encoding", "accept-language", "access-control-request-headers", "access-control-request-method",
    "authorization", "cookie", "dnt", "host", "if-modified-since", "if-none-match", "origin", "pragma", "priority",
    "referer", "te", "upgrade-insecure-requests", "user-agent", "x-requested-with", "x-api-key",
})  # fmt: skip
_POSTMAN_STATUS = re.compile(r"[ \t]*\n[ \t]*([1-5][0-9]{2})[ \t]*\n")
MOST_LINES = 5_000


def looks_like(text: str) -> bool:
    """Return whether the text is a copied panel."""
    if _MARK.search(text) or _FIREFOX.search(text) or _TRANSLATED.search(text):
        return True
    return _SAFARI.search(text) is not None and ":method" in text


def read(text: str) -> list[Draft]:
    """Return the call of a panel."""
    section, general = "", dict[str, str]()
    first = _FIREFOX.search(text)
    if first:
        general |= {"request method": first[1], "request url": first[2]}
        status_line = _POSTMAN_STATUS.match(text, first.end(2))
        general |= {"status code": status_line[1]} if status_line else {}
    elif not _MARK.search(text) and (labels := _TRANSLATED.search(text)):
        general |= {"request url": labels[1], "request method": labels[2], "status code": labels[3]}
    sent, answered = list[tuple[str, str]](), list[tuple[str, str]]()
    for name, quoted in _pairs(text):
        value = quoted[1:-1] if len(quoted) > 1 and quoted[0] == quoted[-1] and quoted[0] in '"`' else quoted
        lower = name.lower()
        if not value and (found := _SECTION.fullmatch(name)):
            section = found[1].lower()
        elif lower in _GENERAL or (lower == "url" and section == "summary"):
            general.setdefault("request url" if lower == "url" else lower, value)
        elif lower == "status" and (first or section in ("general", "summary")):
            general.setdefault("status code", value)
        elif _is_of_request(lower, section):
            sent.append((name, value))
        else:
            answered.append((name, "" if lower == "set-cookie" else value))
    if not sent and not general.keys() & {"request method", "status code"}:
        return []  # an address alone, as Swagger UI shows it
    status = re.match(r"[^0-9]{0,20}([1-5][0-9]{2})\b", general.get("status code", ""))
    request = read_sent(sent, recorded=True)
    method = general.get("request method", "").split(" ")[0] or _method(sent)
    draft = Draft("headers", request.origin, general.get("request url", ""), method or "GET")
    answer = Answer(int(status[1]), tuple(answered)) if status else None
    if answer is None and (code := named_code(" ".join(text.split()))):
        draft.code, draft.blocked = code, True
    draft.credentials = "include" if request.cookies else "same-origin"
    draft.unknown = () if request.cookies else ("credentials",)
    if method == "OPTIONS" and request.requested_method:
        draft.method, draft.headers, draft.preflight = (
            request.requested_method,
            requested_headers(request.asked),
            answer,
        )
    elif method == "OPTIONS":
        draft.preflight, draft.unknown = answer, ("method", "headers", "credentials")
    else:
        draft.headers, draft.response = request.headers, answer
    if not request.names_origin and _is_of_a_tool(sent):
        draft.no_origin, draft.symptom = True, "no-origin-sent"
    return [draft]


def _pairs(text: str) -> list[tuple[str, str]]:
    """Return names and values, on one line with a colon or a tab, or on a line each."""
    found: list[tuple[str, str]] = []
    lines = [line.strip() for line in text.split("\n")[:MOST_LINES]]
    at = 0
    while at < len(lines):
        line = lines[at]
        at += 1
        if not line:
            continue
        if _SECTION.fullmatch(line):
            found.append((line.rstrip(": "), ""))
            continue
        name, tab, value = line.partition("\t")
        pair = None if tab else _PAIR.fullmatch(line)
        if tab:
            found.append((name.strip(": "), value.strip()))
        elif pair and pair[2]:
            found.append((pair[1].strip(), pair[2].strip()))
        elif _NAME.fullmatch(line) and at < len(lines) and not _is_label(lines[at]):
            found.append((line.rstrip(": "), lines[at]))
            at += 1
    return found


def _is_label(line: str) -> bool:
    """Return whether a line begins something of its own, so that it is no value of the line before it."""
    return _SECTION.fullmatch(line) is not None or line.lower().rstrip(": ") in _GENERAL


def _is_of_request(name: str, section: str) -> bool:
    if section.startswith("request"):
        return True
    if section.startswith("response"):
        return False
    return name in _OF_REQUESTS or name.startswith((":", "sec-"))


def _is_of_a_tool(sent: list[tuple[str, str]]) -> bool:
    """Return whether a program without pages, such as Postman, sent the request."""
    agents = (value for name, value in sent if name.lower() == "user-agent")
    return any(value and not value.startswith("Mozilla/") for value in agents)


def _method(sent: list[tuple[str, str]]) -> str:
    return next((value for name, value in sent if name.lower() == ":method"), "")
