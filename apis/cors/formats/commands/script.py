"""The commands of a shell script, with the variables that the script itself sets put in; nothing is run.

One pass over the text: quotes, continued lines, `$(…)`, here documents, `;`, `&&`, `||` and pipes.
"""

from __future__ import annotations

import bisect
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from apis.cors.formats.commands.script_command import Command, Word, assignments, given_elsewhere, targets
from apis.cors.formats.commands.shell import FILLED_IN, ShellError, ansi_escape

_PLAIN = re.compile(r"[^\s'\"\\$`;|&<>(){}!#]+|[{}!#]")
_IN_QUOTES = re.compile(r'[^"\\$`]+')
_BARE = re.compile(r"[^\\$`]+")
_NAME = re.compile(r"[A-Za-z_]\w*")
_BRACED = re.compile(r"\{([A-Za-z_]\w*)(?::?[-=](?P<default>[^}'\"\\$`]*))?\}")
_EXPRESSION = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")
_ARITHMETIC = re.compile(r"\(\(([^()]{1,80})\)\)")
_HEREDOC = re.compile(r"<<(-?)[ \t]*(['\"]?)([\w.-]+)\2")
_PERCENT = re.compile(r"%([A-Za-z_]\w*)%")
_DEPTH = 16


@dataclass(slots=True)
class Script:
    """The commands of a script in order, the contents of the files that they write, and variables with their values.

    `repeated` are the variables that are set in several places.
    """

    commands: list[Command]
    files: dict[str, Word]
    resolved: dict[str, str]
    repeated: set[str]


def read_script(text: str, variables: Mapping[str, str] | None = None, lines: bool = False) -> Script:
    """Return the commands of a script. Raises ShellError when a quote is not closed.

    `variables` are those that are set outside of it. A variable that is set in several places is unknown. With
    `lines` a line's end is only a blank.
    """
    first = _Scan(text, {}, lines)
    first.commands()
    if not first.expands:
        return Script(first.found, first.files, first.resolved, set())
    given = dict(variables or {})
    counts = Counter(name for command in first.found for name, _ in assignments(command))
    counts.update(name for command in first.found for name in given_elsewhere(command))
    repeated = {name for name, count in counts.items() if count > 1 or name in given}
    second = _Scan(text, {name: value for name, value in given.items() if name not in repeated}, lines)
    second.repeated = repeated
    second.commands()
    return Script(second.found, second.files, second.resolved, repeated)


