"""The `judge` contract: one exchange as JSON in, the verdict as JSON out, or an error that names the field at fault."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

from apis.cors.browser import judge
from apis.cors.exchange import Answer, Credentials, Exchange, Headers, Redirect, Request
from apis.cors.origins import origin_of, parse_url
from apis.cors.safelist import is_token, is_value

CREDENTIALS: tuple[Credentials, ...] = ("omit", "same-origin", "include")
MODES = ("cors", "no-cors", "same-origin")
LONGEST_LINE = 1 << 20
"""The most characters (or bytes) of one line that are read."""
MOST_HEADERS = 2000
"""The most header lines of all messages of an exchange; servers and browsers refuse far fewer."""


class ExchangeError(ValueError):
    """A value that is no exchange; `field` is the path of the cause, such as `request.headers[0][1]`."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message


def judge_line(text: str | bytes) -> dict[str, Any]:
    """Return the answer to one line of `manage.py judge`, with the id of the line; never raises.

    A line that holds no exchange is answered by `id` and `error`, whose text begins with the field at fault.
    """
    found: Any = None
    try:
        given = _load(text)
        found = _read_id(given)
        return judge_case(given)
    except ExchangeError as error:
        return {"id": found, "error": str(error)}


def judge_case(given: dict[str, Any]) -> dict[str, Any]:
    """Return the verdict on one case, `{"id", "exchange"}`; raises ExchangeError, which names the field at fault."""
    found = _read_id(given)
    if "exchange" not in given:
        raise ExchangeError("exchange", "is missing")
    verdict = judge(read_exchange(given["exchange"]), with_notes=False)
    return {
        "id": found,
        "needs_preflight": verdict.needs_preflight,
        "allowed": verdict.allowed,
        "code": verdict.code,
        "reason": verdict.reason,
        "exposed": list(verdict.exposed),
    }


