"""The OpenAPI document that defines an API of a template, and what that document says about the API's CORS."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apis.cors.formats.documents import openapi
from apis.cors.formats.format import FormatError
from apis.cors.formats.values import is_unresolved, line_of
from apis.cors.policy import FIELDS, CorsPolicy

_INLINE = ("Body", "DefinitionBody")
_SAM = ("DefinitionBody", "DefinitionUri")


def policy_in_body(properties: Mapping[str, Any]) -> CorsPolicy:
    """Return the policy of an API whose own properties state none: that of its document, off without one.

    Raises FormatError when the document is not here, as it may set CORS.
    """
    for key in (*_INLINE, "DefinitionUri", "BodyS3Location"):
        body = properties.get(key)
        if body is None:
            continue
        if not _is_here(key, body):
            message = "may set CORS. Paste the OpenAPI document that it stands for."
            raise FormatError(message, key, line_of(properties, key))
        return _extension(body)
    return CorsPolicy.off()


def policy_over_body(own: CorsPolicy, properties: Mapping[str, Any]) -> CorsPolicy:
    """Return the policy of a SAM API whose CorsConfiguration is `own`: SAM writes that over the fields of its document.

    Raises FormatError when the document is not here and may hold a field that `own` does not state.
    """
    for key in _SAM:
        body = properties.get(key)
        if body is None:
            continue
        if not _is_here(key, body):
            missing = [name for name in FIELDS if name not in own.stated]
            if not missing:
                return own
            message = (
                f"only points to the API's body, and the rest of the policy ({', '.join(missing)}) may be in it. "
                "Paste that OpenAPI document as DefinitionBody, or state all six fields in CorsConfiguration."
            )
            raise FormatError(message, key, line_of(properties, key))
        below = _extension(body).to_aws() or {}
        # SAM's own test: an empty list and AllowCredentials: false are not written, a MaxAge of 0 is.
        written = {name: value for name, value in (own.to_aws() or {}).items() if value or name == "MaxAge"}
        return CorsPolicy.from_aws(below | written) if below else own
    return own


def _is_here(key: str, body: Any) -> bool:
    """Return whether a document is in the template itself, and not put in by a transform, a variable or a bucket."""
    if key not in _INLINE or not isinstance(body, dict) or is_unresolved(body):
        return False
    return "Fn::Transform" not in body or openapi.EXTENSION in body


def _extension(body: Mapping[str, Any]) -> CorsPolicy:
    if body.get(openapi.EXTENSION) is None:
        return CorsPolicy.off()
    return openapi.policy_in(body)
