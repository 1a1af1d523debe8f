"""Serverless Framework: the CORS of serverless.yml, which is in `provider.httpApi.cors` or in `resources`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from apis.cors.formats.documents.document import read_document
from apis.cors.formats.documents.templates import CORS, HTTP_API, Stated, found_of, policy_of
from apis.cors.formats.escape import renamed, yaml_block
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.found import Document, Found, Notes, policy_of_text
from apis.cors.formats.serverless.serverless_provider import (
    Provider,
    function_urls,
    generated,
    has_routes,
    other_apis,
    policy_of_url,
    provider_of,
)
from apis.cors.formats.serverless.serverless_resources import OWN, Resources, merged, part_of, resources_of
from apis.cors.formats.serverless.serverless_variables import escaped, resolved_document
from apis.cors.formats.values import (
    AWS_NAMES,
    SERVERLESS_NAMES,
    Object,
    Unresolved,
    flag_of,
    line_of,
    refuse_repeated,
)
from apis.cors.policy import LIST_FIELDS, CorsPolicy

_MOST_NOTES = 200

_THEIRS = {name: key for key, name in SERVERLESS_NAMES.items()}


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Return the provider's part of serverless.yml, or the extension of its API for what the provider cannot say."""
    if not policy.on:
        return "provider:\n  name: aws\n  httpApi:\n    cors: false\n"
    if policy.max_age < 0:
        return _extension(policy)
    notes = ["# Every list is stated: one left out is not empty but gets a default, every origin for instance."]
    if not policy.allow_credentials:
        notes += [
            "# Serverless never writes allowCredentials: false, and an update keeps the old value of a field that is",
            "# left out: to turn credentials off that are on, state it in resources.extensions.HttpApi as well.",
        ]
    return "\n".join(
        [
            "provider:",
            "  name: aws",
            "  httpApi:",
            "    cors:",
            *(f"      {note}" for note in notes),
            *yaml_block(renamed(policy, _THEIRS), 6, escaped),
            "",
        ]
    )


def _extension(policy: CorsPolicy) -> str:
    return "\n".join(
        [
            "# Serverless refuses a maxAge below 0 in provider.httpApi.cors, so the configuration is put into the API",
            "# that it generates; it replaces provider.httpApi.cors.",
            "resources:",
            "  extensions:",
            "    HttpApi:",
            "      Properties:",
            "        CorsConfiguration:",
            *yaml_block(renamed(policy, AWS_NAMES), 10, escaped),
            "",
        ]
    )


@reader
def parse(text: str) -> CorsPolicy:
    """Parse a serverless.yml, a part from `provider`, `httpApi`, `cors` or `resources` on, or what is in `cors`."""
    return policy_of_text(read(read_document(text)).found)


def read(document: Any) -> Document:
    """Return the APIs and function URLs of a serverless.yml. Raises FormatError."""
    if not isinstance(document, dict):
        raise FormatError("This is not a serverless.yml. Paste it whole, or from provider on.")
    given, variables = resolved_document(document)
    refuse_repeated(given, "provider", "resources", "httpApi", "cors")
    refuse_repeated(given.get("provider"), "httpApi")
    _refuse_other_cloud(given)
    provider, resources = provider_of(given), resources_of(given)
    refuse_repeated(provider.values, "cors")
    found = _apis(given, provider, resources)
    urls = [found_of(url) for url in resources.urls.values()]
    line = line_of(given, "functions")
    urls += [Found(name, "function-url", _of_url(url, line)) for name, url in function_urls(given)]
    others = other_apis(given)
    if not provider.is_stated and not provider.unknown and not resources.unknown and not has_routes(given):
        made = bool(resources.made) or resources.over or resources.instead
        if others and not made and not urls:
            raise FormatError(f"Only {' and '.join(others)} is made here, which has no CORS configuration to read.")
        if urls and not made:
            found = []
    return Document("serverless", [_noting(one, variables) for one in [*found, *urls]])


