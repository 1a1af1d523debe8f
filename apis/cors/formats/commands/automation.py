"""Files that hold shell commands: workflows, build specifications, pipelines, playbooks, package.json, Makefiles."""

from __future__ import annotations

import re
import shlex
from typing import Any

from apis.cors.formats.values import is_unresolved

_COMMANDS = frozenset(
    {
        "run", "script", "before_script", "after_script", "command", "commands", "cmd", "cmds", "shell",
        "ansible.builtin.shell", "ansible.builtin.command", "inlineScript", "bash", "pwsh", "powershell", "args",
    }
)  # fmt: skip
"""Keys whose texts are shell commands."""
_VARIABLES = frozenset({"env", "variables", "environment", "vars"})
_SETS_CORS = re.compile(r"\b(?:apigatewayv2|function-url-config)\b|--cors\b")
# A text that never ends takes the rest, so that no later place is tried again.
_QUOTED = re.compile(
    r'''"""(?:[^"\\]|\\.|"(?!""))*+(?:""")?|"(?:[^"\\\n]|\\.)*+"?|'''
    r"'''(?:[^'\\]|\\.|'(?!''))*+(?:''')?|'(?:[^'\\\n]|\\.)*+'?|`(?:[^`\\]|\\.)*+`?",
    re.DOTALL,
)
_QUOTED_LIST = re.compile(r"""["']aws["'](?:\s*+,\s*+(?:\[\s*+)?(?:"(?:[^"\\\n]|\\.)*+"|'(?:[^'\\\n]|\\.)*+'))+""")
_ESCAPED = re.compile(r"\\([\\'\"`$])")
_SET_FOR_LATER = re.compile(
    r"\b([A-Za-z_]\w*)=[^\n>]*>>[^\n]*\b(?:GITHUB|BASH)_ENV\b|\btask\.setvariable variable=([A-Za-z_]\w*)"
)
_RUNS_AWS = re.compile(r"\b(?:aws|awslocal)\b")

_RULE = re.compile(r"^[^\s#:=][^\n:=]*::?(?!=)[^\n=]*\n(?:[ \t]*#[^\n]*\n|\n)*\t", re.MULTILINE)
_JUST_RULE = re.compile(
    r"^[A-Za-z_][\w-]*(?:[ \t][^\n:=]*)?:[^\n:={}\[\]]*\n[ \t]+[@-]{0,2}(?:aws|awslocal)[ \t]", re.MULTILINE
)
_FILLED_IN = re.compile(r"(?<!\$)\{\{-?[ \t]{0,20}\.?([A-Za-z_]\w{0,200})[ \t]{0,20}-?\}\}")
"""A variable of a Taskfile or a playbook: `{{.ORIGIN}}`, `{{ origin }}`."""
_JUST_VARIABLE = re.compile(r"\{\{[ \t]*([A-Za-z_][\w-]{0,200})[ \t]*\}\}")
_DEFINED = re.compile(
    r"^(?:(?:export|override)[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*([:?+!]{0,3})=[ \t]*([^\n]*)$", re.MULTILINE
)
_OF_TARGET = re.compile(r"^[^\s#:=][^\n:=]*:[ \t]*(?:export[ \t]+)?([A-Za-z_][\w.-]*)[ \t]*[:?+!]{0,3}=", re.MULTILINE)
_MAKE_VARIABLE = re.compile(r"\$(?:\$|\(([\w.-]+)\)|\{([\w.-]+)\})")
_LONGEST = 10_000

Scripts = tuple[list[str], dict[str, str]]
"""Texts of shell commands, and the variables that are set for them."""


