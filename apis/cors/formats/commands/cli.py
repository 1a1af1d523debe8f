"""The AWS CLI: update-api with JSON to write; its commands and its shorthand to read, also as people mistype them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from apis.cors.formats.commands.powershell import without_assignments
from apis.cors.formats.commands.script import Script, read_script
from apis.cors.formats.commands.script_command import Word, branches
from apis.cors.formats.commands.shell import ShellError, unescaped
from apis.cors.formats.commands.shorthand import parse_shorthand
from apis.cors.formats.documents import openapi
from apis.cors.formats.documents.aws_json import json_text, policy_in
from apis.cors.formats.documents.document import read_document, read_json
from apis.cors.formats.escape import expressions, js_list
from apis.cors.formats.format import ExportContext, Format, FormatError, WrongSyntax, reader
from apis.cors.formats.found import Document, Found, Kind, Notes, fixed, policy_of_text, updated
from apis.cors.formats.kinds import SERVICES
from apis.cors.formats.values import Object, policy_from
from apis.cors.policy import LIST_FIELDS, CorsPolicy

_OPTION = "--cors-configuration"
_NUMBERS = str.maketrans({"'": "\\u0027", "$": "\\u0024", "%": "\\u0025"})
_VARIABLE = re.compile(r"\$\{?[A-Za-z_]\w*\}?|\$\(|%[A-Za-z_]\w*%")
_SHELLS = "worked out by the shell"
# `{{resolve:…}}` is CloudFormation's, which fills in no command.
_FILLED_IN = re.compile(r"\{\{(?!resolve:)[^{}\n]{0,120}\}\}|<%[^%\n]{0,120}%>")
_IS_ON_CORS = re.compile("cors|access-control-allow", re.IGNORECASE)
_MOST_NOTES = 200
_QUOTING = re.compile("['\"\\\\\r\n]")

_OPERATIONS: dict[tuple[str, str], tuple[Kind, str]] = {
    ("apigatewayv2", "update-api"): ("http-api", _OPTION),
    ("apigatewayv2", "create-api"): ("http-api", _OPTION),
    ("apigatewayv2", "delete-cors-configuration"): ("http-api", _OPTION),
    ("apigatewayv2", "import-api"): ("http-api", "--body"),
    ("apigatewayv2", "reimport-api"): ("http-api", "--body"),
    ("lambda", "create-function-url-config"): ("function-url", "--cors"),
    ("lambda", "update-function-url-config"): ("function-url", "--cors"),
}


@dataclass(frozen=True, slots=True)
class _Call:
    """One command that sets the CORS of an API or function URL."""

    service: str
    operation: str
    words: list[Word]
    line: int
    script: Script
    branches: Mapping[int, int]

    @property
    def files(self) -> Mapping[str, Word]:
        """Return the contents of the files that the script writes."""
        return self.script.files

    @property
    def kind(self) -> Kind:
        return _OPERATIONS[self.service, self.operation][0]

    @property
    def option(self) -> str:
        return _OPERATIONS[self.service, self.operation][1]

    def value_of(self, name: str) -> list[Word] | None:
        """Return the words of an option's value, of a repeated one the last's; None without it."""
        for place in range(len(self.words) - 1, -1, -1):
            word = self.words[place]
            if word.text == name or word.text.startswith(name + "="):
                first = [Word(word.text[len(name) + 1 :], word.unknown)] if "=" in word.text[: len(name) + 1] else []
                rest = self.words[place + 1 :]
                end = next((at for at, other in enumerate(rest) if other.text.startswith("--")), len(rest))
                return first + rest[:end]
        return None

    @property
    def target(self) -> str:
        return self._target.text[:200]

    @property
    def _target(self) -> Word:
        found = (self.value_of(name) for name in ("--api-id", "--name", "--function-name"))
        return next((value[0] for value in found if value), Word())

    def key(self, script: int, number: int) -> tuple[object, ...]:
        """Return what two commands for one API have in common; what only the shell knows may differ elsewhere."""
        place: tuple[int, ...] = ()
        if self._target.unknown or "{{" in self.target:
            is_changing = self._target.unknown.strip("${}") in self.script.repeated
            place = (script, number) if is_changing else (script,)
        where = [[word.text for word in self.value_of(name) or ()] for name in ("--region", "--profile")]
        return self.kind, self.target, place, str(where)

    @property
    def keeps_fields(self) -> bool:
        """Whether AWS keeps the fields that this command leaves out."""
        return self.operation == "update-api"

    @property
    def is_on_cors(self) -> bool:
        if self.operation == "delete-cors-configuration" or self.value_of(self.option) is not None:
            return True
        return any(self.value_of(f"--cli-input-{form}") is not None for form in ("json", "yaml"))


def export(policy: CorsPolicy, context: ExportContext) -> str:
    """Return the command that brings an API to this policy."""
    target = f"--api-id {shlex.quote(context.api_id or 'API_ID')}"
    if context.region:
        target += f" --region {shlex.quote(context.region)}"
    if not policy.on:
        return f"aws apigatewayv2 delete-cors-configuration {target}\n"
    # A quote inside the JSON is written as a number, so that the shell's own quotes hold whatever is between them.
    # A dollar or percent sign is written so as well: read back, one in quotes is no variable that was forgotten.
    value = json_text(expressions(policy, js_list)).translate(_NUMBERS)
    return (
        "# All six fields are sent: AWS keeps the old value of one that is left out.\n"
        f"aws apigatewayv2 update-api {target} {_OPTION} '{value}'\n"
    )


@reader
def parse(text: str) -> CorsPolicy:
    """Read a whole command, `--cors-configuration …`, or the shorthand alone.

    Between the fields the CLI wants commas; blanks and continued lines are read as well, since tutorials show them.
    """
    return policy_of_text(read(text).found)


def read(text: str) -> Document:
    """Return the APIs whose CORS a script, a command or a part of one sets. Raises FormatError."""
    text = unescaped(text)
    found = read_scripts([text], {}) if _may_call_a_service(text) else None
    if found is not None:
        return found
    script = _script(text, {}, lines=True)
    words = [word for command in script.commands for word in command.words]
    option = next((name for name in ("--cors", _OPTION) if any(_names(word, name) for word in words)), "")
    if option:
        operation = "update-api" if option == _OPTION else "update-function-url-config"
        call = _Call("apigatewayv2" if option == _OPTION else "lambda", operation, words, 1, script, {})
        return Document("cli", [_found([call])])
    _refuse_unknown(words, None)
    return Document("cli", [Found("", "http-api", lambda notes: policy_from(_members(words, _OPTION)))])


def _may_call_a_service(text: str) -> bool:
    """Return whether a text can name a service: literally, or put together by the shell."""
    plain = _QUOTING.sub("", text)
    return any(name in plain for name in ("$", "`", "apigatewayv2", "lambda", *SERVICES))


def read_scripts(texts: Sequence[str], variables: Mapping[str, str]) -> Document | None:
    """Return the APIs whose CORS the commands of scripts set; None when no command is about an API or its like.

    Several commands for one API count in their order. Raises FormatError.
    """
    calls: dict[tuple[object, ...], list[_Call]] = {}
    others, said_nothing = list[str](), False
    created: list[Found] = []
    for place, text in enumerate(texts):
        text, assigned = without_assignments(text)
        script = _script(text, {**variables, **assigned})
        around = branches(script.commands)
        for number, command in enumerate(script.commands):
            service, operation, words = _operation(command.words)
            if (service, operation) in _OPERATIONS:
                call = _Call(service, operation, words, command.line, script, around[number])
                if _is_web_socket(call):
                    others.append("a WebSocket API")
                elif call.is_on_cors:
                    key = call.key(place, number)
                    before = calls.pop(key, [])
                    # Of the rest each is in the branch of the first two, which are not the same, or there is none.
                    _refuse_alternatives(before[:2], call)
                    if not call.keeps_fields:
                        before = []
                    elif not _is_repeat(before, call):
                        before.append(call)
                    calls[key] = before or [call]
                elif call.operation == "create-api":
                    created.append(Found(call.target, "http-api", fixed(CorsPolicy.off())))
                else:
                    said_nothing = True
            elif service in SERVICES and _IS_ON_CORS.search(" ".join([operation, *(word.text for word in words[:40])])):
                others.append(SERVICES[service])
            elif service:
                said_nothing = True
    if calls:
        return Document("cli", [_found(of_one) for of_one in _different(list(calls.values()))])
    if others:
        raise FormatError(f"This sets the CORS of {' and '.join(dict.fromkeys(others))}, not of an HTTP API.")
    if created:
        return Document("cli", created)
    if said_nothing:
        raise FormatError(f"This command has no {_OPTION}, so it says nothing of CORS.")
    return None


def _refuse_alternatives(before: Iterable[_Call], call: _Call) -> None:
    """Raise FormatError when a command is in another branch than one before it, so that one of them may not run."""
    for other in before:
        if other.branches != call.branches and not _is_same(other, call):
            what = f"This command or that of line {other.line} runs in one branch only. Paste the one that is meant."
            raise FormatError(what, line=call.line)


def _is_repeat(before: Sequence[_Call], call: _Call) -> bool:
    """Return whether a command says nothing new after those before it, and no branch that is not among them."""
    if not before or not _is_same(before[-1], call):
        return False
    return len(before) > 1 or before[-1].branches == call.branches


def _is_same(call: _Call, other: _Call) -> bool:
    return call.operation == other.operation and call.value_of(call.option) == other.value_of(other.option)


def _different(calls: list[list[_Call]]) -> list[list[_Call]]:
    """Leave out the repeats of a command in other scripts, such as the jobs of a workflow."""
    found: list[list[_Call]] = []
    seen: set[str] = set()
    for of_one in calls:
        shown = str([(call.kind, call.target, call.operation, call.value_of(call.option)) for call in of_one])
        if shown not in seen:
            seen.add(shown)
            found.append(of_one)
    return found


def _found(calls: Sequence[_Call]) -> Found:
    call = calls[-1]

    def read_noting(notes: Notes) -> CorsPolicy:
        policy = reduce(updated, map(_policy, calls))
        if len(calls) > 1:
            notes.append(f"The commands for this API count together: {call.operation} keeps what it leaves out.")
        entries = [entry for name in LIST_FIELDS for entry in policy.get(name)][:_MOST_NOTES]
        for shown, value in list(call.script.resolved.items())[:_MOST_NOTES]:
            if value and (any(value in entry for entry in entries) or value == str(policy.max_age)):
                notes.append(f"{shown} is {value[:200]}, as this script states.")
        return policy

    return Found(call.target, call.kind, read_noting)


def _script(text: str, variables: Mapping[str, str], lines: bool = False) -> Script:
    try:
        return read_script(text, variables, lines)
    except ShellError as error:
        raise FormatError("A quote is opened here and not closed.", line=error.line) from None


def _operation(words: list[Word]) -> tuple[str, str, list[Word]]:
    """Return the service, the operation and the words after it of a command of the AWS CLI; "" for any other."""
    for place, word in enumerate(words[:30]):
        if word.text in ("apigatewayv2", "lambda") or word.text in SERVICES:
            is_cli = any(before.text.rpartition("/")[2].startswith(("aws", "amazon")) for before in words[:place])
            rest = words[place + 1 :]
            at = next((at for at, other in enumerate(rest) if re.fullmatch("[a-z]+(?:-[a-z0-9]+)+", other.text)), -1)
            if at >= 0 and (is_cli or (word.text, rest[at].text) in _OPERATIONS):
                return word.text, rest[at].text, rest[at + 1 :]
    return "", "", []


def _is_web_socket(call: _Call) -> bool:
    value = call.value_of("--protocol-type")
    return bool(value) and value[0].text.upper() == "WEBSOCKET" if value else False


def _names(word: Word, option: str) -> bool:
    return word.text == option or word.text.startswith(option + "=")


def _policy(call: _Call) -> CorsPolicy:
    """Return what a command states, in its option or in its whole input."""
    if call.operation == "delete-cors-configuration":
        return CorsPolicy.off()
    value = call.value_of(call.option)
    if value is None:
        return _of_input(call)
    if call.option == "--body":
        return _of_body(call, value)
    _refuse_unknown(value, call.option)
    return policy_from(_members(value, call.option, call.files))


def _refuse_unknown(words: Iterable[Word], option: str | None) -> None:
    for word in words:
        if word.unknown:
            raise FormatError(f"{word.unknown} is {_SHELLS}. Write the value itself.", option or _OPTION)


def _of_input(call: _Call) -> CorsPolicy:
    option = "--cli-input-json" if call.value_of("--cli-input-json") is not None else "--cli-input-yaml"
    words = call.value_of(option) or []
    text = _content(" ".join(word.text for word in words), option, words, call.files)
    document = read_document(text)
    key = "CorsConfiguration" if call.kind == "http-api" else "Cors"
    if not isinstance(document, dict) or key not in document:
        raise FormatError(f"This input has no {key}, so it says nothing of CORS.", option)
    return policy_in(document)


def _of_body(call: _Call, words: list[Word]) -> CorsPolicy:
    """Return what the OpenAPI document of import-api states."""
    text = _content(" ".join(word.text for word in words), call.option, words, call.files)
    return openapi.policy_in(read_document(text))


def _content(text: str, option: str, words: Iterable[Word], files: Mapping[str, Word]) -> str:
    """Return the value of an option, or what is in the file that it names, when the script writes that file."""
    if not text.startswith(("file://", "fileb://")):
        _refuse_unknown(words, option)
        return text
    name = text.partition("://")[2]
    content = files.get(name) or files.get(name.removeprefix("./")) or files.get(f"./{name}")
    if content is None:
        raise FormatError("Paste what is in that file instead.", option)
    _refuse_unknown([content], option)
    return content.text


def _members(value: list[Word], option: str, files: Mapping[str, Word] | None = None) -> dict[str, Any]:
    joined = " ".join(word.text for word in value).strip()
    if not joined:
        raise FormatError("There is nothing after this.", option)
    joined = _content(joined, option, value, files or {}).strip()
    variable = _VARIABLE.search(joined)
    if variable:
        raise FormatError(f"{variable[0]} is {_SHELLS}, but not in single quotes. Write the value itself.", option)
    filled_in = _FILLED_IN.search(joined)
    if filled_in:
        raise FormatError(f"{filled_in[0]} is filled in by a template engine. Write the value itself.", option)
    if joined.startswith("{"):
        # Windows PowerShell hands `\"` on as a quote.
        members = read_json(joined.replace('\\"', '"') if joined[1:].lstrip().startswith('\\"') else joined)
        return dict(members) if not isinstance(members, Object) else members
    if "=" not in joined:
        raise WrongSyntax("This is not the CLI's shorthand, which is AllowOrigins=https://app.example.com,MaxAge=600.")
    texts = [word.text.strip(",") for word in value]
    return parse_shorthand(",".join(text for text in texts if text))


CLI = Format("cli", "AWS CLI", export, parse, note="For bash, zsh and the like.")