def _of_url(url: Any, line: int | None) -> Callable[[Notes], CorsPolicy]:
    return lambda notes: policy_of_url(url, line)


def _apis(document: Mapping[str, Any], provider: Provider, resources: Resources) -> list[Found]:
    if provider.id is not None:
        return [found_of(_outside(provider, resources))]
    others = [found_of(one) for one in resources.made.values()]
    is_stated = provider.is_stated and flag_of(provider.cors) is not False
    is_own = (is_stated and not provider.unknown) or bool(resources.over) or bool(resources.instead)
    if others and not is_own and not has_routes(document):
        return others

    def read_own(notes: Notes) -> CorsPolicy:
        if provider.unknown and not _is_settled(resources):
            raise provider.unknown
        stated = _own(provider, resources, document)
        if not provider.is_stated and not stated.properties.keys() & {CORS, "Body", "BodyS3Location"}:
            if resources.unknown:
                raise resources.unknown
            if not document.keys() & {"provider", "httpApi", "service", "functions"}:
                raise FormatError("There is no provider.httpApi.cors here.")
        return policy_of(stated, notes)

    return [Found(OWN, "http-api", read_own), *others]


def _noting(one: Found, variables: Mapping[str, Any]) -> Found:
    """Return the same API, which notes the variables whose values its policy has."""

    def read_noting(notes: Notes) -> CorsPolicy:
        policy = one.read(notes)
        entries = {entry for name in LIST_FIELDS for entry in policy.get(name)}
        for text, value in list(variables.items())[:_MOST_NOTES]:
            values = value if isinstance(value, list) else value.values() if isinstance(value, dict) else [value]
            shown = [str(part) for part in values if isinstance(part, str) and part]
            if any(part in entry for part in shown[:_MOST_NOTES] for entry in entries) or str(policy.max_age) in shown:
                notes.append(f"{text[:120]} is {', '.join(shown)[:200]}, as this file states.")
        return policy

    return Found(one.name, one.kind, read_noting)


def _refuse_other_cloud(document: Mapping[str, Any]) -> None:
    provider = document.get("provider")
    name = provider.get("name") if isinstance(provider, dict) else provider
    if isinstance(name, str) and name.lower() not in ("aws", ""):
        line = line_of(provider, "name") if isinstance(provider, dict) else line_of(document, "provider")
        raise FormatError(f"This service runs on {name[:40]}, not on AWS, so it has no HTTP API.", "provider", line)


def _own(provider: Provider, resources: Resources, document: Mapping[str, Any]) -> Stated:
    """Return the API that Serverless generates, with what `resources` changes of it."""
    properties = Object()
    if CORS not in resources.instead and not provider.unknown:
        cors = generated(provider, document).to_aws()
        if cors is not None:
            properties[CORS] = cors
    return Stated(OWN, HTTP_API, Object(merged(properties, resources.over), resources.instead), part_of(document))


def _is_settled(resources: Resources) -> bool:
    """Return whether `resources` alone says what the API's CORS is: by replacing it, or in all six fields."""
    over = resources.over.get(CORS)
    return CORS in resources.instead or (isinstance(over, dict) and over.keys() >= AWS_NAMES.keys())


def _outside(provider: Provider, resources: Resources) -> Stated:
    """Return the API that `provider.httpApi.id` names, when `resources` makes it."""
    given = provider.id
    name = str(given.get("Ref")) if isinstance(given, dict) else ""
    if isinstance(given, Unresolved):
        name = given.text.removeprefix("!Ref ").removeprefix("!GetAtt ").removesuffix(".ApiId")
    if name in resources.made:
        return resources.made[name]
    raise FormatError(
        "names an API that is made elsewhere, and Serverless sets no CORS for such a one "
        "(EXTERNAL_HTTP_API_CORS_CONFIG). Paste what makes that API, or what get-api says about it.",
        "id",
        line_of(provider.values, "id"),
    )


SERVERLESS = Format("serverless", "Serverless Framework", export, parse)