def _load(text: str | bytes) -> dict[str, Any]:
    if len(text) > LONGEST_LINE:
        raise ExchangeError("line", f"is longer than {LONGEST_LINE} characters")
    try:
        given = _DECODER.decode(text.decode("utf-8") if isinstance(text, bytes) else text)
    except UnicodeDecodeError as error:
        raise ExchangeError("line", f"is not UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise ExchangeError("line", "is nested too deeply") from None
    except ValueError as error:
        raise ExchangeError("line", f"is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise ExchangeError("line", f"must be an object with id and exchange, not {_kind(given)}")
    return given


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant)


def _read_id(given: dict[str, Any]) -> Any:
    found = given.get("id")
    if isinstance(found, str | int | None) and not isinstance(found, bool):
        return found
    if isinstance(found, float) and math.isfinite(found):
        return found
    what = "too large a number" if isinstance(found, float) else _kind(found)
    raise ExchangeError("id", f"must be a string or a number, not {what}")


def read_exchange(value: Any) -> Exchange:
    """Return an exchange from its JSON form; raises ExchangeError, naming the field, for anything else.

    `credentials` (same-origin), `mode` (cors), `method` (GET) and `headers` (none) may be left out, as in fetch();
    a missing `preflight` or `response` is null; `redirects` is a list of `{"answer", "preflight"}`. Origins are put in
    the form in which browsers send them. Unknown members are ignored.
    """
    given = _object("exchange", value)
    if "request" not in given:
        raise ExchangeError("request", "is missing")
    if (count := sum(map(_header_count, _messages(given)))) > MOST_HEADERS:
        raise ExchangeError("exchange", f"has {count} headers; at most {MOST_HEADERS} are read")
    return Exchange(
        read_request(given["request"]),
        _answer("preflight", given.get("preflight")),
        _answer("response", given.get("response")),
        _redirects(given["redirects"]) if given.get("redirects") else (),
    )


def _messages(given: dict[str, Any]) -> Iterator[Any]:
    yield from (given.get(name) for name in ("request", "preflight", "response"))
    redirects = given.get("redirects")
    for entry in redirects if isinstance(redirects, list) else ():
        if isinstance(entry, dict):
            yield from (entry.get("answer"), entry.get("preflight"))


def _header_count(message: Any) -> int:
    headers = message.get("headers") if isinstance(message, dict) else None
    return len(headers) if isinstance(headers, list) else 0


def read_request(value: Any, field: str = "request") -> Request:
    """Return a request from its JSON form; raises ExchangeError with the path under `field`."""
    given = _object(field, value)
    method = given.get("method", "GET")
    if not isinstance(method, str) or not is_token(method):
        raise ExchangeError(f"{field}.method", f"must be a method such as GET, not {_shown(method)}")
    lines = _headers(f"{field}.headers", given.get("headers"))
    for place, (_, text) in enumerate(lines):
        if not text.isascii() and not is_value(text):
            raise ExchangeError(f"{field}.headers[{place}][1]", "has a character beyond U+00FF, which fetch() refuses")
    return Request(
        origin=_origin(f"{field}.origin", given.get("origin")),
        url=_url(f"{field}.url", given.get("url")),
        method=method,
        headers=lines,
        credentials=_one_of(f"{field}.credentials", given.get("credentials", "same-origin"), CREDENTIALS),
        mode=_one_of(f"{field}.mode", given.get("mode", "cors"), MODES),
    )


def _origin(field: str, value: Any) -> str:
    text = _text(field, value)
    origin = origin_of(text)
    if origin is None or (origin == "null" and text != "null"):
        raise ExchangeError(field, f"must be an origin such as https://app.example.com, or null, not {_shown(text)}")
    if len(text) != len(origin) and _more_than_origin(text):
        raise ExchangeError(field, f"must be an origin without path, query or user name, such as {origin}")
    return origin


def _more_than_origin(text: str) -> bool:
    rest = text.partition("://")[2]
    return not rest or any(char in rest for char in "/\\?#@")


def _url(field: str, value: Any) -> str:
    text = _text(field, value)
    url = parse_url(text)
    if url is None or url.scheme not in ("http", "https"):
        raise ExchangeError(field, f"must be a full http or https URL, not {_shown(text)}")
    if url.has_credentials:
        raise ExchangeError(field, "must not contain a user name or password: fetch() refuses such a URL")
    return text


def _answer(field: str, value: Any) -> Answer | None:
    if value is None:
        return None
    given = _object(field, value)
    status = given.get("status")
    if type(status) is not int or not 100 <= status <= 999:
        raise ExchangeError(f"{field}.status", f"must be a whole number from 100 to 999, not {_shown(status)}")
    return Answer(status, _headers(f"{field}.headers", given.get("headers")))


def _redirects(value: Any) -> tuple[Redirect, ...]:
    if not isinstance(value, list):
        raise ExchangeError("redirects", f"must be a list of objects, not {_kind(value)}")
    found = []
    for place, entry in enumerate(value):
        given = _object(f"redirects[{place}]", entry)
        answer = _answer(f"redirects[{place}].answer", given.get("answer"))
        if answer is None:
            raise ExchangeError(f"redirects[{place}].answer", "is missing")
        found.append(Redirect(answer, _answer(f"redirects[{place}].preflight", given.get("preflight"))))
    return tuple(found)


def _headers(field: str, value: Any) -> Headers:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise ExchangeError(field, f"must be a list of [name, value] pairs, not {_kind(value)}")
    lines = []
    for place, pair in enumerate(value):
        if type(pair) is list and len(pair) == 2:
            name, text = pair
            # As nearly every line is: nothing to say against it, and nothing to strip but blanks.
            if type(name) is str and type(text) is str and text.isprintable() and is_token(name):
                lines.append((name, text.strip(" ")))
                continue
        if not isinstance(pair, list) or len(pair) != 2:
            raise ExchangeError(f"{field}[{place}]", f"must be a [name, value] pair, not {_shown(pair)}")
        name, text = pair
        if not isinstance(name, str) or not is_token(name):
            raise ExchangeError(f"{field}[{place}][0]", f"must be a header name, not {_shown(name)}")
        if not isinstance(text, str):
            raise ExchangeError(f"{field}[{place}][1]", f"must be a string, not {_kind(text)}")
        text = text.strip("\t\n\r ")
        if "\n" in text or "\r" in text or "\0" in text:
            raise ExchangeError(f"{field}[{place}][1]", "has a line break or a NUL, which headers cannot contain")
        lines.append((name, text))
    return tuple(lines)


def _object(field: str, value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ExchangeError(field, f"must be an object, not {_kind(value)}")
    return value


def _text(field: str, value: Any) -> str:
    if not isinstance(value, str):
        raise ExchangeError(field, "is missing" if value is None else f"must be a string, not {_kind(value)}")
    return value


def _one_of[T: str](field: str, value: Any, choices: tuple[T, ...]) -> T:
    if not isinstance(value, str) or value not in choices:
        raise ExchangeError(field, f"must be one of {', '.join(choices)}, not {_shown(value)}")
    return next(choice for choice in choices if choice == value)


def _kind(value: Any) -> str:
    kinds = {dict: "an object", list: "a list", str: "a string", bool: "true or false", type(None): "null"}
    return kinds.get(type(value), "a number")


def _shown(value: Any) -> str:
    """Return a value for an error message: strings and numbers in short, all else by its kind."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return _kind(value)
    text = json.dumps(value[:60] if isinstance(value, str) else value)
    return text if len(text) < 80 else text[:79] + "…"
