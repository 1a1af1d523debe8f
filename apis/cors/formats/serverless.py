"""Serverless Framework: the CORS of serverless.yml, which stands in `provider.httpApi.cors` or in `resources`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apis.cors.formats.document import read_document
from apis.cors.formats.escape import renamed, yaml_block
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.serverless_provider import NAMES, Provider, generated, has_routes, provider_of
from apis.cors.formats.serverless_resources import OWN, Resources, merged, resources_of
from apis.cors.formats.serverless_variables import escaped
from apis.cors.formats.templates import CORS, HTTP_API, Stated, policy_of, the_only
from apis.cors.formats.values import AWS_NAMES, Object, Unresolved, line_of
from apis.cors.policy import CorsPolicy

_THEIRS = {name: key for key, name in NAMES.items()}


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """The provider's part of serverless.yml, or the extension of its API for what the provider cannot say."""
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
    """A whole serverless.yml, a part from `provider`, `httpApi`, `cors` or `resources` on, or what is in `cors`."""
    return read(read_document(text))


def read(document: Any) -> CorsPolicy:
    """The policy in a serverless.yml. Raises FormatError."""
    if not isinstance(document, dict):
        raise FormatError("This is not a serverless.yml. Paste it whole, or from provider on.")
    provider, resources = provider_of(document), resources_of(document)
    if provider.id is not None:
        return policy_of(_outside(provider, resources))
    own = _own(provider, resources, document)
    others = list(resources.made.values())
    if others and not own.properties and not has_routes(document):
        return policy_of(the_only(others))
    if provider.unknown and not _is_settled(resources):
        raise provider.unknown
    if others:
        the_only([own, *others])
    if not provider.is_stated and not own.properties.keys() & {CORS, "Body", "BodyS3Location"}:
        if resources.unknown:
            raise resources.unknown
        if not document.keys() & {"provider", "httpApi", "service"}:
            raise FormatError("There is no provider.httpApi.cors here.")
    return policy_of(own)


def _own(provider: Provider, resources: Resources, document: Mapping[str, Any]) -> Stated:
    """The API that Serverless generates, with what `resources` changes of it."""
    properties = Object()
    if CORS not in resources.instead:
        cors = generated(provider, document).to_aws()
        if cors is not None:
            properties[CORS] = cors
    return Stated(OWN, HTTP_API, Object(merged(properties, resources.over), resources.instead))


def _is_settled(resources: Resources) -> bool:
    """Whether `resources` alone says what the CORS of Serverless's API is: by replacing it, or in all six fields."""
    over = resources.over.get(CORS)
    return CORS in resources.instead or (isinstance(over, dict) and over.keys() >= AWS_NAMES.keys())


def _outside(provider: Provider, resources: Resources) -> Stated:
    """The API that `provider.httpApi.id` names, when `resources` makes it."""
    given = provider.id
    name = str(given.get("Ref")) if isinstance(given, dict) else ""
    if isinstance(given, Unresolved):
        name = given.text.removeprefix("!Ref ").removeprefix("!GetAtt ").removesuffix(".ApiId")
    if name in resources.made:
        return resources.made[name]
    raise FormatError(
        "names an API that is made elsewhere, and Serverless sets no CORS for such a one "
        "(EXTERNAL_HTTP_API_CORS_CONFIG). Paste what makes that API, or what get-api says of it.",
        "id",
        line_of(provider.values, "id"),
    )


SERVERLESS = Format("serverless", "Serverless Framework", "yml", export, parse)
