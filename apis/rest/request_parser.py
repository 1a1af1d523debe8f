"""How requests are read: JSON that databases and other programs can hold, and no query parameter that no one knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from ninja.parser import Parser

from apis.cors.policy import MOST_ENTRIES
from apis.rest.problems import Problem

DEEPEST = 40
"""How deep a body may be nested; an exchange with redirects needs 8."""


class Reader(Parser):
    """Reads bodies and query strings, and refuses by name what would be lost or could not be kept."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the JSON of a body. Raises Problem: 400 when it is none, 422 for text that no database holds."""
        try:
            found = json.loads(request.body, parse_constant=_no_constant, object_pairs_hook=_no_repeats)
        except RecursionError:
            raise Problem(400, "The body is not valid JSON: it is nested too deeply.") from None
        except UnicodeDecodeError:
            raise Problem(400, "The body is not JSON: it is not UTF-8.") from None
        except ValueError as error:
            raise Problem(400, f"The body is not JSON: {error}.") from None
        for place, text in _texts(found):
            _check(place, text)
        return found

    def parse_querydict(
        self, data: MultiValueDict[str, Any], list_fields: list[str], request: HttpRequest
    ) -> dict[str, Any]:
        """Return the query parameters. Raises Problem (422) for text that no database holds."""
        for name in data:
            for text in data.getlist(name):
                _check(name, text)
        return super().parse_querydict(data, list_fields, request)


def check_query(request: HttpRequest, known: frozenset[str]) -> None:
    """Raise Problem (422) for a query parameter that is not one of `known`."""
    unknown = next((name for name in request.GET if name not in known), None)
    if unknown is not None:
        message = f"is unknown here; known are {', '.join(sorted(known))}" if known else "is unknown here"
        raise Problem(422, f"{unknown[:100]}: {message}", [{"field": unknown[:100], "message": message}])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON value")


def _no_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)[:100]!r} appears more than once")
    return found


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Yield every string of a body with its place in it, names of members as well."""
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        place, one, depth = waiting.pop()
        if depth > DEEPEST:
            raise Problem(400, f"The body is not valid JSON: it is nested deeper than {DEEPEST} levels.")
        if isinstance(one, str):
            yield place or "body", one
        elif isinstance(one, list):
            if len(one) > MOST_ENTRIES and isinstance(one[0], str):
                message = f"has {len(one)} entries; at most {MOST_ENTRIES} are accepted"
                raise Problem(422, f"{place}: {message}", [{"field": place, "message": message}])
            waiting += [(f"{place}[{at}]", entry, depth + 1) for at, entry in enumerate(one)]
        elif isinstance(one, dict):
            for name, entry in one.items():
                yield f"{place}.{name}".lstrip("."), name
                waiting.append((f"{place}.{name}".lstrip("."), entry, depth + 1))


def _check(place: str, text: str) -> None:
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        name = place.encode("ascii", "backslashreplace").decode().replace("\0", "\\0")[:100]
        message = "has a NUL character or half of a surrogate pair, which cannot be stored"
        raise Problem(422, f"{name}: {message}", [{"field": name, "message": message}])
