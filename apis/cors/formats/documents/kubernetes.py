"""Kubernetes manifests: the HTTP API of a Crossplane provider or of ACK, and Lambda's function URL of both."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Document, Found, Kind, Notes
from apis.cors.formats.kinds import is_manifest
from apis.cors.formats.values import (
    CAMEL_NAMES,
    Object,
    is_unresolved,
    line_of,
    policy_from,
    refuse_repeated,
    unresolved,
)
from apis.cors.policy import CorsPolicy

_KINDS: dict[str, tuple[Kind, str]] = {
    "API": ("http-api", "corsConfiguration"),
    "FunctionURL": ("function-url", "cors"),
    "FunctionURLConfig": ("function-url", "cors"),
}
_GROUPS = ("apigatewayv2.", "lambda.")
_ACK = ".services.k8s.aws"
_DEPTH = 6


def read(documents: list[Any]) -> Document:
    """Return the APIs and function URLs of manifests, also in lists and compositions. Raises FormatError."""
    found: list[Found] = []
    others: list[str] = []
    groups: list[str] = []
    for document in documents:
        _collect(document, found, others, groups, 0)
    if not found:
        kinds = f" It has {', '.join(dict.fromkeys(others))}."[:200] if others else ""
        raise FormatError(f"No API of apigatewayv2 by Crossplane or ACK is in this manifest.{kinds}")
    return Document("ack" if _ACK in groups[0] else "crossplane", found)


def _collect(document: Any, found: list[Found], others: list[str], groups: list[str], depth: int) -> None:
    """Add the APIs of a manifest and the API groups that they are of; other kinds are named in `others`."""
    if not is_manifest(document) or depth > _DEPTH:
        return
    kind, group = str(document["kind"]), str(document["apiVersion"])
    if kind in _KINDS and group.startswith(_GROUPS):
        one = _of_manifest(document, *_KINDS[kind])
        if one is None:
            others.append("a WebSocket API")
        else:
            found.append(one)
            groups.append(group)
        return
    others.append(kind[:60])
    inner = document.get("items")
    spec = document.get("spec")
    if kind == "Composition" and isinstance(spec, dict):
        made = [one for one in spec.get("resources") or [] if isinstance(one, dict)]
        if any("cors" in str(one.get("patches")).lower() for one in made):
            raise FormatError("These change the CORS of what is composed. Paste the manifest of the API.", "patches")
        inner = [one.get("base") for one in made]
    for one in inner if isinstance(inner, list) else ():
        _collect(one, found, others, groups, depth + 1)


def _of_manifest(document: Mapping[str, Any], kind: Kind, key: str) -> Found | None:
    metadata, spec = document.get("metadata"), document.get("spec")
    name = str(metadata.get("name") or "")[:200] if isinstance(metadata, dict) else ""
    refuse_repeated(spec, "forProvider")
    stated = spec.get("forProvider", spec) if isinstance(spec, dict) else None
    if isinstance(spec, dict) and isinstance(spec.get("initProvider"), dict) and isinstance(stated, dict):
        if key in spec["initProvider"] and key in stated:
            line = line_of(spec, "initProvider")
            raise FormatError(f"has a {key} as well as forProvider. Keep the one that is meant.", "initProvider", line)
        stated = Object(spec["initProvider"], stated)
    if isinstance(stated, dict) and stated.get("protocolType") == "WEBSOCKET":
        return None
    return Found(name, kind, _reader(stated, key))


def _reader(stated: Any, key: str) -> Callable[[Notes], CorsPolicy]:
    def read_cors(notes: Notes) -> CorsPolicy:
        if not isinstance(stated, dict):
            raise FormatError("must be an object.", "spec")
        refuse_repeated(stated, key)
        value, line = stated.get(key), line_of(stated, key)
        if isinstance(value, list) and len(value) <= 1:
            value = value[0] if value else None  # Crossplane's v1beta1 has a list of one
        if is_unresolved(value):
            raise unresolved(value, key, line)
        if value is None:
            if stated.get("body") is not None and key != "cors":
                raise FormatError("may set CORS. Paste the OpenAPI document that it holds.", "body")
            return CorsPolicy.off()
        if not isinstance(value, dict):
            raise FormatError("must be an object with the six fields.", key, line)
        return policy_from(value, CAMEL_NAMES)

    return read_cors
