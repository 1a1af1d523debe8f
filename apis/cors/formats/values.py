"""From the values that a document states to a CorsPolicy, with the key and the line of whatever is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apis.cors.formats.format import FormatError
from apis.cors.policy import FIELDS, LIST_FIELDS, CorsPolicy

AWS_NAMES = {name: name for name in FIELDS}
CAMEL_NAMES = {name[0].lower() + name[1:]: name for name in FIELDS}
"""The wire's and OpenAPI's names."""
TERRAFORM_NAMES = {
    "allow_origins": "AllowOrigins",
    "allow_headers": "AllowHeaders",
    "allow_methods": "AllowMethods",
    "expose_headers": "ExposeHeaders",
    "max_age": "MaxAge",
    "allow_credentials": "AllowCredentials",
}
SERVERLESS_NAMES = {
    "allowedOrigins": "AllowOrigins",
    "allowedHeaders": "AllowHeaders",
    "allowedMethods": "AllowMethods",
    "exposedResponseHeaders": "ExposeHeaders",
    "maxAge": "MaxAge",
    "allowCredentials": "AllowCredentials",
}
"""Serverless's names of the six fields."""

_WORDS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_LARGEST = 10**9  # seconds; no one means more
_IMPOSSIBLE = re.compile("[\0\ud800-\udfff]")
_SECONDS = re.compile("[+-]?[0-9]{1,9}")


class Plain(str):
    """A text that YAML writes without quotes, so `true` may be a boolean and `600` a number."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A value that needs evaluation: `!Ref Origin`, `var.origin`, `${self:custom.origin}`.

    `tag` and `value` are those of a YAML node, for the reader that knows what the tag means; `why` says what is
    missing to evaluate it, as a sentence. `fails` says that evaluating it is an error for the tool as well.
    """

    text: str
    line: int | None = None
    tag: str = ""
    value: Any = None
    why: str = ""
    fails: bool = False


class Object(dict[str, Any]):
    """An object of a document, which remembers the line of each key and the keys that are stated twice.

    Made of others, it has what they have, the later over the earlier. `in_braces` says that it is written so.
    """

    def __init__(self, *parts: Mapping[str, Any]) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}
        self.twice: dict[str, int | None] = {}
        self.in_braces = False
        for part in parts:
            self.update(part)
            if isinstance(part, Object):
                self.lines.update(part.lines)
                self.twice.update(part.twice)


def line_of(values: Mapping[str, Any], key: str) -> int | None:
    """Return the line of a key, when the document's format knows it."""
    return values.lines.get(key) if isinstance(values, Object) else None


def refuse_repeated(values: Any, *keys: str) -> None:
    """Raise FormatError when an object states one of these keys twice; without keys, any key."""
    for key, line in values.twice.items() if isinstance(values, Object) else ():
        if not keys or key in keys:
            raise FormatError("is there twice. Keep the one that is meant.", key[:64], line)


def policy_from(values: Mapping[str, Any], names: Mapping[str, str] = AWS_NAMES) -> CorsPolicy:
    """Return the policy that an object states; `names` leads from its keys to AWS's.

    Numbers and booleans may be written as text, as CloudFormation and YAML allow, and a list of one as its entry.
    """
    given: dict[str, Any] = {}
    refuse_repeated(values)
    for key, value in values.items():
        line = line_of(values, key)
        if key not in names:
            raise FormatError(_unknown(key, names), key[:64], line)
        try:
            given[names[key]] = read_value(names[key], value)
        except FormatError as error:
            raise FormatError(error.message, key, error.line or line) from None
    return CorsPolicy.from_aws(given)


def read_value(name: str, value: Any) -> Any:
    """Return one field's value, by its AWS name; None when it is unset."""
    if value is None:
        return None
    if is_unresolved(value):
        raise unresolved(value)
    if name in LIST_FIELDS:
        return _list(value)
    return _seconds(value) if name == "MaxAge" else _flag(value)


def flag_of(value: Any, quoted: bool = True) -> bool | None:
    """Return the boolean that a value is, or names by one of YAML's words in any case; None when it is no boolean.

    Without `quoted` a text in quotes is no boolean.
    """
    if isinstance(value, bool):
        return value
    if not quoted and not isinstance(value, Plain):
        return None
    return _WORDS.get(value.strip().lower()) if isinstance(value, str) else None


def is_unresolved(value: Any) -> bool:
    """Return whether a value is computed elsewhere, in either way of CloudFormation's: `!Ref X` or `{"Ref": "X"}`."""
    if isinstance(value, dict) and len(value) == 1:
        return any(key == "Ref" or key.startswith("Fn::") for key in value)
    return isinstance(value, Unresolved)


def unresolved(value: Any, field: str | None = None, line: int | None = None) -> FormatError:
    """Return the error for a value that is computed elsewhere; `line` is that of its key, for one that knows none."""
    text = value.text if isinstance(value, Unresolved) else next(iter(value), "")
    line = (value.line if isinstance(value, Unresolved) else None) or line
    why = value.why if isinstance(value, Unresolved) else ""
    message = f"“{text[:80]}” is worked out when it is deployed{why and f': {why}'}. Write its value in its place."
    return FormatError(message, field, line)


def _list(value: Any) -> list[str]:
    entries = value if isinstance(value, list) else [value]
    for entry in entries:
        if is_unresolved(entry):
            raise unresolved(entry)
        if entry is None:
            raise FormatError("has an entry that is empty or null. Put it in quotes if the word null is meant.")
        if not isinstance(entry, str):
            raise FormatError("must be a list of texts.")
        if _IMPOSSIBLE.search(entry):
            raise FormatError("has a NUL or half a character, which cannot be part of a header.")
    return [str(entry) for entry in entries]


def _seconds(value: Any) -> int:
    if isinstance(value, str) and _SECONDS.fullmatch(value.strip()):
        return int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST:
        return value
    raise FormatError("must be a whole number of seconds.")


def _flag(value: Any) -> bool:
    flag = flag_of(value)
    if flag is None:
        raise FormatError("must be true or false.")
    return flag


_ELSEWHERE = {
    "corsrules": "belongs to S3: a bucket has CORS rules, not the six fields of an HTTP API.",
    "maxageseconds": "belongs to S3: a bucket's CORS rule is not the configuration of an HTTP API.",
    "allowedorigins": "is not AWS's name for an HTTP API, AllowOrigins: S3's bucket rules and other tools write it so.",
    "accesscontrolalloworigins": "belongs to CloudFront: this is a response headers policy, not an HTTP API.",
    "accesscontrolallowheaders": "belongs to CloudFront: this is a response headers policy, not an HTTP API.",
    "accesscontrolallowmethods": "belongs to CloudFront: this is a response headers policy, not an HTTP API.",
}
"""Keys of other services' CORS settings, in lower case, each with whose it is."""


def _unknown(key: str, names: Mapping[str, str]) -> str:
    plain = _letters(key)
    for name, field in names.items():
        if plain in (_letters(name), _letters(field)):
            return f"is written {name} here."
    if plain in _ELSEWHERE:
        return _ELSEWHERE[plain]
    return f"is not one of the six CORS fields, which are {', '.join(names)}."


def _letters(text: str) -> str:
    return re.sub("[^a-z]", "", text.lower())
