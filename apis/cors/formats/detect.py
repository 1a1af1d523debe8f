"""Which format a pasted text is in: first what it is, then the one reader for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from apis.cors.formats.commands.automation import makefile_scripts, quoted_scripts, scripts_in
from apis.cors.formats.commands.printed import printed_value
from apis.cors.formats.commands.shell import unescaped
from apis.cors.formats.documents.console import is_console_page
from apis.cors.formats.documents.document import read_documents
from apis.cors.formats.fences import fenced_blocks, has_fenced_block
from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Document, Found, fixed
from apis.cors.formats.kinds import (
    has_keys,
    is_automation,
    is_aws_json,
    is_camel,
    is_code,
    is_command,
    is_event,
    is_manifest,
    is_pulumi,
    is_serverless,
    is_template,
    is_terraform,
    is_terraform_state,
)
from apis.cors.formats.lines import comment_end, first_line, line_at, new_sides
from apis.cors.formats.other_texts import refuse_others, refuse_servers_and_clouds
from apis.cors.formats.placeholders import refusing_placeholders
from apis.cors.formats.values import CAMEL_NAMES, SERVERLESS_NAMES, TERRAFORM_NAMES
from apis.cors.formats.wrappers import without_prompts
from apis.cors.policy import CorsPolicy

_SHORTHAND = re.compile(r"\A\s*(?:Allow\w+|ExposeHeaders|MaxAge)\s*=")
_OPTION = re.compile(r"\A\s*--cors(?:-configuration)?\b")
_LABEL = r"\"[^\"\n]*\"[ \t]*"
_TERRAFORM = re.compile(
    rf"^[ \t]*(?:(?:resource|data)[ \t]+{_LABEL}{_LABEL}\{{|(?:module|variable|output|provider)[ \t]+{_LABEL}\{{"
    r"|(?:terraform|locals)[ \t]*\{|dynamic[ \t]+\"cors_configuration\"[ \t]*\{|cors_configuration[ \t]*[{=]"
    rf"|inputs[ \t]*=[ \t]*\{{|(?:{'|'.join(TERRAFORM_NAMES)})[ \t]*=[ \t]*(?![^\n]*,[ \t]*$))",
    re.MULTILINE,
)
# A key begins where no word does, so that a search tries a long word once.
_YAML = re.compile(r"(?:---|%YAML|(?<![\w.$/-])\"?[\w.$/-]+\"?[ \t]*:(?:[ \t]|\r?$)|-[ \t])")
_PLAN = re.compile(
    r"^[ \t]*(?:Terraform will perform|# [\w.\[\]\"-]+ will be (?:created|updated|destroyed))", re.MULTILINE
)

_DIFF = re.compile(r"^(?:diff --git |@@ -[0-9,]+ \+[0-9,]+ @@)", re.MULTILINE)
_FILLED_IN = re.compile(r"\{\{-?([^{}\n]{1,120})\}\}")
_FILLED_IN_JSON = re.compile(r"\$\{[^{}\n]{1,120}\}|\{\{[^{}\n]{1,120}\}\}|%\{[^{}\n]{1,120}\}|<%[^%\n]{1,120}%>")


class Unknown(FormatError):
    """A text that is no document known here."""


def document_in(text: str) -> Document:
    """Return the APIs of a text by the one reader for what it is. Raises FormatError."""
    try:
        return refusing_placeholders(text, _read(text))
    except Unknown:
        refuse_servers_and_clouds(text)
        raise


def _read(text: str) -> Document:
    text = without_prompts(text)
    start = text.strip()
    if not start:
        raise Unknown("Nothing was pasted.")
    if start == "null":
        return Document("json", [Found("", "http-api", fixed(CorsPolicy.off()))])
    if start.startswith("```"):
        return _fenced(text)
    refuse_others(text)
    if start[0] in '{["':
        return _brackets(text)
    if start.startswith(("//", "/*")) and text[comment_end(text) :].startswith(("{", "[")):
        return _brackets("\n" * text.count("\n", 0, comment_end(text)) + text[comment_end(text) :])
    if is_console_page(text):
        return _of_console(text)
    first = first_line(text)
    if _SHORTHAND.match(text) or _OPTION.match(text):
        return _of_command(text)
    if _DIFF.search(text):
        return _the_only_block(new_sides(text))
    if _PLAN.search(text):
        raise FormatError("This is a Terraform plan for people. Paste what terraform show -json prints of it.")
    if is_code(first):
        return _of_code(text)
    if _TERRAFORM.search(text) and not _is_yaml(first, text):
        return _of_terraform(text) if not has_fenced_block(text) else _of_terraform_or_blocks(text)
    scripts = makefile_scripts(text)
    if scripts is not None:
        found = _of_scripts(*scripts)
        if found is not None:
            return found
    if _is_yaml(first, text):
        return _yaml(text)
    printed = printed_value(text)
    if printed:
        return _brackets(printed) if printed[0] in "{[" else _yaml(printed)
    if is_command(text):
        found = _of_scripts([text], {}) or _of_scripts(quoted_scripts(text), {})
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


def _is_yaml(first: str, text: str) -> bool:
    return bool(_YAML.match(first)) and not first.startswith("- ```")


def _fenced(text: str) -> Document:
    """Return what the one fenced block states that has a configuration."""
    start = text.strip()
    blocks = list(fenced_blocks(text))[:_MOST_BLOCKS]
    if len(blocks) <= 1 and start.startswith("```") and start.endswith("```") and "\n" in start:
        blocks = [start[start.index("\n") + 1 : -3]]
    return _the_only_block(blocks)


def _the_only_block(blocks: Sequence[str]) -> Document:
    """Return what the one block states that has a configuration."""
    found, error = list[Document](), None
    for block in blocks[:_MOST_BLOCKS]:
        try:
            found.append(_read(block) if "```" not in block and not _DIFF.search(block) else _yaml(block))
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
        filled_in = _FILLED_IN_JSON.search(line_at(text, error.line))
        if filled_in:
            what = f"{filled_in[0]} is filled in by a template engine. Paste what it renders."
            raise FormatError(what, line=error.line) from None
        return _members(text, error)
    document = documents[0] if documents else None
    if isinstance(document, str):
        return _read(document) if not document.lstrip().startswith('"') else _document(document)
    return _document(document)


_MEMBERS = frozenset({"cors", "corsConfiguration", "httpApi", "provider", *CAMEL_NAMES})


def _members(text: str, error: FormatError) -> Document:
    """Return what members of an object in code state, such as `cors: {…},`. Raises `error` when they are none."""
    from apis.cors.formats.code.javascript import read_object
    from apis.cors.formats.code.javascript_apis import refuse_construct

    # Where no name of a member is, there is no need to make tokens of a long text. A name may have escapes.
    is_likely = "\\" in text or any(name in text for name in _MEMBERS)
    found = read_object(text) if is_likely else None
    if found is None or not found.keys() & _MEMBERS:
        refuse_construct(text)
        raise error from None
    return _document(found)


def _yaml(text: str) -> Document:
    try:
        documents, second = read_documents(text)
    except FormatError as error:
        if has_fenced_block(text):
            return _fenced(text)
        filled_in = _FILLED_IN.search(text)
        if filled_in:
            what = f"{{{{ {filled_in[1].strip(' -')} }}}} is filled in by a template engine. Paste what it renders."
            raise FormatError(what, line=text.count("\n", 0, filled_in.start()) + 1) from None
        return _members(text, error)
    if second:
        known = [document for document in documents if document is not None]
        if any(is_manifest(document) for document in known):
            return _of_manifests(known)
        if len(known) > 1:
            raise FormatError("A second document begins here. Paste one.", line=second)
        return _document(known[0] if known else None)
    return _document(documents[0] if documents else None)


def _document(document: Any) -> Document:
    """Read a YAML or JSON document by its keys."""
    if isinstance(document, list) and any(isinstance(entry, dict | list) for entry in document):
        if is_event(document):
            return _of_events(document)
        scripts = scripts_in(document)
        found = _of_scripts(*scripts) if scripts else None
        return found or _of_json(document)
    if not isinstance(document, dict) or "management.azure.com" in str(document.get("$schema")):
        raise _unknown()
    for is_one, read in _READERS:
        if is_one(document):
            return read(document)
    raise _unknown()


def _of_get_template(document: Mapping[str, Any]) -> Document:
    body = document["TemplateBody"]
    return _read(body) if isinstance(body, str) else _document(body)


def _of_cloud_control(document: Mapping[str, Any]) -> Document:
    """Read what `aws cloudcontrol get-resource` and list-resources print: each resource's properties as a text."""
    stated = document.get("ResourceDescriptions") or [document.get("ResourceDescription")]
    resources = {}
    for at, one in enumerate(stated if isinstance(stated, list) else ()):
        text = one.get("Properties") if isinstance(one, dict) else None
        if isinstance(text, str):
            name = str(one.get("Identifier") or at)
            resources[name] = {"Type": document.get("TypeName"), "Properties": read_documents(text)[0][0]}
    return _of_template({"Resources": resources})