def scripts_in(document: Any) -> Scripts | None:
    """Return the commands in a YAML or JSON document that are about CORS, and its variables; None without any."""
    texts: list[str] = []
    variables: dict[str, list[str]] = {}
    changed: set[str] = set()
    pending: list[tuple[str, Any]] = [("", document)]
    seen: set[int] = set()
    while pending:
        key, value = pending.pop()
        if is_unresolved(value):
            continue
        if isinstance(value, str):
            if key in _COMMANDS and _SETS_CORS.search(value):
                texts.append(value)
            if key in _COMMANDS and ("_ENV" in value or "setvariable" in value):
                changed |= {found[1] or found[2] for found in _SET_FOR_LATER.finditer(value)}
        elif isinstance(value, list):
            if id(value) not in seen:
                seen.add(id(value))
                if key in _COMMANDS and all(isinstance(entry, str) for entry in value):
                    value = ["\n".join(value)] if value else []
                pending += [(key, entry) for entry in reversed(value)]
        elif isinstance(value, dict) and id(value) not in seen:
            seen.add(id(value))
            for name, inner in value.items():
                if key in _VARIABLES and isinstance(inner, str):
                    variables.setdefault(name, []).append(str(inner))
                elif key == "scripts":
                    pending.append(("run", inner))
                else:
                    pending.append((name, inner))
    if not texts:
        return None
    # One that is set to several values depends on the job.
    known = {name: values[0] for name, values in variables.items() if len(set(values)) == 1 and name not in changed}
    return [_FILLED_IN.sub(lambda found: known.get(found[1], "".join(found[0].split())), text) for text in texts], known


def quoted_scripts(text: str) -> list[str]:
    """Return the commands about CORS that a program runs: in one text, or as a list of words."""
    found = []
    for words in _QUOTED_LIST.finditer(text):
        texts = [_unquoted(one[0]) for one in _QUOTED.finditer(words[0])]
        if _SETS_CORS.search(" ".join(texts)):
            found.append(shlex.join(texts))
    if not found:
        texts = [_unquoted(one[0]) for one in _QUOTED.finditer(text)]
        found = [one for one in texts if _RUNS_AWS.search(one) and _SETS_CORS.search(one)]
    return found


def _unquoted(quoted: str) -> str:
    mark = quoted[:3] if quoted[:3] in ('"""', "'''") else quoted[:1]
    return _ESCAPED.sub(r"\1", quoted.removeprefix(mark).removesuffix(mark))


def makefile_scripts(text: str) -> Scripts | None:
    """Return the commands of a Makefile's or a justfile's recipes, with variables put in; None for another text."""
    is_make = "\n\t" in text and _RULE.search(text)
    if not is_make and not _JUST_RULE.search(text):
        return None
    defined = _defined(text) if is_make else {name: value.strip("'\"") for name, value in _defined(text).items()}
    joined = re.sub(r"\\\r?\n", " ", text)
    indents = "\t" if is_make else ("\t", " ")
    script = "\n".join(line.lstrip("@-+ \t") for line in joined.splitlines() if line.startswith(indents))
    if not is_make:
        script = _JUST_VARIABLE.sub(lambda found: defined.get(found[1], found[0]), script)
    for _ in range(4):
        if not _MAKE_VARIABLE.search(script):
            break
        script = _MAKE_VARIABLE.sub(lambda found: _value(found, defined), script)
        if len(script) > len(text) + _LONGEST:
            break
    return [script.replace("\0", "$")], {}


def _defined(text: str) -> dict[str, str]:
    """Return the variables of a Makefile or justfile that have one value, whatever branch or target is chosen."""
    defined: dict[str, str] = {}
    several = {found[1] for found in _OF_TARGET.finditer(text)}
    for name, sign, rest in _DEFINED.findall(text):
        value = rest.partition(" #")[0].strip()
        if "+" in sign or "!" in sign or ("?" not in sign and defined.get(name, value) != value):
            several.add(name)
        defined.setdefault(name, value)
    return {name: value for name, value in defined.items() if name not in several}


def _value(found: re.Match[str], defined: dict[str, str]) -> str:
    name = found[1] or found[2]
    if not name:
        return "\0"  # `$$`, the shell's own dollar
    return defined.get(name, f"\0{{{name}}}")
