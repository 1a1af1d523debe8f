"""What a command of the AWS CLI that only reads has printed below itself."""

from __future__ import annotations

import json
import re

_COMMAND = re.compile(
    r"[^\n]{0,200}\b(?:apigatewayv2|lambda)[ \t]+(?:get|list|export)-[^\n]*"
    r"(?:\n(?![ \t]*[{\[])[^\n]*){0,10}\n[ \t]*(?=[{\[])"
)


def printed_value(text: str) -> str:
    """Return the JSON below such a command with which a text begins, without what follows it; "" without any."""
    found = _COMMAND.match(text)
    if found is None:
        return ""
    rest = text[found.end() :]
    try:
        _, end = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        return rest
    return rest[:end]