def _read_script(document: Mapping[str, Any]) -> Document:
    scripts = scripts_in(document)
    found = _of_scripts(*scripts) if scripts else None
    if found is None:
        raise _unknown()
    return found


def _of_console(text: str) -> Document:
    from apis.cors.formats.documents import console

    return console.read(text)


def _of_json(value: Any) -> Document:
    from apis.cors.formats.documents import aws_json

    return aws_json.read(value)


def _of_events(document: Any) -> Document:
    from apis.cors.formats.documents import events

    return events.read(document)


def _of_terraform_state(document: Mapping[str, Any]) -> Document:
    from apis.cors.formats.terraform import terraform_json

    return terraform_json.read_state(document)


def _of_terraform_json(document: Mapping[str, Any]) -> Document:
    from apis.cors.formats.terraform import terraform_json

    return terraform_json.read(document)


def _of_terraform(text: str) -> Document:
    from apis.cors.formats.terraform import terraform
    from apis.cors.formats.terraform.hcl import read_hcl

    return terraform.read(read_hcl(text))


def _of_manifests(documents: list[Any]) -> Document:
    from apis.cors.formats.documents import kubernetes

    return kubernetes.read(documents)


def _of_pulumi(document: Mapping[str, Any]) -> Document:
    from apis.cors.formats.documents import pulumi_yaml

    return pulumi_yaml.read(document)


