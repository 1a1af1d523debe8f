"""Events of Lambda functions as Python's print() and Node.js's console.log() show them, on one line or on many."""

from __future__ import annotations

import json
import re
from itertools import islice

from apis.cors.paste import json_calls
from apis.cors.paste.result import Draft
from apis.cors.paste.unwrap import shown_as_json

_START = re.compile(r"\{(?=\s{0,40}['\"]?(?:version|routeKey|rawPath|headers|requestContext)['\"]?:\s)")
_JOINED = re.compile(r"' \+\n[ \t]*'")
MOST_STARTS = 5


def read(text: str) -> list[Draft]:
    """Return the requests that the events in a text are about."""
    if "requestContext" not in text:
        return []
    for start in islice(_START.finditer(text), MOST_STARTS):
        try:
            event, _ = json.JSONDecoder().raw_decode(shown_as_json(_JOINED.sub("", text[start.start() :])))
        except (ValueError, RecursionError):
            continue
        if found := json_calls.read((event,), ""):
            return found
    return []
