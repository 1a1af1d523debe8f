"""A curl command, by hand or from DevTools' “Copy as cURL”, with the answer if it was pasted along."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from apis.cors.formats.commands.shell import ShellError, unescaped, words
from apis.cors.paste import wire
from apis.cors.paste.browsers.other_messages import unanswered
from apis.cors.paste.commands import starts, with_variables, without_prompts
from apis.cors.paste.curl_options import plain, takes_value
from apis.cors.paste.result import Draft, ReadingError, requested_headers
from apis.cors.paste.sent import read_sent

_DATA = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json"})
# What a shell, the Windows prompt, PowerShell, curl itself or Postman fills in. OData's `?$filter=` is written so.
_FILLED_IN = re.compile(
    r"\$(?:(?<![?&]\$)\w|(?<=[?&]\$)\w+(?![\w=])|[({])"
    # Nor are escaped bytes variables: one of the two signs is followed by what is no byte.
    r"|%(?![0-9A-Fa-f]{2})[A-Za-z_]\w*%|%[A-Za-z_]\w*%(?![0-9A-Fa-f]{2})"
    r"|\{\{"
)
_STATUS_MARK = re.compile(r"%\{(?:http_code|response_code)\}")
_STATUS_MEMBER = re.compile(r"\"(?:http|response)_code\":[ ]?([1-5][0-9]{2})\b")


@dataclass(slots=True)
class _Options:
    url: str = ""
    method: str = ""
    implied: str = "GET"
    headers: list[tuple[str, str]] = field(default_factory=list)
    added: list[tuple[str, str]] = field(default_factory=list)
    as_query: bool = False
    written: str = ""


def read(text: str) -> list[Draft]:
    """Return the calls of up to three curl commands with their responses; a preflight and its call become one."""
    text = with_variables(unescaped(without_prompts(text)))
    places = starts(text, "curl", "curl.exe")
    found: list[Draft] = []
    problem: ReadingError | None = None
    for at, end in pairwise([*places, len(text)]):
        try:
            found.append(_read(text[:end], at, is_only=len(places) == 1))
        except ReadingError as error:
            problem = problem or error
    if problem and not found:
        raise problem
    return wire.joined(found)


def _read(text: str, at: int, is_only: bool) -> Draft:
    """Return the call that a curl command makes; a preflight sent by curl is read as the call that it asks for."""
    try:
        command, rest = words(text[at:])
    except ShellError as error:
        line = text.count("\n", 0, at) + error.line
        raise ReadingError(f"The quote opened on line {line} of this curl command is not closed.") from None
    options = _options(command[1:])
    if not options.url:
        raise ReadingError("This curl command has no URL.")
    have = {name.lower() for name, _ in options.headers}
    sent = read_sent([*options.headers, *((name, value) for name, value in options.added if name.lower() not in have)])
    draft = Draft("curl", sent.origin, options.url, credentials="include" if sent.cookies else "same-origin")
    draft.origin = "" if _FILLED_IN.search(sent.origin) else sent.origin
    draft.unknown = {"url"} if _FILLED_IN.search(options.url) else ()
    draft.method = options.method or options.implied
    found = wire.answers(rest)
    if not found and is_only:
        found = wire.answers(text[:at])  # the command below what it has printed
    answer = found[-1] if found else None
    status = None if answer else _printed_status(options.written, rest)
    if draft.method.upper() == "OPTIONS" and sent.requested_method:
        draft.method, draft.headers, draft.preflight = sent.requested_method, requested_headers(sent.asked), answer
    elif draft.method.upper() == "OPTIONS" and not sent.origin:
        draft.preflight = answer
    else:
        draft.headers, draft.response = sent.headers, answer
    if status is not None and options.method.upper() == "OPTIONS":
        draft.preflight_status, draft.blocked = status, status >= 300
        draft.code = "PreflightInvalidStatus" if status >= 300 else None
    else:
        draft.status = status
    if not sent.origin:
        draft.no_origin, draft.symptom = True, "no-origin-sent"
    failure = unanswered(rest) or unanswered(text)
    if failure and answer is None:
        draft.symptom, draft.value, draft.blocked = "no-response", failure[:120], True
    return draft


def _printed_status(written: str, rest: str) -> int | None:
    """Return the status that curl's `-w '%{http_code}'` has printed below the command, if it was pasted."""
    mark = _STATUS_MARK.search(written)
    if mark is None:
        member = _STATUS_MEMBER.search(rest[:20_000]) if "%{json}" in written else None
        return int(member[1]) if member else None
    before = re.split(r"%\{\w*\}|\\[nrt]", written[: mark.start()])[-1].strip()
    printed = re.compile(rf"\s{re.escape(before[-60:])}[ \t]{{0,4}}([1-5][0-9]{{2}})\b")
    found = printed.search(rest[rest.find("\n") :][:4_000])
    return int(found[1]) if found else None


def _options(arguments: list[str]) -> _Options:
    found, rest = _Options(), iter(arguments)
    for word in rest:
        if word.startswith("--"):
            name, equals, value = plain(word).partition("=")
            if takes_value(name):
                _take(found, name, value if equals else next(rest, ""))
            else:
                _take(found, word, "")
        elif word.startswith("-") and len(word) > 1:
            for place, letter in enumerate(word[1:], start=1):
                if takes_value(f"-{letter}"):
                    _take(found, f"-{letter}", word[place + 1 :] or next(rest, ""))
                    break
                _take(found, f"-{letter}", "")
        elif not found.url:
            found.url = _with_scheme(word)
    if found.as_query:
        found.implied = "GET"
        found.added = [(name, value) for name, value in found.added if name != "Content-Type"]
    return found


def _take(found: _Options, name: str, value: str) -> None:
    """Apply one option to the call."""
    if name in ("-X", "--request"):
        found.method = value
    elif name == "--url":
        found.url = _with_scheme(value)
    elif name in ("-H", "--header"):
        header, colon, content = value.partition(":")
        if colon and (content.strip() or not value.endswith(":")):
            found.headers.append((header.strip(), content.strip()))
    elif name in _DATA:
        found.implied = "POST"
        kind = "application/json" if name == "--json" else "application/x-www-form-urlencoded"
        _set_type(found, kind)
    elif name in ("-F", "--form", "--form-string"):
        found.implied = "POST"
        _set_type(found, "multipart/form-data; boundary=x")
    elif name in ("-T", "--upload-file"):
        found.implied = "PUT"
    elif name in ("-I", "--head"):
        found.implied = "HEAD"
    elif name in ("-G", "--get"):
        found.as_query = True
    elif name in ("-b", "--cookie"):
        found.headers.append(("Cookie", ""))
    elif name in ("-u", "--user", "--oauth2-bearer", "--aws-sigv4"):
        found.added.append(("Authorization", ""))
    elif name in ("-w", "--write-out"):
        found.written = value
    elif name in ("-e", "--referer"):
        found.headers.append(("Referer", value))


def _set_type(found: _Options, kind: str) -> None:
    """Set the Content-Type once for several options of one body, such as two `-d`."""
    found.added = [*(pair for pair in found.added if pair[0] != "Content-Type"), ("Content-Type", kind)]


def _with_scheme(url: str) -> str:
    """curl takes http for a URL without a scheme; APIs of API Gateway are never there.

    A variable in front may well hold the scheme.
    """
    filled_in = _FILLED_IN.match(url)
    return url if "://" in url or filled_in else f"https://{url}"
