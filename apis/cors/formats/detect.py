"""Which format a pasted text is in: first what it is, then the one reader for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from apis.cors.formats import (
    aws_json,
    cli,
    events,
    javascript_apis,
    kubernetes,
    openapi,
    pulumi_yaml,
    serverless,
    templates,
    terraform,
    terraform_json,
)
from apis.cors.formats.automation import makefile_scripts, scripts_in
from apis.cors.formats.document import JsonObject, read_documents
from apis.cors.formats.format import FormatError, reader
from apis.cors.formats.found import Document, Found, StatedApi, fixed, stated, the_only
from apis.cors.formats.hcl import read_hcl
from apis.cors.formats.javascript import read_object
from apis.cors.formats.serverless_provider import NAMES as SERVERLESS_NAMES
from apis.cors.formats.shell import unescaped
from apis.cors.formats.values import AWS_NAMES, CAMEL_NAMES, Object
from apis.cors.policy import CorsPolicy

_SHORTHAND = re.compile(r"\A\s*(?:Allow\w+|ExposeHeaders|MaxAge)\s*=")
_OPTION = re.compile(r"\A\s*--cors(?:-configuration)?\b")
_LABEL = r"\"[^\"\n]*\"[ \t]*"
_TERRAFORM = re.compile(
    rf"^[ \t]*(?:(?:resource|data)[ \t]+{_LABEL}{_LABEL}\{{|(?:module|variable|output|provider)[ \t]+{_LABEL}\{{"
    r"|(?:terraform|locals)[ \t]*\{|dynamic[ \t]+\"cors_configuration\"[ \t]*\{|cors_configuration[ \t]*[{=]"
    rf"|inputs[ \t]*=[ \t]*\{{|(?:{'|'.join(terraform.NAMES)})[ \t]*=[ \t]*(?![^\n]*,[ \t]*$))",
    re.MULTILINE,
)
_YAML = re.compile(r"(?:---|%YAML|\"?[\w.$/-]+\"?[ \t]*:(?:[ \t]|\r?$)|-[ \t])")
_FENCE = re.compile(r"^[ \t]*```[^\n]*\n(.*?)^[ \t]*```[ \t]*$", re.MULTILINE | re.DOTALL)
_PLAN = re.compile(
    r"^[ \t]*(?:Terraform will perform|# [\w.\[\]\"-]+ will be (?:created|updated|destroyed))", re.MULTILINE
)


class Unknown(FormatError):
    """A text that is no document known here."""


@reader
def detect_and_parse(text: str) -> tuple[str, CorsPolicy]:
    """Return the name of a text's format, and the policy of the only API that it states.

    Raises FormatError: with the line and the field where the text is wrong, or with what can be pasted.
    """
    document = _read(text)
    return document.format, the_only(document.found).read([])


@reader
def read_api(text: str) -> tuple[str, StatedApi]:
    """Return the name of a text's format, and the only API that it states. Raises FormatError."""
    document = _read(text)
    return document.format, stated(the_only(document.found))


@reader
def read_apis(text: str) -> tuple[str, list[StatedApi]]:
    """Return the name of a text's format, and every API and function URL that it states. Raises FormatError."""
    document = _read(text)
    return document.format, [stated(one) for one in document.found]


def _read(text: str) -> Document:
    start = text.strip()
    if not start:
        raise Unknown("Nothing was pasted.")
    if start == "null":
        return Document("json", [Found("", "http-api", fixed(CorsPolicy.off()))])
    if start.startswith("```"):
        return _fenced(text)
    if start[0] in '{["':
        return _brackets(text)
    first = _first_line(text)
    if _SHORTHAND.match(text) or _OPTION.match(text):
        return cli.read(text)
    if _PLAN.search(text):
        raise FormatError("This is a Terraform plan for people. Paste what terraform show -json prints of it.")
    if javascript_apis.is_code(text, first):
        return javascript_apis.read(text)
    if _TERRAFORM.search(text) and not _is_yaml(first, text):
        return terraform.read(read_hcl(text))
    scripts = makefile_scripts(text)
    if scripts is not None:
        found = cli.read_scripts(*scripts)
        if found is not None:
            return found
    if _is_yaml(first, text):
        return _yaml(text)
    if cli.is_command(text):
        found = cli.read_scripts([unescaped(text)], {})
        if found is not None:
            return found
    if "```" in text:
        return _fenced(text)
    try:
        return _yaml(text)
    except Unknown:
        raise
    except FormatError:
        if _YAML.search(text):
            raise
        raise _unknown() from None


def _first_line(text: str) -> str:
    """Return the first line that is neither empty nor a comment."""
    lines = (line.strip() for line in text.splitlines())
    return next((line for line in lines if line and not line.startswith(("#", "//"))), "")


def _is_yaml(first: str, text: str) -> bool:
    return bool(_YAML.match(first)) and not first.startswith("- ```")


def _fenced(text: str) -> Document:
    """Return what the one fenced block states that has a configuration."""
    start = text.strip()
    blocks = [found[1] for found in _FENCE.finditer(text)][:_MOST_BLOCKS]
    if len(blocks) <= 1 and start.startswith("```") and start.endswith("```") and "\n" in start:
        blocks = [start[start.index("\n") + 1 : -3]]
    found, error = list[Document](), None
    for block in blocks:
        try:
            found.append(_read(block) if "```" not in block else _yaml(block))
        except FormatError as caught:
            error = error if isinstance(caught, Unknown) and error else caught
    if len(found) > 1:
        raise FormatError(f"There are {len(found)} configurations here. Paste the one that is meant.")
    if not found:
        raise error or _unknown()
    return found[0]