class _Scan:
    def __init__(self, text: str, variables: dict[str, str], lines: bool) -> None:
        self.text, self.variables, self.lines = text, variables, lines
        self.repeated: set[str] = set()
        self.expands = any(sign in text for sign in "$`%")
        self.at = 0
        self.depth = 0
        self.found: list[Command] = []
        self.files: dict[str, Word] = {}
        self.resolved: dict[str, str] = {}
        self.percent: set[str] = set()
        self._rows: dict[str, list[tuple[int, int]]] | None = None
        self.waiting: list[tuple[Command, str, bool, bool]] = []
        self.line = 1
        self.counted = 0

    def line_at(self, at: int) -> int:
        if at > self.counted:
            self.line += self.text.count("\n", self.counted, at)
            self.counted = at
        return self.line

    @property
    def rows(self) -> dict[str, list[tuple[int, int]]]:
        """Where each line stands that may end a here document, by its text without blanks."""
        if self._rows is None:
            self._rows, start = {}, 0
            for row in self.text.split("\n"):
                self._rows.setdefault(row.strip(), []).append((start, start + len(row)))
                start += len(row) + 1
        return self._rows

    def commands(self, end: str = "") -> list[Command]:
        """Read commands up to a closing sign, which is passed over, or to the end of the text."""
        text, own = self.text, list[Command]()
        command = Command(self.line_at(self.at))
        while self.at < len(text):
            char = text[self.at]
            if end and char == end:
                self.at += 1
                break
            if char == "\n" and not self.lines:
                command = self.close(command, own)
                self.at += 1
                self.here_documents()
            elif char.isspace():
                self.at += 1
            elif char in ";|&()":
                command = self.close(command, own)
                self.at += 1
            elif char == "<" and (found := _HEREDOC.match(text, self.at)):
                self.waiting.append((command, found[3], bool(found[1]), bool(found[2])))
                self.at = found.end()
            elif char in "<>" and not FILLED_IN.match(text, self.at):
                self.redirect(command, char)
            elif char == "#" and (self.at == 0 or text[self.at - 1].isspace()):
                stop = text.find("\n", self.at)
                self.at = len(text) if stop < 0 else stop
            elif char == "`" and end != "`" and not command.words and not self.lines:
                self.at += 1
            else:
                start = self.at
                word = self.word(end)
                is_descriptor = text[start : self.at].isdigit() and text[self.at : self.at + 1] in ("<", ">")
                if not is_descriptor or self.at >= len(text):
                    if not command.words:
                        command.line = self.line_at(start)
                    command.words.append(word)
        self.close(command, own)
        return own

    def close(self, command: Command, own: list[Command]) -> Command:
        if command.words:
            own.append(command)
            self.found.append(command)
            for name, word in assignments(command) if self.expands else ():
                if not word.unknown and name not in self.repeated:
                    self.variables[name] = word.text
                    if command.words[0].text.lower() == "set":
                        self.percent.add(name)
            words = command.words
            if command.target and words[0].text in ("echo", "printf") and len(words) > 1:
                self.files[command.target] = words[-1]
        return Command(self.line_at(self.at))

    def redirect(self, command: Command, char: str) -> None:
        self.at += 1
        while self.text[self.at : self.at + 1] in (">", "&", "|"):
            self.at += 1
        while self.text[self.at : self.at + 1] in (" ", "\t"):
            self.at += 1
        if self.at < len(self.text) and self.text[self.at] not in "\n;|&()<>":
            target = self.word("")
            if char == ">":
                command.target = target.text

    def here_documents(self) -> None:
        """Read the here documents of the line before."""
        for command, mark, is_indented, is_literal in self.waiting:
            places = self.rows.get(mark, [])
            place = bisect.bisect_left(places, (self.at, 0))
            if place == len(places):
                break
            start, end = places[place]
            content = self.text[self.at : start]
            if is_indented:
                content = "\n".join(row.lstrip("\t") for row in content.split("\n"))
            command.document = Word(content) if is_literal else self.expanded(content)
            self.at = end
            for target in targets(command):
                self.files[target] = command.document
        self.waiting.clear()

    def expanded(self, content: str) -> Word:
        inner = _Scan(content, self.variables, True)
        inner.repeated, inner.files, inner.depth = self.repeated, self.files, self.depth + 1
        inner.resolved = self.resolved
        return Word(*inner.inside(_BARE, "")) if self.depth <= _DEPTH else Word("", "$")

    def word(self, end: str) -> Word:
        text, pieces, unknown = self.text, list[str](), ""
        start = self.at
        while self.at < len(text):
            char = text[self.at]
            if char == "<" and (filled_in := FILLED_IN.match(text, self.at)):
                pieces.append(filled_in[0])
                unknown = unknown or filled_in[0]
                self.at = filled_in.end()
                continue
            if char.isspace() or char in ";|&<>()" or (end and char == end):
                break
            if char == "\\":
                if text.startswith("\r\n", self.at + 1):
                    self.at += 3
                    continue
                following = text[self.at + 1 : self.at + 2]
                self.at += 2
                pieces.append("" if following == "\n" else following)
            elif char == "'":
                stop = self.closing("'", self.at + 1, self.at)
                pieces.append(text[self.at + 1 : stop])
                self.at = stop + 1
            elif char == '"':
                opened = self.at
                self.at += 1
                inner, missing = self.inside(_IN_QUOTES, '"')
                pieces.append(inner)
                unknown = unknown or missing
                if self.at > len(text):
                    raise ShellError(self.line_at(opened))
            elif char == "$" and text.startswith("$'", self.at):
                pieces.append(self.ansi())
            elif char in "$`":
                inner, missing = self.expansion()
                pieces.append(inner)
                unknown = unknown or missing
            else:
                found = _PLAIN.match(text, self.at)
                pieces.append(found[0] if found else char)
                self.at += len(pieces[-1])
        if self.at == start:
            self.at += 1
        joined = "".join(pieces)
        return Word(_PERCENT.sub(self.percent_value, joined) if self.percent else joined, unknown)

    def percent_value(self, found: re.Match[str]) -> str:
        """Return what `%NAME%` of the Windows prompt stands for, when the script has set it."""
        if found[1] not in self.percent:
            return found[0]
        self.resolved.setdefault(found[0], self.variables[found[1]])
        return self.variables[found[1]]

    def closing(self, quote: str, start: int, opened: int) -> int:
        try:
            return self.text.index(quote, start)
        except ValueError:
            raise ShellError(self.line_at(opened)) from None

    def inside(self, plain: re.Pattern[str], end: str) -> tuple[str, str]:
        """Read what is between double quotes, or in a here document when there is no closing sign."""
        text, pieces, unknown = self.text, list[str](), ""
        while True:
            if self.at >= len(text):
                self.at = len(text) + 1
                break
            char = text[self.at]
            if end and char == end:
                self.at += 1
                break
            if found := plain.match(text, self.at):
                pieces.append(found[0])
                self.at = found.end()
            elif char == "\\":
                following = text[self.at + 1 : self.at + 2]
                self.at += 2
                if following != "\n":
                    pieces.append(following if following and following in '"\\$`' else "\\" + following)
            elif char in "$`":
                inner, missing = self.expansion()
                pieces.append(inner)
                unknown = unknown or missing
            else:
                pieces.append(char)
                self.at += 1
        return "".join(pieces), unknown

    def ansi(self) -> str:
        text, opened = self.text, self.at
        at = opened + 2
        pieces = []
        while True:
            quote = self.closing("'", at, opened)
            slash = text.find("\\", at, quote)
            if slash < 0:
                pieces.append(text[at:quote])
                self.at = quote + 1
                return "".join(pieces)
            pieces.append(text[at:slash])
            piece, at = ansi_escape(text, slash + 1)
            pieces.append(piece)

    def expansion(self) -> tuple[str, str]:
        """Read `$NAME`, `${NAME:-default}`, `$(…)`, `$((…))` or a backquoted command: its text, and what is unknown."""
        text, start = self.text, self.at
        self.at += 1
        value: str | None = None
        if text[start] == "`" or (text.startswith("(", self.at) and not text.startswith("((", self.at)):
            self.at += text[start] == "$"
            value = self.substituted("`" if text[start] == "`" else ")")
        elif found := _ARITHMETIC.match(text, self.at):
            self.at = found.end()
            value = _sum_of_products(_NAME.sub(self.number, found[1].replace("$", "")))
        elif found := _EXPRESSION.match(text, self.at):
            self.at = found.end()
            value = self.variables.get(found[1].removeprefix("env.").removeprefix("vars."))
        elif found := _BRACED.match(text, self.at):
            self.at = found.end()
            value = self.variables.get(found[1], found["default"] if found[1] not in self.repeated else None)
        elif found := _NAME.match(text, self.at):
            self.at = found.end()
            if text.startswith(":", self.at) and found[0] == "env" and (name := _NAME.match(text, self.at + 1)):
                self.at = name.end()  # PowerShell's $env:NAME
            value = self.variables.get(found[0])
        elif text.startswith("{", self.at):
            stop = text.find("}", self.at, self.at + 200)
            self.at = self.at + 1 if stop < 0 else stop + 1
        elif self.at < len(text) and text[self.at] in "@*#?$!0123456789":
            self.at += 1
        elif text.startswith("((", self.at):
            stop = text.find("))", self.at, self.at + 200)
            self.at = self.at + 2 if stop < 0 else stop + 2
        else:
            value = "$"
        if value is None:
            shown = text[start : min(self.at, start + 60)]
            return shown, shown
        if value != "$":
            self.resolved.setdefault(text[start : min(self.at, start + 60)], value)
        return value, ""

    def number(self, found: re.Match[str]) -> str:
        """Return what a name stands for in `$((…))`; itself, which is no number, when that is unknown."""
        return self.variables.get(found[0], found[0])

    def substituted(self, end: str) -> str | None:
        """Return what a command in a command prints, when that is a here document or a file of this script."""
        self.depth += 1
        if self.depth > _DEPTH:
            self.at = len(self.text)
            return None
        before, self.lines = self.lines, False
        own = self.commands(end)
        self.lines = before
        self.depth -= 1
        if len(own) != 1 or own[0].words[0].text != "cat":
            return None
        printed = own[0].document or (self.files.get(own[0].words[1].text) if len(own[0].words) == 2 else None)
        return printed.text if printed and not printed.unknown else None


def _sum_of_products(text: str) -> str | None:
    """Return the value of a sum of products of whole numbers, as `60 * 60 * 24`; None for anything else."""
    total = 0
    for term in text.split("+"):
        factors = [factor.strip() for factor in term.split("*")]
        if not all(factor.isdigit() and len(factor) < 10 for factor in factors):
            return None
        product = 1
        for factor in factors[:10]:
            product *= int(factor)
        total += product
    return str(total)
