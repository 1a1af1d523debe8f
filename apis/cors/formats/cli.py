"""The AWS CLI: update-api with JSON to write; its commands and its shorthand to read, also as people mistype them."""

from __future__ import annotations

import re
import shlex
from typing import Any

from apis.cors.formats.aws_json import json_text, read
from apis.cors.formats.document import read_document, read_json
from apis.cors.formats.escape import expressions, js_list
from apis.cors.formats.format import ExportContext, Format, FormatError, reader
from apis.cors.formats.shell import ShellError, unescaped, words
from apis.cors.formats.shorthand import parse_shorthand
from apis.cors.formats.values import policy_from
from apis.cors.policy import CorsPolicy

_OPTION = "--cors-configuration"
_COMMAND = re.compile(
    r"(?:^[ \t]*(?:(?:PS[^>\n]*)?[$%>][ \t]+)?|&&[ \t]*(?:\\?\r?\n)?[ \t]*|;[ \t]*)"
    r"(?:(?:\w+=\S*|sudo|env|time|exec)[ \t]+)*(?=aws[ \t])",
    re.MULTILINE,
)
_INPUT = re.compile(r"--cli-input-(?:json|yaml)(?:=|\Z)")

_VARIABLE = re.compile(r"\$\{?[A-Za-z_]\w*\}?|\$\(|%[A-Za-z_]\w*%")


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """The command that brings an API to this policy."""
    target = f"--api-id {shlex.quote(context.api_id or 'API_ID')}"
    if context.region:
        target += f" --region {shlex.quote(context.region)}"
    if not policy.on:
        return f"aws apigatewayv2 delete-cors-configuration {target}\n"
    # A quote inside the JSON is written as a number, so that the shell's own quotes hold whatever is between them.
    value = json_text(expressions(policy, js_list)).replace("'", "\\u0027")
    return (
        "# All six fields are sent: AWS keeps the old value of one that is left out.\n"
        f"aws apigatewayv2 update-api {target} {_OPTION} '{value}'\n"
    )


@reader
def parse(text: str) -> CorsPolicy:
    """A whole command, `--cors-configuration …`, or the shorthand alone; of several commands the last one on CORS.

    Between the fields the CLI wants commas; blanks and continued lines are read as well, since tutorials show them.
    """
    text = unescaped(text)
    commands = list(_COMMAND.finditer(text))
    if not commands:
        return _policy(_words(text, 0, lines=True))
    on_cors = [found for found in (_words(text, command.end()) for command in commands) if _is_on_cors(found)]
    if not on_cors:
        raise FormatError(f"This command has no {_OPTION}, so it says nothing of CORS.")
    last = on_cors[-1]
    if "delete-cors-configuration" in last[:6]:
        return CorsPolicy.off()
    return _policy(last)


def _words(text: str, start: int, lines: bool = False) -> list[str]:
    try:
        return words(text[start:], lines)[0]
    except ShellError as error:
        line = text.count("\n", 0, start) + error.line
        raise FormatError("A quote is opened here and not closed.", line=line) from None


def _is_on_cors(found: list[str]) -> bool:
    """Whether a command writes a configuration or takes it away."""
    told = any(word.startswith(_OPTION) or _INPUT.match(word) for word in found)
    return told or "delete-cors-configuration" in found[:6]


def _value(found: list[str]) -> list[str]:
    """The words that make up the option's value; the whole when the option is not named."""
    for place, word in enumerate(found):
        if word == _OPTION or word.startswith(_OPTION + "="):
            rest = found[place + 1 :]
            end = next((at for at, other in enumerate(rest) if other.startswith("--")), len(rest))
            first = [word[len(_OPTION) + 1 :]] if "=" in word else []
            return first + rest[:end]
    return found


def _policy(found: list[str]) -> CorsPolicy:
    """What a command states, in its option or in its whole input."""
    for place, word in enumerate(found):
        if given := _INPUT.match(word):
            return _of_input(word[given.end() :] or "".join(found[place + 1 : place + 2]))
    return policy_from(_members(_value(found)))


def _of_input(text: str) -> CorsPolicy:
    if not text or text.startswith(("file://", "fileb://")):
        raise FormatError("Paste what is in that file instead.", "--cli-input-json")
    document = read_document(text)
    if not isinstance(document, dict) or "CorsConfiguration" not in document:
        raise FormatError("This input has no CorsConfiguration, so it says nothing of CORS.", "--cli-input-json")
    return read(document)


def _members(value: list[str]) -> dict[str, Any]:
    joined = " ".join(value).strip()
    if not joined:
        raise FormatError("There is nothing after this.", _OPTION)
    if joined.startswith(("file://", "fileb://")):
        raise FormatError("Paste what is in that file instead.", _OPTION)
    if joined.startswith("{"):
        members = read_json(joined)
        return dict(members)
    variable = _VARIABLE.search(joined)
    if variable:
        raise FormatError(f"{variable[0]} is worked out by the shell. Write the value itself.", _OPTION)
    if "=" not in joined:
        raise FormatError("This is not the CLI's shorthand, which is AllowOrigins=https://app.example.com,MaxAge=600.")
    return parse_shorthand(",".join(word.strip(",") for word in value if word.strip(",")))


CLI = Format("cli", "AWS CLI", "sh", export, parse, note="For bash, zsh and the like.")
