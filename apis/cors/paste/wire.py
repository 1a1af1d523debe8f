"""Requests and answers as they go over the wire: raw HTTP, `curl -v` without its command, DevTools' raw headers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from apis.cors.exchange import Answer
from apis.cors.paste.result import UNTOLD, Draft, Source, requested_headers
from apis.cors.paste.sent import read_sent

_REQUEST = re.compile(r"[ \t]*(?:> ?)?(?:Request:? )?([A-Z]{3,7}) (\S{1,8000}) HTTP/[0-9.]+[ \t]*")
_SHORT_REQUEST = re.compile(
    r"^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS) (https?://\S{1,8000})[ \t]*\n(?=[A-Za-z][\w-]{1,60}:[ \t]*\S)",
    re.MULTILINE,
)
"""A request of an .http file, which needs no version."""
_STATUS = re.compile(r"[ \t]*(?:< ?)?(?:Response:? )?HTTP/[0-9.]+ ([0-9]{3})\b.*")
_HEADER = re.compile(r"[ \t]*(?:[<>] ?)?(:?[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,200}):[ \t]*(.*)")
_PLACE = re.compile(r"^[ \t]*(?:Request )?URL:?[ \t]+(https?://\S{1,8000})", re.MULTILINE)
_TRACE = re.compile(r"^(?:=>|<=) (?:Send|Recv) [^\n]{1,100}\n|^== Info: [^\n]*\n", re.MULTILINE)
_OFFSET = re.compile(r"^[0-9a-f]{4}: ?", re.MULTILINE)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_OF_PREFLIGHTS = ("access-control-allow-methods", "access-control-allow-headers", "access-control-max-age")
MOST_LINES = 20_000


@dataclass(slots=True)
class Sent:
    """A request line with its headers."""

    method: str
    target: str
    headers: list[tuple[str, str]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The whole URL, by the Host header when the request line has only a path."""
        if "://" in self.target:
            return self.target
        hosts = (value for name, value in self.headers if name.lower() in ("host", ":authority"))
        host = next(hosts, "").strip()
        scheme = "http" if host.startswith(("localhost", "127.")) else "https"
        return f"{scheme}://{host}{self.target}" if host else ""


def looks_like(text: str) -> bool:
    """Return whether a line of the text begins a request or an answer."""
    if _SHORT_REQUEST.search(text):
        return True
    lines = without_trace(text).split("\n")[:MOST_LINES]
    return any(_REQUEST.fullmatch(line) or _STATUS.fullmatch(line) for line in lines)


def without_trace(text: str) -> str:
    """Return what `curl --trace-ascii` wrote without its own lines and without each line's offset."""
    return _OFFSET.sub("", _TRACE.sub("", text)) if _TRACE.search(text) else text


def blocks(text: str) -> Iterator[Sent | Answer]:
    """Yield the requests and answers of a text, in order."""
    text = _SHORT_REQUEST.sub(r"\1 \2 HTTP/1.1\n", without_trace(text))
    sent: Sent | None = None
    status, headers = 0, list[tuple[str, str]]()
    for line in text.split("\n")[:MOST_LINES]:
        request, answer = _REQUEST.fullmatch(line), _STATUS.fullmatch(line)
        header = _HEADER.fullmatch(line)
        if request and request[1] in _METHODS:
            yield from _ended(sent, status, headers)
            sent, status, headers = Sent(request[1], request[2]), 0, []
        elif answer:
            yield from _ended(sent, status, headers)
            sent, status, headers = None, int(answer[1]), []
        elif header and sent is not None:
            sent.headers.append((header[1], header[2].strip()))
        elif header and status:
            name = header[1]
            headers.append((name, "" if name.lower() == "set-cookie" else header[2].strip()))
        elif not line.lstrip().startswith(("*", "}", "{", "[")):
            yield from _ended(sent, status, headers)
            sent, status, headers = None, 0, []
    yield from _ended(sent, status, headers)


def _ended(sent: Sent | None, status: int, headers: list[tuple[str, str]]) -> Iterator[Sent | Answer]:
    if sent is not None:
        yield sent
    elif status and not 100 <= status < 200:
        yield Answer(status, tuple(headers))


def answers(text: str) -> list[Answer]:
    """Return the answers in a text, without interim ones."""
    return [block for block in blocks(text) if isinstance(block, Answer)]


def read(text: str) -> list[Draft]:
    """Return the calls of a text: each request with the answer after it; a preflight is the call that it asks for."""
    found: list[Draft] = []
    pending: list[Sent] = []
    for block in blocks(text):
        if isinstance(block, Sent):
            pending.append(block)
        elif pending:
            found.append(draft_of(pending.pop(0), block))
    found += [draft_of(sent, None) for sent in pending]
    if not found:
        alone = answers(text)
        found = [_alone(alone[-1])] if alone else []
    place = _PLACE.search(text)
    for draft in found:
        draft.url = draft.url or (place[1] if place else "")
    return joined(found)


def draft_of(sent: Sent, answer: Answer | None, source: Source = "http") -> Draft:
    """Return the call of one request."""
    parsed = read_sent(sent.headers, recorded=True)
    draft = Draft(source, parsed.origin if parsed.names_origin else "", sent.url, sent.method)
    draft.credentials = "include" if parsed.cookies else "same-origin"
    if sent.method == "OPTIONS" and (parsed.requested_method or parsed.names_origin is False):
        draft.method, draft.headers = parsed.requested_method or "OPTIONS", requested_headers(parsed.asked)
        draft.preflight = answer
        draft.unknown = {"credentials"} | (set() if parsed.requested_method else {"method"})
    else:
        draft.headers, draft.response = parsed.headers, answer
        draft.unknown = () if parsed.cookies else ("credentials",)
    if not parsed.names_origin:
        draft.no_origin, draft.symptom = True, "no-origin-sent"
    return draft


def _alone(answer: Answer) -> Draft:
    """Return what a response shows without its request."""
    draft = Draft("http", unknown=UNTOLD)
    if any(name.lower() in _OF_PREFLIGHTS for name, _ in answer.headers):
        draft.preflight = answer
    else:
        draft.response = answer
    return draft


def joined(found: list[Draft]) -> list[Draft]:
    """Return a preflight and the call that it asked for, as one."""
    kept: list[Draft] = []
    for draft in found:
        last = kept[-1] if kept else None
        same = last and (last.url, last.method) == (draft.url, draft.method)
        if last and same and last.preflight and not (last.response or draft.preflight):
            draft.preflight = last.preflight
            draft.origin = draft.origin or last.origin
            kept[-1] = draft
        else:
            kept.append(draft)
    return kept
