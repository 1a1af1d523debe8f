"""The aws command that breaks a demo API, so that one can watch what corsdash makes of it."""

from __future__ import annotations

import shlex

from apis.inventory.cli_snippets import update_line
from apis.inventory.models import HttpApi

OTHER_ORIGIN = "https://other.example.com"


def break_command(api: HttpApi) -> str:
    """Return the command that removes the last allowed origin; of a single origin, the one that replaces it."""
    kept = list(api.policy.allow_origins)[:-1] or [OTHER_ORIGIN]
    return update_line(api, "AllowOrigins=" + ",".join(shlex.quote(origin) for origin in kept))
