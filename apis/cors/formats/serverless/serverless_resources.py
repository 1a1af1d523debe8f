"""The part `resources` of a serverless.yml: the APIs that it makes itself, and what it changes of Serverless's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apis.cors.formats.documents.templates import CORS, FUNCTION_URL, Stated, is_http_api
from apis.cors.formats.format import FormatError
from apis.cors.formats.serverless.serverless_variables import known
from apis.cors.formats.values import Object, is_unresolved, line_of, refuse_repeated, unresolved

OWN = "HttpApi"
"""The logical id of the API that Serverless generates."""

_MOST = 1_000  # a stack has 500 at most; YAML's aliases could repeat theirs without end


@dataclass(slots=True)
class Resources:
    """What `resources` says about HTTP APIs.

    `made` are those besides Serverless's own and `urls` the function URLs, by logical id; `over` are properties to be
    merged into its own, and `instead` those that replace its own. `unknown` is the error of the first part that is a
    variable.
    """

    made: dict[str, Stated] = field(default_factory=dict)
    urls: dict[str, Stated] = field(default_factory=dict)
    over: Object = field(default_factory=Object)
    instead: Object = field(default_factory=Object)
    unknown: FormatError | None = None
    visited: int = 0


def resources_of(document: Mapping[str, Any]) -> Resources:
    """Return what a serverless.yml says in `resources`: an object, or a list of objects that Serverless merges."""
    found = Resources()
    given = document.get("resources")
    for entry in given if isinstance(given, list) else [given]:
        part = _object(found, entry, "resources", line_of(document, "resources"))
        for name, resource in _entries(found, part, "Resources"):
            if name == OWN and (is_http_api(resource) or "Type" not in resource):
                found.over = merged(found.over, _properties(resource))
            elif is_http_api(resource):
                before = found.made[name].properties if name in found.made else {}
                properties = merged(before, _properties(resource))
                found.made[name] = Stated(name, str(resource["Type"]), properties, part_of(document))
            elif resource.get("Type") == FUNCTION_URL:
                found.urls[name] = Stated(name, FUNCTION_URL, _properties(resource), part_of(document))
        for name, resource in _entries(found, part, "extensions"):
            if name == OWN:
                found.instead = _properties(resource)
    return found


def part_of(document: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the template in `resources`, with the parameters and conditions that its functions may use."""
    given = document.get("resources")
    parts = [part for part in (given if isinstance(given, list) else [given]) if isinstance(part, dict)]
    together: dict[str, Any] = {}
    for part in parts[:20]:
        for section in ("Parameters", "Mappings", "Conditions"):
            if isinstance(part.get(section), dict):
                together[section] = {**together.get(section, {}), **part[section]}
    return together


def merged(before: Mapping[str, Any], over: Object) -> Object:
    """Merge properties into an API's, entry by entry of objects and lists, as Serverless does."""
    together = Object(before, over)
    old, new = before.get(CORS), over.get(CORS)
    if isinstance(old, dict) and isinstance(new, dict):
        together[CORS] = cors = Object(old, new)
        for key, entries in new.items():
            given = old.get(key)
            if isinstance(entries, list) and isinstance(given, list):
                cors[key] = [*entries, *given[len(entries) :]]
    return together


def _entries(found: Resources, part: Mapping[str, Any], section: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    named = _object(found, part.get(section), section, line_of(part, section))
    for name, value in named.items():
        found.visited += 1
        if found.visited > _MOST:
            raise FormatError(f"There are more than {_MOST:,} resources here. Paste only the part about the API.")
        if name == OWN:
            known(named, name)  # it is about this very API, whatever else is stated
        resource = _object(found, value, name, line_of(named, name))
        if name == OWN or is_http_api(resource) or resource.get("Type") == FUNCTION_URL:
            refuse_repeated(named, name)
        yield name, resource


def _object(found: Resources, value: Any, key: str, line: int | None) -> Mapping[str, Any]:
    """Return an object, an empty one for anything else; that it is a variable is remembered."""
    if is_unresolved(value):
        found.unknown = found.unknown or unresolved(value, key, line)
        return {}
    return value if isinstance(value, dict) else {}


def _properties(resource: Mapping[str, Any]) -> Object:
    refuse_repeated(resource, "Properties")
    given = known(resource, "Properties")
    if not isinstance(given, dict | None):
        raise FormatError("must be an object.", "Properties", line_of(resource, "Properties"))
    return Object(given or {})
