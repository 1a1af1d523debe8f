"""Pulumi in YAML: aws:apigatewayv2:Api and aws:lambda:FunctionUrl, with the program's own configuration put in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from apis.cors.formats.documents.document import read_document
from apis.cors.formats.escape import quoted, renamed, yaml_block
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.found import Document, Found, Notes, policy_of_text
from apis.cors.formats.kinds import PULUMI_TYPES
from apis.cors.formats.values import CAMEL_NAMES, Object, Unresolved, line_of, policy_from, refuse_repeated, unresolved
from apis.cors.policy import CorsPolicy

_VARIABLE = re.compile(r"\$\$|\$\{([^{}]*)\}")
_DEPTH = 8
_THEIRS = {name: key for key, name in CAMEL_NAMES.items()}


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Write a program with the one API."""
    lines = [
        "name: my-api",
        "runtime: yaml",
        "resources:",
        "  api:",
        "    type: aws:apigatewayv2:Api",
        "    properties:",
        f"      name: {_quoted(context.name or 'my-api')}",
        "      protocolType: HTTP",
    ]
    if policy.on:
        lines += [
            "      # Take the whole corsConfiguration out to switch CORS off: an empty one blocks every call.",
            "      corsConfiguration:",
            *yaml_block(renamed(policy, _THEIRS), 8, _quoted),
        ]
    else:
        lines.append("      # CORS is off: there is no corsConfiguration.")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """Quote a text so that a dollar sign in it begins no variable: Pulumi reads two as one."""
    return quoted(text.replace("$", "$$"))


@reader
def parse(text: str) -> CorsPolicy:
    """Read a program with one API, or the resource alone."""
    return policy_of_text(read(read_document(text)).found)


def read(document: Any) -> Document:
    """Return the APIs and function URLs of a program. Raises FormatError."""
    if not isinstance(document, dict):
        raise FormatError("This is not a Pulumi program. Paste it whole, or one resource.")
    resources = {"": document} if "type" in document else document.get("resources")
    found: list[Found] = []
    for name, resource in resources.items() if isinstance(resources, dict) else ():
        kind = str(resource.get("type")) if isinstance(resource, dict) else ""
        if kind not in PULUMI_TYPES:
            continue
        properties = resource.get("properties")
        if not (isinstance(properties, dict) and str(properties.get("protocolType")).upper() == "WEBSOCKET"):
            refuse_repeated(resources, name)
            refuse_repeated(resource, "properties")
            found.append(Found(name, PULUMI_TYPES[kind][0], _reader(document, properties, PULUMI_TYPES[kind][1])))
    if not found:
        raise FormatError("There is no aws:apigatewayv2:Api in this Pulumi program.")
    return Document("pulumi-yaml", found)


def _reader(document: Mapping[str, Any], properties: Any, key: str) -> Callable[[Notes], CorsPolicy]:
    def read_cors(notes: Notes) -> CorsPolicy:
        given = properties if isinstance(properties, dict) else {}
        refuse_repeated(given, key)
        value = _Values(document, notes).value(given.get(key), 0)
        line = line_of(given, key)
        if value is None:
            if given.get("body") is not None and key != "cors":
                raise FormatError("may set CORS. Paste the OpenAPI document that it holds.", "body")
            return CorsPolicy.off()
        if isinstance(value, Unresolved):
            raise unresolved(value, key, line)
        if not isinstance(value, dict):
            raise FormatError("must be an object with the six fields.", key, line)
        return policy_from(value, CAMEL_NAMES)

    return read_cors


class _Values:
    def __init__(self, document: Mapping[str, Any], notes: Notes) -> None:
        self.document, self.notes = document, notes
        self.length = 0

    def value(self, value: Any, depth: int) -> Any:
        """Put what the program states into a value; what is computed becomes Unresolved."""
        if isinstance(value, str):
            return self._text(value, depth)
        if isinstance(value, list):
            return [self.value(entry, depth) for entry in value]
        if isinstance(value, dict):
            call = next((key for key in value if key.startswith("fn::")), None)
            if call:
                return self._call(call, value[call], depth)
            copy = Object(value)
            for key, entry in value.items():
                copy[key] = self.value(entry, depth)
            return copy
        return value

    def _call(self, name: str, given: Any, depth: int) -> Any:
        parts = self.value(given, depth + 1) if depth < _DEPTH else None
        if isinstance(parts, list) and len(parts) == 2 and not any(isinstance(part, Unresolved) for part in parts):
            if name == "fn::split" and all(isinstance(part, str) for part in parts):
                return parts[1].split(parts[0] or ",")
            if name == "fn::join" and isinstance(parts[1], list) and all(isinstance(one, str) for one in parts[1]):
                return str(parts[0]).join(parts[1])
        return Unresolved(name)

    def _text(self, text: str, depth: int) -> Any:
        if "$" not in text:
            return text
        whole = _VARIABLE.fullmatch(text)
        if whole and whole[1] is not None:
            return self._variable(whole[1], text, depth)
        unknown: list[Unresolved] = []

        def put_in(found: re.Match[str]) -> str:
            if found[1] is None:
                return "$"
            value = self._variable(found[1], found[0], depth)
            if not isinstance(value, str):
                unknown.append(value if isinstance(value, Unresolved) else Unresolved(found[0]))
                return ""
            return value

        result = _VARIABLE.sub(put_in, text)
        self.length += len(result)
        if unknown or self.length > 200_000:
            return Unresolved(text[:80], why=unknown[0].why if unknown else "")
        return result

    def _variable(self, name: str, text: str, depth: int) -> Any:
        if depth > _DEPTH:
            return Unresolved(text[:80], why="it refers to itself")
        for section, key in (("variables", None), ("config", "default"), ("configuration", "default")):
            given = self.document.get(section)
            if not isinstance(given, dict) or name not in given:
                continue
            refuse_repeated(self.document, section)
            refuse_repeated(given, name)
            value = given[name]
            if key and isinstance(value, dict):
                value = value.get("default", value.get("value"))
            if value is None:
                return Unresolved(text[:80], why=f"{name[:60]} has no default")
            result = self.value(value, depth + 1)
            if isinstance(result, str):
                self.notes.append(f"{name[:60]} is “{result[:200]}”, as this program states.")
            return result
        return Unresolved(text[:80], why=f"{name[:60]} is not in this program")


PULUMI_YAML = Format("pulumi-yaml", "Pulumi (YAML)", export, parse)
