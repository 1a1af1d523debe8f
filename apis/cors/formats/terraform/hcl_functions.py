"""Terraform's functions that make lists, texts and objects of others; none reads a file or asks a provider."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from apis.cors.formats.values import Object

_MOST = 20_000


class Unknown(Exception):
    """Why an expression cannot be evaluated."""


class Missing(Unknown):
    """Why an expression is an error in Terraform as well, so that `try` takes the next."""


def call(name: str, arguments: list[Any]) -> Any:
    """Return what a function makes of its arguments. Raises Unknown."""
    function = _FUNCTIONS.get(name.removeprefix("core::"))
    if function is None:
        raise Unknown(f"{name[:40]}() is evaluated by Terraform")
    try:
        result = function(*arguments)
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, RecursionError):
        raise Unknown(f"{name[:40]}() has other arguments here than it takes") from None
    if isinstance(result, str | list | dict) and len(result) > _MOST:
        raise Unknown(f"{name[:40]}() makes too long a value")
    return result


def text_of(value: Any) -> str:
    """Return a value as Terraform writes it into a text. Raises Unknown for a list or an object."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, str | int | float):
        return str(value)
    raise Unknown("a list or an object is no text")


def number_of(value: Any) -> int | float:
    """Return a value as a number. Raises Unknown."""
    if isinstance(value, str):
        try:
            value = float(value) if len(value) < 40 else None
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e15:
        raise Unknown("not a number")
    return int(value) if float(value).is_integer() else value


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise TypeError


def _unique(entries: Iterable[Any]) -> list[Any]:
    found: dict[str, Any] = {}
    for entry in entries:
        found.setdefault(json.dumps(entry, sort_keys=True, default=str), entry)
    return list(found.values())


def _flat(entries: list[Any], depth: int = 0) -> list[Any]:
    found: list[Any] = []
    for entry in entries:
        found += _flat(entry, depth + 1) if isinstance(entry, list) and depth < 8 else [entry]
        if len(found) > _MOST:
            raise ValueError
    return found


def _concat(*lists: list[Any]) -> list[Any]:
    return [entry for one in lists for entry in _list(one)]


def _merge(*objects: Any) -> Object:
    return Object(*[one for one in objects if one is not None])


def _join(separator: str, *lists: list[Any]) -> str:
    return text_of(separator).join(text_of(entry) for entry in _concat(*lists))


def _format(pattern: str, *values: Any) -> str:
    pieces, rest = pattern.split("%%"), list(values)
    found = []
    for piece in pieces:
        first, *others = piece.split("%")
        text = first
        for other in others:
            if other[:1] not in ("s", "d", "v"):
                raise ValueError
            text += text_of(rest.pop(0)) + other[1:]
        found.append(text)
    if rest:
        raise ValueError
    return "%".join(found)


def _format_list(pattern: str, *lists: Any) -> list[str]:
    count = max(len(one) for one in lists if isinstance(one, list))
    rows = [[one[place] if isinstance(one, list) else one for one in lists] for place in range(count)]
    return [_format(pattern, *row) for row in rows]


def _lookup(given: dict[str, Any], key: str, *default: Any) -> Any:
    return given[key] if key in given else default[0]


def _coalesce(*values: Any) -> Any:
    for value in values:
        if value not in (None, ""):
            return value
    raise ValueError


def _one(entries: list[Any]) -> Any:
    if len(_list(entries)) > 1:
        raise ValueError
    return entries[0] if entries else None


def _coalesce_list(*lists: list[Any]) -> list[Any]:
    for one in lists:
        if _list(one):
            return one
    raise ValueError


def _replace(text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        raise ValueError  # a regular expression
    if len(text) + text.count(old) * len(new) > _MOST:
        raise ValueError
    return text.replace(old, new)


def _to_list(value: Any) -> list[Any]:
    return list(_list(value))


def _number_list(chosen: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: chosen(number_of(value) for value in values)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "concat": _concat,
    "distinct": lambda entries: _unique(_list(entries)),
    "toset": lambda entries: _unique(_list(entries)),
    "setunion": lambda *lists: _unique(_concat(*lists)),
    "tolist": _to_list,
    "flatten": lambda entries: _flat(_list(entries)),
    "compact": lambda entries: [entry for entry in _list(entries) if entry not in (None, "")],
    "sort": lambda entries: sorted(text_of(entry) for entry in _list(entries)),
    "reverse": lambda entries: _list(entries)[::-1],
    "length": lambda value: len(value),
    "contains": lambda entries, value: value in _list(entries),
    "element": lambda entries, place: _list(entries)[int(number_of(place)) % len(entries)],
    "slice": lambda entries, start, end: _list(entries)[int(number_of(start)) : int(number_of(end))],
    "one": _one,
    "coalescelist": _coalesce_list,
    "coalesce": _coalesce,
    "merge": _merge,
    "lookup": _lookup,
    "keys": lambda given: sorted(given.keys()),
    "values": lambda given: [given[key] for key in sorted(given)],
    "join": _join,
    "split": lambda separator, text: text.split(separator),
    "format": _format,
    "formatlist": _format_list,
    "replace": _replace,
    "lower": lambda text: text_of(text).lower(),
    "upper": lambda text: text_of(text).upper(),
    "trimspace": lambda text: text_of(text).strip(),
    "chomp": lambda text: text_of(text).rstrip("\r\n"),
    "trimprefix": lambda text, part: text.removeprefix(part),
    "trimsuffix": lambda text, part: text.removesuffix(part),
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "tostring": text_of,
    "tonumber": number_of,
    "tobool": lambda value: {"true": True, "false": False}[text_of(value)],
    "max": _number_list(max),
    "min": _number_list(min),
    "sensitive": lambda value: value,
    "nonsensitive": lambda value: value,
    "jsonencode": lambda value: json.dumps(value),
    "yamlencode": lambda value: json.dumps(value),
    "jsondecode": lambda text: json.loads(text),
}
