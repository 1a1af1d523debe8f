"""Terraform: `cors_configuration` of aws_apigatewayv2_api."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from apis.cors.formats.documents import openapi
from apis.cors.formats.documents.document import read_document
from apis.cors.formats.escape import comment, quoted_hcl
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.found import Document, Found, Notes, policy_of_text
from apis.cors.formats.terraform.hcl import read_hcl
from apis.cors.formats.terraform.hcl_syntax import Block, Body
from apis.cors.formats.terraform.hcl_values import Evaluator
from apis.cors.formats.values import TERRAFORM_NAMES, Object, Unresolved, flag_of, policy_from, unresolved
from apis.cors.policy import CorsPolicy

RESOURCE = "aws_apigatewayv2_api"
_RESOURCES = (RESOURCE, "awscc_apigatewayv2_api")
FUNCTION_URL = "aws_lambda_function_url"
_BLOCK = "cors_configuration"
_BUCKET_NAMES = frozenset({"allowed_origins", "allowed_methods", "allowed_headers", "max_age_seconds", "cors_rules"})
_OTHERS = {
    "aws_api_gateway_rest_api": "a REST API",
    "aws_s3_bucket_cors_configuration": "an S3 bucket",
    "aws_s3_bucket": "an S3 bucket",
    "aws_cloudfront_response_headers_policy": "a CloudFront response headers policy",
    "azurerm_api_management": "an Azure API",
    "google_api_gateway_api": "a Google API",
    "aws_cloudformation_stack": "a CloudFormation stack (paste its template)",
}
_DEPTH = 3


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Return the resource with its block."""
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
        for key, name in TERRAFORM_NAMES.items():
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
    """Read a configuration with one aws_apigatewayv2_api, its `cors_configuration` block, or what is in the block."""
    return policy_of_text(read(read_hcl(text)).found)


def read(root: Body, values: Evaluator | None = None) -> Document:
    """Return the APIs and function URLs of a Terraform configuration, or of a part of one. Raises FormatError."""
    evaluator = values or Evaluator(root)
    if any(key in root.attributes for key in TERRAFORM_NAMES):
        return _part(evaluator, lambda: policy_from(evaluator.object(root), TERRAFORM_NAMES))
    if _BLOCK in root.attributes or any(_is_block(block, _BLOCK) for block in root.blocks):
        return _part(evaluator, lambda: _policy(root, evaluator, _BLOCK))
    found = [one for block in root.blocks for one in _of_block(block, evaluator)]
    if not found and "inputs" in root.attributes:
        found = _of_inputs(root, evaluator)
    if not found and not root.blocks:
        found = _of_values(root, evaluator)
    if not found:
        made = _others(root)
        no_block = "" if _has_block(root) else f" and no {_BLOCK}"
        raise FormatError(f"There is no {RESOURCE}{no_block} here.{made}")
    return Document("terraform", found)


def _part(evaluator: Evaluator, read_policy: Callable[[], CorsPolicy]) -> Document:
    return Document("terraform", [Found("", "http-api", _noting(evaluator, read_policy))])


def _noting(evaluator: Evaluator, read_policy: Callable[[], CorsPolicy]) -> Callable[[Notes], CorsPolicy]:
    def read_noting(notes: Notes) -> CorsPolicy:
        evaluator.notes = notes
        evaluator.done.clear()
        return read_policy()

    return read_noting


def _of_block(block: Block, evaluator: Evaluator) -> Iterator[Found]:
    """Yield the HTTP API or function URL that a block makes: a resource, or a module with CORS settings of one."""
    body, name = block.body, ".".join(block.labels)
    if block.kind == "module" and len(block.labels) == 1:
        if _BLOCK in body.attributes and _is_of_api(body, evaluator):
            yield Found(name, "http-api", _noting(evaluator, lambda: _policy(body, evaluator, _BLOCK)))
        elif _is_api_module(body, evaluator):
            yield Found(name, "http-api", lambda notes: CorsPolicy.off())
        elif "cors" in body.attributes and _flag(body, "create_lambda_function_url", evaluator):
            yield Found(name, "function-url", _noting(evaluator, lambda: _policy(body, evaluator, "cors")))
        return
    if block.kind != "resource" or len(block.labels) != 2 or _is_not_made(body, evaluator):
        return
    if block.labels[0] in _RESOURCES and not _is_web_socket(body, evaluator):
        yield Found(name, "http-api", _noting(evaluator, lambda: _policy_of_api(body, evaluator)))
    elif block.labels[0] == FUNCTION_URL:
        yield Found(name, "function-url", _noting(evaluator, lambda: _policy(body, evaluator, "cors")))