_MOST_BLOCKS = 50


def _brackets(text: str) -> Document:
    """Return what JSON, or YAML or JavaScript in brackets states."""
    try:
        documents, _ = read_documents(text)
    except FormatError as error:
        return _members(text, error)
    document = documents[0] if documents else None
    if isinstance(document, str):
        return _read(document) if not document.lstrip().startswith('"') else _document(document)
    return _document(document)


def _members(text: str, error: FormatError) -> Document:
    """Return what members of an object in code state, such as `cors: {…},`. Raises `error` when they are none."""
    found = read_object(text)
    if found is None or not found.keys() & {"cors", "corsConfiguration", "httpApi", "provider", *CAMEL_NAMES}:
        raise error from None
    return _document(found)


def _yaml(text: str) -> Document:
    try:
        documents, second = read_documents(text)
    except FormatError as error:
        return _members(text, error)
    if second:
        known = [document for document in documents if document is not None]
        if any(kubernetes.is_manifest(document) for document in known):
            return kubernetes.read(known)
        if len(known) > 1:
            raise FormatError("A second document begins here. Paste one.", line=second)
        return _document(known[0] if known else None)
    return _document(documents[0] if documents else None)


def _document(document: Any) -> Document:
    """Read a YAML or JSON document, which its keys tell."""
    if isinstance(document, list) and any(isinstance(entry, dict | list) for entry in document):
        scripts = scripts_in(document)
        found = cli.read_scripts(*scripts) if scripts else None
        return found or aws_json.read(document)
    if not isinstance(document, dict):
        raise _unknown()
    for is_one, read in _READERS:
        if is_one(document):
            return read(document)
    raise _unknown()


def _keys(*names: str) -> Callable[[Mapping[str, Any]], bool]:
    wanted = frozenset(names)
    return lambda document: bool(wanted & document.keys())


def _is_serverless(document: Mapping[str, Any]) -> bool:
    if not document.keys() & {"service", "provider", "httpApi", "cors", "functions", "resources", *SERVERLESS_NAMES}:
        return False
    if document.keys() & {"ApiId", "api_id", "apiId"}:
        return False
    cors = document.get("cors")
    return not (isinstance(cors, dict) and cors.keys() & AWS_NAMES.keys())


def _is_template(document: Mapping[str, Any]) -> bool:
    if document.keys() & {"Resources", "Globals", "Transform", "Properties", "AWSTemplateFormatVersion"}:
        return True
    if isinstance(document.get("Type"), str) and "::" in document["Type"]:
        return True
    if document.keys() & {"CorsConfiguration", *AWS_NAMES} and "ApiId" not in document:
        return not isinstance(document, JsonObject)
    return any(
        isinstance(value, dict) and isinstance(value.get("Type"), str) and "::" in value["Type"]
        for value in document.values()
    )


def _of_get_template(document: Mapping[str, Any]) -> Document:
    body = document["TemplateBody"]
    return _read(body) if isinstance(body, str) else _document(body)


def _is_camel(document: Mapping[str, Any]) -> bool:
    cors = document.get("cors")
    if not isinstance(cors, Object) or len(document) != 1:
        return False
    is_code = isinstance(cors, JsonObject) or cors.in_braces
    return is_code and bool(cors.keys() & (CAMEL_NAMES.keys() - SERVERLESS_NAMES.keys()))


_NO_SCRIPTS = frozenset({"service", "provider", "functions", "Resources", "Globals", "Transform", "openapi", "swagger"})
"""Keys of documents whose commands, if they have any, are not what they are about."""


def _is_script(document: Mapping[str, Any]) -> bool:
    return not document.keys() & _NO_SCRIPTS and scripts_in(document) is not None


def _read_script(document: Mapping[str, Any]) -> Document:
    scripts = scripts_in(document)
    found = cli.read_scripts(*scripts) if scripts else None
    if found is None:
        raise _unknown()
    return found


_READERS: tuple[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], Document]], ...] = (
    (_keys("TemplateBody"), _of_get_template),
    (_is_script, _read_script),
    (events.is_event, events.read),
    (terraform_json.is_state, terraform_json.read_state),
    (terraform_json.is_configuration, terraform_json.read),
    (kubernetes.is_manifest, lambda document: kubernetes.read([document])),
    (pulumi_yaml.is_program, pulumi_yaml.read),
    (_keys("openapi", "swagger", openapi.EXTENSION), openapi.read),
    (_is_camel, lambda document: openapi.read(document["cors"])),
    (_keys(*(CAMEL_NAMES.keys() - SERVERLESS_NAMES.keys())), openapi.read),
    (_is_serverless, serverless.read),
    (_is_template, lambda document: templates.read_template(document)),
    (lambda document: not document, aws_json.read),
    (
        _keys(
            "ApiId", "ProtocolType", "Items", "CorsConfiguration", "corsConfiguration", "cors", "Cors", "FunctionUrl",
            "FunctionUrlConfigs", *AWS_NAMES,
        ),
        aws_json.read,
    ),
    (aws_json.is_other_service, aws_json.read),
)  # fmt: skip
"""What tells each kind of document, in the order in which it is asked, and its reader."""


def _unknown() -> Unknown:
    return Unknown(
        "No CORS configuration was found here. Paste the AWS CLI's command or shorthand, JSON with AWS's names, a "
        "CloudFormation or SAM template, Terraform, an OpenAPI document, serverless.yml, Pulumi YAML or sst.config.ts."
    )
