"""Finding counts: how many errors and warnings each API has, stored for the lists."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from apis import cors
from apis.cors.lint import findings
from apis.inventory import origins
from apis.inventory.lint_context import context_of
from apis.inventory.models import HttpApi


def update(api: HttpApi) -> tuple[str, ...]:
    """Count an API's errors and warnings and flag its origins; return the names of the fields to save."""
    found = findings(api.policy, context_of(api))
    api.errors = sum(finding.severity == "error" for finding in found)
    api.warnings = sum(finding.severity == "warning" for finding in found)
    api.counted_by = rules_digest()
    origins.flag(api, found)
    return "errors", "warnings", "counted_by"


def is_outdated(api: HttpApi) -> bool:
    """Return whether another version of the rules counted the API's findings."""
    return api.counted_by != rules_digest()


@cache
def rules_digest() -> str:
    """Return a digest of the code that finds: all of `apis.cors`."""
    digest = hashlib.sha256()
    for folder in cors.__path__:
        for path in sorted(Path(folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
