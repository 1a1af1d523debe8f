"""Presets: ways to fill the panel in at one go. Nothing is written; the plan comes after, as always."""

from __future__ import annotations

from collections.abc import Mapping

from apis.cors.formats import FormatError, detect_and_parse, read_api
from apis.cors.origins import parse_url
from apis.cors.policy import CorsPolicy
from apis.errors import InvalidInput
from apis.inventory.lint_context import routes_of
from apis.inventory.models import HttpApi
from apis.inventory.search import named
from apis.isolation import process as isolation

LOCAL = ("http://localhost:3000", "http://localhost:5173", "http://localhost:8080")
"""Where React, Vite and Vue serve a page that is being developed."""

USUAL_HEADERS = ("content-type", "authorization")
_MOST_NOTES = 10
USUAL_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def fill(name: str, given: Mapping[str, str], current: CorsPolicy, api: HttpApi) -> tuple[CorsPolicy, list[str]]:
    """Return what a preset puts into the panel that holds `current`, and the origins left out. Raises InvalidInput.

    `local` lets the three usual development servers in besides what is there, `production` one origin
    (`preset_origin`) and nothing else, `public` everyone to read; `api` copies another API (`preset_api`: its name,
    id or number), but for what that one allows temporarily only, `import` reads an export in any of the formats
    (`preset_text`), `paste` one of which only the fields that it states count: what update-api leaves out stays.
    """
    if name == "api":
        return permanent_policy(_other(given.get("preset_api", "").strip(), api))
    return _filled(name, given, current, api), []


def notes_of(name: str, given: Mapping[str, str]) -> list[str]:
    """Return what an import evaluated, a sentence each, and that it is a function URL's when it is one."""
    if name not in ("import", "paste"):
        return []
    try:
        _, found = isolation.read(read_api, given.get("preset_text", ""))
    except (FormatError, isolation.TooMuchWork, isolation.Busy):
        return []
    of_url = ["These are the settings of a Lambda function URL."] if found.kind == "function-url" else []
    return [*of_url, *found.notes[:_MOST_NOTES]]


def permanent_policy(api: HttpApi) -> tuple[CorsPolicy, list[str]]:
    """Return an API's configuration without origins of temporary access, and these: what can be copied."""
    held = set(api.grants.filter(state__in=("active", "ending")).values_list("origin", flat=True))
    policy = api.policy
    left_out = [origin for origin in policy.allow_origins if origin in held]
    if not left_out:
        return policy, []
    return policy.with_field("AllowOrigins", [one for one in policy.allow_origins if one not in held]), left_out


def _filled(name: str, given: Mapping[str, str], current: CorsPolicy, api: HttpApi) -> CorsPolicy:
    if name == "local":
        return _with_calls(_adding(current, LOCAL), api)
    if name == "production":
        policy = CorsPolicy(allow_origins=(_origin(given.get("preset_origin", "")),), max_age=7200)
        return _with_calls(policy, api)
    if name == "public":
        return CorsPolicy(allow_origins=("*",), allow_methods=("GET", "HEAD"), max_age=86400)
    if name in ("import", "paste"):
        try:
            found = isolation.read(detect_and_parse, given.get("preset_text", ""))[1]
        except (FormatError, isolation.TooMuchWork, isolation.Busy) as error:
            raise InvalidInput(str(error), "preset_text") from error
        if not found.on:
            raise InvalidInput(
                "CORS is off in this text. To turn CORS off, use the button at the end of the Configure page.",
                "preset_text",
            )
        if name == "import":
            return found
        for field in found.stated:
            current = current.with_field(field, found.get(field))
        return current
    raise InvalidInput(f"Unknown preset “{name[:40]}”.", "preset")


def _adding(current: CorsPolicy, origins: tuple[str, ...]) -> CorsPolicy:
    new = [one for one in origins if one not in current.allow_origins]
    return current.with_field("AllowOrigins", [*current.allow_origins, *new])


def _with_calls(policy: CorsPolicy, api: HttpApi) -> CorsPolicy:
    """Return the policy with the methods that the API serves and the two usual headers, where it names none."""
    if not policy.allow_methods:
        policy = policy.with_field("AllowMethods", list(_served(api)))
    if not policy.allow_headers:
        policy = policy.with_field("AllowHeaders", list(USUAL_HEADERS))
    return policy


def _served(api: HttpApi) -> tuple[str, ...]:
    methods = {route.key.partition(" ")[0] for route in routes_of(api) or () if " " in route.key}
    found = tuple(method for method in USUAL_METHODS if method in methods)
    return found if found and "ANY" not in methods else USUAL_METHODS


def _origin(text: str) -> str:
    url = parse_url(text.strip())
    if url is None or not url.origin or url.origin == "null":
        raise InvalidInput("Enter one origin, such as https://app.example.com.", "preset_origin")
    return url.origin


def _other(text: str, api: HttpApi) -> HttpApi:
    if not text:
        raise InvalidInput("Enter the name or id of the API to copy from.", "preset_api")
    try:
        other = named(text)
    except InvalidInput as error:
        raise InvalidInput(str(error), "preset_api") from error
    if other == api:
        raise InvalidInput("This is the open API. Enter the name or id of another API.", "preset_api")
    if not other.policy.on:
        raise InvalidInput(f"{other.name} has CORS off, so there is nothing to copy.", "preset_api")
    return other