def _is_not_made(body: Body, evaluator: Evaluator) -> bool:
    """Return whether `count` is 0, so that the resource does not exist."""
    count = body.attributes.get("count")
    return count is not None and evaluator.value(count) in (0, "0")


def _is_web_socket(body: Body, evaluator: Evaluator) -> bool:
    kind = body.attributes.get("protocol_type")
    return kind is not None and evaluator.value(kind) == "WEBSOCKET"


def _flag(body: Body, name: str, evaluator: Evaluator) -> bool:
    node = body.attributes.get(name)
    return node is not None and flag_of(evaluator.value(node)) is True


def _is_of_api(body: Body, evaluator: Evaluator) -> bool:
    """Return whether a module's cors_configuration is an HTTP API's, not a bucket's or a distribution's."""
    source = evaluator.value(body.attributes["source"]) if "source" in body.attributes else ""
    value = evaluator.value(body.attributes[_BLOCK])
    if isinstance(value, dict) and value:
        return bool(value.keys() & TERRAFORM_NAMES.keys()) or not value.keys() & _BUCKET_NAMES
    if isinstance(value, list):
        return False
    return not (isinstance(source, str) and re.search(r"s3|bucket|cloudfront|appsync|function", source))


def _is_api_module(body: Body, evaluator: Evaluator) -> bool:
    """Return whether a module is the public one for HTTP APIs, which leaves CORS off unless it is set."""
    source = evaluator.value(body.attributes["source"]) if "source" in body.attributes else ""
    is_public = isinstance(source, str) and "terraform-aws-modules/apigateway-v2/aws" in source
    return is_public and _BLOCK not in body.attributes and not _is_web_socket(body, evaluator)


def _of_values(root: Body, evaluator: Evaluator) -> list[Found]:
    """Return the settings in a file of variables' values (.tfvars): objects with the six fields."""

    def settings(name: str) -> Found:
        node, line = root.attributes[name], root.lines.get(name)
        return Found(name, "http-api", _noting(evaluator, lambda: _policy_of_value(evaluator.value(node), name, line)))

    values = ((name, evaluator.value(node)) for name, node in root.attributes.items() if node.kind == "object")
    return [
        settings(name)
        for name, value in values
        if isinstance(value, dict) and "allow_origins" in value and value.keys() <= TERRAFORM_NAMES.keys()
    ]


def _of_inputs(root: Body, evaluator: Evaluator) -> list[Found]:
    """Return the API of a Terragrunt file, which hands its settings to a module as `inputs`."""

    def read_inputs() -> CorsPolicy:
        inputs = evaluator.value(root.attributes["inputs"])
        value = inputs.get(_BLOCK) if isinstance(inputs, dict) else None
        return _policy_of_value(value, _BLOCK, root.lines.get("inputs"))

    inputs = evaluator.value(root.attributes["inputs"])
    is_stated = isinstance(inputs, dict) and _BLOCK in inputs
    return [Found("inputs", "http-api", _noting(evaluator, read_inputs))] if is_stated else []


def _others(root: Body) -> str:
    """Return a sentence on the resources with CORS settings of another kind."""
    kinds = {block.labels[0] for block in root.blocks if block.kind == "resource" and block.labels}
    found = [what for kind, what in _OTHERS.items() if kind in kinds]
    found += [kind[:60] for kind in sorted(_with_block(root) - _OTHERS.keys() - {*_RESOURCES})]
    is_socket = RESOURCE in kinds
    if is_socket:
        found.insert(0, "a WebSocket API")
    return (
        f" It has {' and '.join(dict.fromkeys(found))}, whose CORS is set in another way or not at all."
        if found
        else ""
    )


