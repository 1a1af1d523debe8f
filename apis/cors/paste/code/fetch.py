"""A `fetch(…)` as people write it and as DevTools' “Copy as fetch” gives it."""

from __future__ import annotations

import re
from urllib.parse import urljoin

from apis.cors.exchange import Credentials
from apis.cors.origins import origin_of
from apis.cors.paste.code.bindings import Script, arguments_at, read_script
from apis.cors.paste.code.script import Tokens, arguments, inside, literal, members, split, tokens
from apis.cors.paste.result import Draft, ReadingError
from apis.cors.paste.sent import read_sent
from apis.cors.safelist import normal_method

# Not a call: a line of a stack trace (`at window.fetch (…)`, or only its place), “Failed to fetch (host)”, and a row of
# Chrome's network panel, where the call's type stands before its place (`fetch (index):12`).
_TRACE = r"(?:(?<!\S)at (?:async |new )?(?:[\w$<>#\[\]]+\.)*|\bFailed to )fetch \((?!['\"`])"
_PLACE = r"\s*<anonymous>|[^\s'\"`(),]*:\d+:\d+\)|(?:index|anonymous|failed)\)"
_CALL = re.compile(rf"{_TRACE}|(?<![\w$])(?P<call>fetch[ \t]*\()(?!{_PLACE})")
_NAMED_URL = re.compile(r"""['"`](https?://[^\s'"`<>${}]{1,8000})['"`]""")
_FORM = "application/x-www-form-urlencoded;charset=UTF-8"
_MULTIPART = "multipart/form-data; boundary=x"
_CREDENTIALS: dict[str, Credentials] = {"omit": "omit", "same-origin": "same-origin", "include": "include"}
_MODES = ("cors", "no-cors", "same-origin", "navigate")


def read(text: str) -> list[Draft]:
    """Return the call in the first `fetch(…)`."""
    found = next((found for found in _CALL.finditer(text) if found["call"]), None)
    if not found:
        return []
    script = read_script(text)
    given = arguments(tokens(text, found.end()))
    if not given:
        raise ReadingError("This fetch(…) is incomplete: its URL is missing.")
    target, options = given[0], given[1] if len(given) > 1 else []
    made = _made(script.resolve(target), "Request")
    if made:
        target, options = made[0], options or (made[1] if len(made) > 1 else [])
    draft = Draft("fetch", url=_url(script, target) or _only_url(text, target))
    _read_options(script, draft, script.resolve(options))
    return [draft]


def _made(given: Tokens, name: str) -> list[Tokens] | None:
    """Return the arguments of `new Name(…)`, None for anything else."""
    if [token.value for token in given[:3]] != ["new", name, "("]:
        return None
    return split(inside(given[2:], "(") or []) or None


def _only_url(text: str, given: Tokens) -> str:
    """Return the only URL of a text, for a name that it gives no value, as in `useSWR(URL, url => fetch(url))`."""
    found = {match[1] for match in _NAMED_URL.finditer(text)} if len(given) == 1 else set()
    return found.pop() if len(found) == 1 else f"${{{''.join(token.value for token in given)[:200]}}}"


def _url(script: Script, given: Tokens) -> str:
    made = _made(script.resolve(given), "URL")
    if not made:
        return script.text(given) or ""
    path, base = script.text(made[0]) or "", script.text(made[1]) if len(made) > 1 else ""
    try:
        return urljoin(base, path) if base else path
    except ValueError:
        return path


def _read_options(script: Script, draft: Draft, options: Tokens) -> None:
    """Fill in what the second argument says."""
    unknown: set[str] = set()
    stated = members(options)
    if stated is None:
        draft.unknown = ("method", "headers", "credentials") if options else ()
        return
    values = script.options(options)
    if script.unresolved(stated):
        unknown = {"method", "headers", "credentials"} - values.keys()
    if "method" in values:
        method = script.text(values["method"]) or "${}"
        draft.method = "GET" if "${" in method else normal_method(method)
        unknown |= {"method"} if "${" in method else set()
    if "credentials" in values:
        stated_mode = _CREDENTIALS.get(script.text(values["credentials"]) or "")
        draft.credentials = stated_mode or "same-origin"
        unknown |= set() if stated_mode else {"credentials"}
    mode = script.text(values["mode"]) if "mode" in values else "cors"
    draft.mode = mode if mode in _MODES else "cors"
    draft.origin = origin_of(script.text(values["referrer"]) or "") or "" if "referrer" in values else ""
    pairs, complete = header_pairs(script, values.get("headers", []))
    if not complete:
        unknown.add("headers")
    sent = read_sent(pairs)  # DevTools puts in what the browser added
    draft.origin = draft.origin or sent.origin
    if sent.cookies and sent.by_browser and "credentials" not in values:
        draft.credentials = "include"
    draft.headers = with_body_type(list(sent.headers), script.resolve(values.get("body", [])))
    draft.unknown = unknown


def header_pairs(script: Script, given: Tokens) -> tuple[list[tuple[str, str]], bool]:
    """Return the headers of `{…}`, `[[…], …]`, `new Headers(…)` or a name for one, and whether these are all."""
    added = script.added.get(given[0].value, []) if len(given) == 1 else []
    given = script.resolve(given)
    words = [token.value for token in given]
    if words[:2] == ["new", "HttpHeaders"] and "." in words and ("set" in words or "append" in words):
        return _chained(script, given), True
    made = _made(given, "Headers") or _made(given, "HttpHeaders")
    given = made[0] if made else given
    if words in (["new", "Headers", "(", ")"], ["new", "Headers"], ["new", "HttpHeaders", "(", ")"]) or not given:
        return list(added), True
    stated = members(script.resolve(given))
    if stated is not None:
        named = [(name, script.text(value) or "") for name, value in script.options(given).items()]
        return [*named, *added], not script.unresolved(stated)
    rows = inside(given, "[")
    if rows is None:
        return list(added), False
    cells = [[script.text(cell) for cell in split(inside(row, "[") or [])] for row in split(rows)]
    named = [(row[0], row[1] or "") for row in cells if len(row) == 2 and row[0]]
    return [*named, *added], len(named) == len(cells)


def _chained(script: Script, given: Tokens) -> list[tuple[str, str]]:
    """Return the headers of `new HttpHeaders().set(name, value).append(…)`."""
    found = []
    chain = Script(given)
    for at, token in enumerate(given[:-1]):
        if token.value in ("set", "append") and given[at + 1].value == "(":
            parts = arguments_at(chain, at + 1)
            name = script.text(parts[0]) if parts else None
            if name:
                found.append((name, (script.text(parts[1]) if len(parts) > 1 else "") or ""))
    return found


def with_body_type(pairs: list[tuple[str, str]], body: Tokens) -> list[tuple[str, str]]:
    """Return the headers with the Content-Type that fetch() adds for a body (Fetch: extract a body)."""
    if not body or any(name.lower() == "content-type" for name, _ in pairs):
        return pairs
    first = [token.value for token in body[:4]]
    joined = "+" in first and literal(body) is not None
    if body[0].kind == "text" or first[:3] == ["JSON", ".", "stringify"] or joined:
        return [*pairs, ("Content-Type", "text/plain;charset=UTF-8")]
    if first[:2] == ["new", "URLSearchParams"]:
        return [*pairs, ("Content-Type", _FORM)]
    if first[:2] == ["new", "FormData"]:
        return [*pairs, ("Content-Type", _MULTIPART)]
    return pairs
