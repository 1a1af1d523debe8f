"""The same change elsewhere: a proposal as the tool that owns the API writes it down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from apis.cors.formats import FORMATS, ExportContext
from apis.cors.policy import CorsPolicy
from apis.inventory.models import HttpApi
from apis.inventory.reading.managed_by import owner_of

FIRST = "cli"
# Commands and bare values: no one keeps them in a file that a patch would fit.
_NO_FILES = frozenset({"cli", "json"})


@dataclass(frozen=True, slots=True)
class Written:
    """A proposal in one format: as a whole, and as a patch of what is live ("" where a patch fits no file)."""

    format: str
    title: str
    note: str
    text: str
    patch: str


def format_for(api: HttpApi) -> str:
    """Return the format that is offered first: that of the tool that owns the API."""
    owner = owner_of(api)
    return owner.format if owner and owner.format in FORMATS else FIRST


def write(api: HttpApi, proposed: CorsPolicy, name: str = "") -> Written:
    """`proposed` in the format of that name, else in the one that is offered first."""
    chosen = FORMATS.get(name) or FORMATS[format_for(api)]
    context = ExportContext(api.api_id, api.name, api.region)
    text, patch = chosen.export(proposed, context), ""
    if chosen.name not in _NO_FILES and api.policy.on:
        before = chosen.export(api.policy, context).splitlines()
        lines = unified_diff(before, text.splitlines(), "live", "proposed", lineterm="", n=2)
        patch = "\n".join(lines)
    return Written(chosen.name, chosen.title, chosen.note, text, patch)


def everywhere(api: HttpApi, proposed: CorsPolicy) -> list[Written]:
    """`proposed` in every format, that of the API's owner first."""
    first = format_for(api)
    return [write(api, proposed, name) for name in sorted(FORMATS, key=lambda name: name != first)]


def export_context(api: HttpApi, proposed: CorsPolicy, name: str = "") -> dict[str, Any]:
    """Return what the part of a page needs that shows a proposal in another tool's form."""
    return {
        "written": write(api, proposed, name),
        "formats": FORMATS.values(),
        "proposal": json.dumps(proposed.to_aws()),
        "owner": owner_of(api),
    }