def _with_block(root: Body) -> set[str]:
    """Return the kinds of resources that have CORS settings."""
    return {
        block.labels[0]
        for block in root.blocks
        if block.kind == "resource" and block.labels and _is_on_cors(block.body)
    }


def _is_on_cors(body: Body, depth: int = 0) -> bool:
    """Return whether a resource states CORS, itself or in a block, as in the site_config of Azure's."""
    if body.attributes.keys() & {_BLOCK, "cors", "cors_policy", "cors_rule"}:
        return True
    if any(inner.kind.startswith("cors") for inner in body.blocks):
        return True
    return depth < _DEPTH and any(_is_on_cors(inner.body, depth + 1) for inner in body.blocks)


def _has_block(root: Body) -> bool:
    """Return whether some other block has a cors_configuration."""
    return any(
        _BLOCK in block.body.attributes or any(_is_block(inner, _BLOCK) for inner in block.body.blocks)
        for block in root.blocks
    )


def _is_block(block: Block, name: str) -> bool:
    return block.kind == name or (block.kind == "dynamic" and block.labels == (name,))


def _policy_of_api(body: Body, evaluator: Evaluator) -> CorsPolicy:
    """Return the policy of a resource: that of its block, else of its OpenAPI document, else off."""
    stated = _BLOCK in body.attributes or any(_is_block(block, _BLOCK) for block in body.blocks)
    policy = _policy(body, evaluator, _BLOCK)
    document = body.attributes.get("body")
    if (stated and policy.on) or document is None:
        return policy
    value = evaluator.value(document)
    if not isinstance(value, str):
        message = "may set CORS. Paste the OpenAPI document that it stands for."
        raise FormatError(message, "body", body.lines.get("body"))
    return openapi.policy_in(read_document(value))


def _policy(body: Body, evaluator: Evaluator, name: str) -> CorsPolicy:
    """Return what a block or attribute of this name states; off without one."""
    if name in body.twice:
        raise FormatError("is there twice. Keep the one that is meant.", name, body.twice[name])
    if name in body.attributes:
        return _policy_of_value(evaluator.value(body.attributes[name]), name, body.lines.get(name))
    found = [inner for block in body.blocks if _is_block(block, name) for inner in _blocks_of(block, evaluator)]
    if not found:
        return CorsPolicy.off()
    if len(found) > 1:
        line = next((block.line for block in reversed(body.blocks) if _is_block(block, name)), None)
        raise FormatError("is there twice. Keep the one that is meant.", name, line)
    inner, scope = found[0]
    return policy_from(evaluator.object(inner, scope), TERRAFORM_NAMES)


def _blocks_of(block: Block, evaluator: Evaluator) -> Iterator[tuple[Body, dict[str, Any]]]:
    """Yield the blocks that a block stands for: itself, or those of a `dynamic` one, each with its iterator."""
    if block.kind != "dynamic":
        yield block.body, {}
        return
    content = next((inner.body for inner in block.body.blocks if inner.kind == "content"), None)
    source = block.body.attributes.get("for_each")
    if content is None or source is None:
        raise FormatError("has no for_each or no content.", block.labels[0], block.line)
    values = evaluator.value(source)
    if isinstance(values, Unresolved):
        raise unresolved(values, block.labels[0], block.line)
    iterator = block.body.attributes.get("iterator")
    name = iterator.parts[0] if iterator and iterator.kind == "name" else block.labels[0]
    pairs = values.items() if isinstance(values, dict) else enumerate(values) if isinstance(values, list) else ()
    for key, value in pairs:
        yield content, {name: Object({"key": key, "value": value})}


def _policy_of_value(value: Any, name: str, line: int | None) -> CorsPolicy:
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None or value == []:
        return CorsPolicy.off()
    if isinstance(value, Unresolved):
        raise unresolved(value, name, line)
    if not isinstance(value, dict):
        raise FormatError("must be an object with the six fields.", name, line)
    return policy_from(value, TERRAFORM_NAMES)


TERRAFORM = Format("terraform", "Terraform", export, parse)
