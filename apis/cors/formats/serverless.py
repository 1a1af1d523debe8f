"""Serverless Framework: `provider.httpApi.cors` of serverless.yml, with names and defaults of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from apis.cors.formats.document import read_document
from apis.cors.formats.escape import quoted, renamed, yaml_block
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.values import AWS_NAMES, Object, Unresolved, line_of, policy_from
from apis.cors.policy import CorsPolicy

NAMES = {
    "allowedOrigins": "AllowOrigins",
    "allowedHeaders": "AllowHeaders",
    "allowedMethods": "AllowMethods",
    "exposedResponseHeaders": "ExposeHeaders",
    "maxAge": "MaxAge",
    "allowCredentials": "AllowCredentials",
}
_THEIRS = {name: key for key, name in NAMES.items()}
_DEFAULT_HEADERS = (
    "Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amz-User-Agent",
    "X-Amzn-Trace-Id",
)  # fmt: skip
_ANY_METHOD = ("GET", "POST", "PUT", "PATCH", "OPTIONS", "HEAD", "DELETE")
_VARIABLE = re.compile(r"(?<!\\)(\\*)\$\{")


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """The provider's part of serverless.yml."""
    if not policy.on:
        return "provider:\n  name: aws\n  httpApi:\n    cors: false\n"
    if policy.max_age < 0:
        return _extension(policy)
    return "\n".join(
        [
            "provider:",
            "  name: aws",
            "  httpApi:",
            "    cors:",
            "      # Every list is stated: one left out is not empty but gets a default, every origin for instance.",
            *yaml_block(renamed(policy, _THEIRS), 6, _escaped),
            "",
        ]
    )


def _extension(policy: CorsPolicy) -> str:
    return "\n".join(
        [
            "# Serverless refuses a maxAge below 0 in provider.httpApi.cors, so the configuration is put",
            "# into the API that it generates.",
            "resources:",
            "  extensions:",
            "    HttpApi:",
            "      Properties:",
            "        CorsConfiguration:",
            *yaml_block(renamed(policy, AWS_NAMES), 10, _escaped),
            "",
        ]
    )


def _escaped(text: str) -> str:
    """A text in quotes in which `${` is no variable: Serverless halves the backslashes before it."""
    return quoted(_VARIABLE.sub(lambda found: found[1] * 2 + "\\${", text))


@reader
def parse(text: str) -> CorsPolicy:
    """A whole serverless.yml, or the part from `provider`, `httpApi` or `cors` on, or what is in `cors`."""
    return read(read_document(text))


def read(document: Any) -> CorsPolicy:
    """The policy in a serverless.yml. Raises FormatError."""
    if not isinstance(document, dict):
        raise FormatError("This is not a serverless.yml. Paste it whole, or from provider on.")
    extended = _dig(document, "resources", "extensions", "HttpApi", "Properties")
    if extended and "CorsConfiguration" in extended:
        return policy_from(_unescaped(extended["CorsConfiguration"]))
    part: Any = document
    for key in ("provider", "httpApi"):
        if isinstance(part.get(key), dict):
            part = part[key]
    if "cors" in part:
        return _cors(part["cors"], document, line_of(part, "cors"))
    if any(key in part for key in NAMES):
        return _cors(part, document, None)
    if part is document and "provider" not in document and "httpApi" not in document and "service" not in document:
        raise FormatError("There is no provider.httpApi.cors here.")
    return CorsPolicy.off()


def _cors(value: Any, document: Mapping[str, Any], line: int | None) -> CorsPolicy:
    if value in (None, False, "false"):
        return CorsPolicy.off()
    if value in (True, "true"):
        value = {}
    value = _unescaped(value, line)
    given = {key: entry for key, entry in value.items() if entry is not None}
    stated = Object()
    stated.update({"allowedOrigins": ["*"], "allowedHeaders": list(_DEFAULT_HEADERS)} | given)
    stated.setdefault("allowedMethods", _served_methods(document))
    stated.lines = value.lines if isinstance(value, Object) else {}
    return policy_from(stated, NAMES)


def _unescaped(value: Any, line: int | None = None) -> Any:
    """The CORS object with the escapes of `${` undone, and each variable marked as such."""
    if isinstance(value, str) or not isinstance(value, dict):
        text = f"“{value}”" if isinstance(value, str) else "This"
        raise FormatError(f"{text[:80]} is not an object with the six fields, true or false.", "cors", line)
    plain = Object()
    plain.lines = value.lines if isinstance(value, Object) else {}
    for key, entry in value.items():
        plain[key] = [_text(one) for one in entry] if isinstance(entry, list) else _text(entry)
    return plain


def _text(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    for found in _VARIABLE.finditer(value):
        if len(found[1]) % 2 == 0:
            return Unresolved(value)
    return _VARIABLE.sub(lambda found: found[1][: len(found[1]) // 2] + "${", value)


def _served_methods(document: Mapping[str, Any]) -> list[str]:
    """The methods that Serverless allows when none are named: OPTIONS and those of the functions' routes."""
    functions = document.get("functions")
    methods = ["OPTIONS"]
    for function in functions.values() if isinstance(functions, dict) else ():
        events = function.get("events") if isinstance(function, dict) else None
        for event in events if isinstance(events, list) else ():
            route = event.get("httpApi") if isinstance(event, dict) else None
            method = route.get("method", "*") if isinstance(route, dict) else route
            if isinstance(method, str) and method.strip():
                word = method.split()[0].upper()
                methods += _ANY_METHOD if word in ("*", "ANY") else [word]
    return list(dict.fromkeys(methods))


def _dig(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else None


SERVERLESS = Format("serverless", "Serverless Framework", "yml", export, parse)
