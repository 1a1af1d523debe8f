"""What a command of the AWS CLI that only reads has printed below itself."""

from __future__ import annotations

import json
import re

_COMMAND = re.compile(
    r"[^\n]{0,200}\b(?:apigatewayv2|lambda)[ \t]+(?:get|list|export)-[^\n]*"
    r"(?:\n(?![ \t]*[{\[]|[A-Za-z]\w*:[ \t\n]|- )[^\n]*){0,10}\n[ \t]*(?=([{\[])|[A-Za-z]\w*:[ \t\n]|- )"
)
_PROMPT = re.compile(r"^(?:\$|#|PS |C:\\|[\w@~:/-]{0,60}[$%#] )", re.MULTILINE)


def printed_value(text: str) -> str:
    """Return the JSON or YAML below such a command with which a text begins, without what follows; "" without any."""
    found = _COMMAND.match(text)
    if found is None:
        return ""
    rest = text[found.end() :]
    if not found[1]:
        prompt = _PROMPT.search(rest)
        return rest[: prompt.start()] if prompt else rest
    try:
        _, end = json.JSONDecoder().raw_decode(rest)
    except ValueError:
        return rest
    return rest[:end]
