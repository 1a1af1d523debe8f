"""Terraform: `cors_configuration` of aws_apigatewayv2_api."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from apis.cors.formats.escape import comment, quoted_hcl
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.hcl import Block, Body, read_hcl
from apis.cors.formats.values import Unresolved, policy_from, unresolved
from apis.cors.policy import CorsPolicy

RESOURCE = "aws_apigatewayv2_api"
NAMES = {
    "allow_origins": "AllowOrigins",
    "allow_headers": "AllowHeaders",
    "allow_methods": "AllowMethods",
    "expose_headers": "ExposeHeaders",
    "max_age": "MaxAge",
    "allow_credentials": "AllowCredentials",
}
_BLOCK = "cors_configuration"


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """The resource with its block."""
    lines = [
        f'resource "{RESOURCE}" "api" {{',
        f"  name          = {quoted_hcl(context.name or 'my-api')}",
        '  protocol_type = "HTTP"',
        "",
    ]
    if policy.on:
        lines.append("  # Without this block Terraform calls DeleteCorsConfiguration; empty, it blocks every call.")
        if any(method != method.upper() for method in policy.allow_methods):
            lines.append("  # Terraform compares these lists without case: a change of case alone is not sent.")
        lines.append(f"  {_BLOCK} {{")
        for key, name in NAMES.items():
            lines.append(f"    {key:<17} = {_written(policy.get(name))}")
        lines.append("  }")
    else:
        lines.append(f"  # CORS is off: there is no {_BLOCK} block, for which Terraform calls DeleteCorsConfiguration.")
    if context.api_id:
        lines.insert(0, f"# terraform import {RESOURCE}.api {comment(context.api_id)}")
    lines.append("}")
    return "\n".join(lines) + "\n"


def _written(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(quoted_hcl, value)) + "]"
    return str(value).lower()


@reader
def parse(text: str) -> CorsPolicy:
    """A configuration with one aws_apigatewayv2_api, its `cors_configuration` block, or what is in the block."""
    body = read_hcl(text)
    if any(key in body.attributes for key in NAMES):
        return policy_from(body.attributes, NAMES)
    if _BLOCK in body.attributes or any(_is_cors(block) for block in body.blocks):
        return _policy(body)
    found = list(_apis(body))
    if not found:
        raise FormatError(f"There is no {RESOURCE} and no {_BLOCK} here.")
    if len(found) > 1:
        names = ", ".join(".".join(block.labels) for block in found[:10])
        raise FormatError(f"There are {len(found)} HTTP APIs here ({names}). Paste the one that is meant.")
    return _policy(found[0].body)


def _apis(body: Body) -> Iterator[Block]:
    """The blocks that make an HTTP API: the resource, or a module that takes its cors_configuration."""
    for block in body.blocks:
        inside = block.body
        if block.kind == "resource" and block.labels[:1] == (RESOURCE,):
            if inside.attributes.get("protocol_type") != "WEBSOCKET":
                yield block
        elif block.kind == "module" and _BLOCK in inside.attributes:
            yield block


def _is_cors(block: Block) -> bool:
    return block.kind == _BLOCK or (block.kind == "dynamic" and block.labels == (_BLOCK,))


def _policy(body: Body) -> CorsPolicy:
    if _BLOCK in body.attributes:
        value, line = body.attributes[_BLOCK], body.attributes.lines.get(_BLOCK)
        if value is None:
            return CorsPolicy.off()
        if isinstance(value, Unresolved):
            raise unresolved(value, _BLOCK, line)
        if not isinstance(value, dict):
            raise FormatError("must be an object with the six fields.", _BLOCK, line)
        return policy_from(value, NAMES)
    blocks = [block for block in body.blocks if _is_cors(block)]
    if not blocks:
        return CorsPolicy.off()
    if len(blocks) > 1:
        raise FormatError("is there twice. Keep the one that is meant.", _BLOCK, blocks[1].line)
    if blocks[0].kind == "dynamic":
        raise FormatError("is worked out when it is deployed. Write the block itself.", _BLOCK, blocks[0].line)
    return policy_from(blocks[0].body.attributes, NAMES)


TERRAFORM = Format("terraform", "Terraform", "tf", export, parse)