def _of_openapi(document: Any) -> Document:
    from apis.cors.formats.documents import openapi

    return openapi.read(document)


def _of_serverless(document: Mapping[str, Any]) -> Document:
    from apis.cors.formats.serverless import serverless

    return serverless.read(document)


def _of_template(document: Mapping[str, Any]) -> Document:
    from apis.cors.formats.documents import templates

    return templates.read_template(document)


def _of_terraform_or_blocks(text: str) -> Document:
    """Read Terraform that is in fenced blocks between other lines."""
    try:
        return _of_terraform(text)
    except FormatError:
        return _fenced(text)


def _of_code(text: str) -> Document:
    from apis.cors.formats.code import javascript_apis

    try:
        return javascript_apis.read(text)
    except javascript_apis.ProgramCode:
        found = _of_scripts(quoted_scripts(text), {}) if is_command(text) else None
        if found is None:
            raise
        return found


def _of_command(text: str) -> Document:
    from apis.cors.formats.commands import cli

    return cli.read(text)


def _of_scripts(texts: Sequence[str], variables: Mapping[str, str]) -> Document | None:
    from apis.cors.formats.commands import cli

    return cli.read_scripts([unescaped(text) for text in texts], variables)


_READERS: tuple[tuple[Callable[[Mapping[str, Any]], bool], Callable[[Mapping[str, Any]], Document]], ...] = (
    (has_keys("TemplateBody"), _of_get_template),
    (has_keys("ResourceDescription", "ResourceDescriptions"), _of_cloud_control),
    (is_automation, _read_script),
    (is_event, _of_events),
    (is_terraform_state, _of_terraform_state),
    (is_terraform, _of_terraform_json),
    (is_manifest, lambda document: _of_manifests([document])),
    (is_pulumi, _of_pulumi),
    (has_keys("openapi", "swagger", "x-amazon-apigateway-cors"), _of_openapi),
    (is_camel, lambda document: _of_openapi(document["cors"])),
    (has_keys(*(CAMEL_NAMES.keys() - SERVERLESS_NAMES.keys())), _of_openapi),
    (is_serverless, _of_serverless),
    (is_template, _of_template),
    (is_aws_json, _of_json),
)
"""How each kind of document is recognized, in order, and its reader, imported when needed."""


def _unknown() -> Unknown:
    return Unknown(
        "No CORS configuration was found here. Paste the AWS CLI's command or shorthand, JSON with AWS's names, a "
        "CloudFormation or SAM template, Terraform, an OpenAPI document, serverless.yml, Pulumi YAML or sst.config.ts."
    )
