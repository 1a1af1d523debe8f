"""What the OpenAPI document says about values that `cors` itself reads."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import WithJsonSchema

from apis.cors.judging import CREDENTIALS, MODES
from apis.cors.policy import LIST_FIELDS

_TEXTS = {"type": "array", "items": {"type": "string"}}
_HEADERS = {
    "type": "array",
    "items": {"type": "array", "items": {"type": "string"}, "minItems": 2, "maxItems": 2},
    "description": "[name, value] pairs",
}
_REQUEST = {
    "type": "object",
    "required": ["origin", "url"],
    "properties": {
        "origin": {"type": "string", "examples": ["https://app.example.com"]},
        "url": {"type": "string", "examples": ["https://api.example.com/items"]},
        "method": {"type": "string", "default": "GET"},
        "headers": _HEADERS,
        "credentials": {"enum": list(CREDENTIALS), "default": "same-origin"},
        "mode": {"enum": list(MODES), "default": "cors"},
    },
}
_ANSWER = {
    "type": ["object", "null"],
    "required": ["status"],
    "properties": {"status": {"type": "integer", "minimum": 100, "maximum": 999}, "headers": _HEADERS},
}
_CORS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        **dict.fromkeys(LIST_FIELDS, _TEXTS),
        "MaxAge": {"type": "integer", "description": "seconds, from -1 to 86400"},
        "AllowCredentials": {"type": "boolean"},
    },
    "description": "The six fields by AWS's names; a member that is left out is unset.",
}
_CASE = {
    "type": "object",
    "required": ["exchange"],
    "properties": {
        "id": {"type": ["string", "number", "null"]},
        "exchange": {
            "type": "object",
            "required": ["request"],
            "properties": {"request": _REQUEST, "preflight": _ANSWER, "response": _ANSWER},
        },
    },
}

Cors = Annotated[dict[str, Any], WithJsonSchema(_CORS)]
"""A configuration that is on; null stands for off."""
Call = Annotated[dict[str, Any], WithJsonSchema(_REQUEST)]
"""A request as script makes it."""
PartialCall = Annotated[dict[str, Any], WithJsonSchema({**_REQUEST, "required": []})]
"""Parts of a request as script makes it."""
Case = Annotated[dict[str, Any], WithJsonSchema(_CASE)]
"""One case of the `judge` command."""
