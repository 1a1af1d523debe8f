"""A command of a shell script: its words, the variables that it sets and the files that it writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z_]\w*")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
_DEPTH = 16
_APPENDED = re.compile(r"([A-Za-z_]\w*)\+=")
_DECLARING = frozenset({"export", "local", "readonly", "declare", "typeset", "-x", "-r", "-g"})
_BEFORE_COMMANDS = frozenset({"if", "then", "elif", "else", "while", "until", "do", "{", "!", "time"})
"""The shell's own words that a command may follow."""


@dataclass(slots=True)
class Word:
    """A word of a command: its text, and the first part that only the shell knows, as written ("" for none)."""

    text: str = ""
    unknown: str = ""


@dataclass(slots=True)
class Command:
    """A command: its words, the file that it writes to, and its here document."""

    line: int
    words: list[Word] = field(default_factory=list)
    target: str = ""
    document: Word | None = None


def _own_words(command: Command) -> list[Word]:
    """Return the words of a command without those of the shell before them, as in `then NAME=value`."""
    own = next((at for at, word in enumerate(command.words) if word.text not in _BEFORE_COMMANDS), 0)
    return command.words[own:]


def branches(commands: Sequence[Command]) -> list[dict[int, int]]:
    """Return for each command the branch in which it is of each `if` or `case` around it, by the number of that."""
    found: list[dict[int, int]] = []
    open_ones: list[int] = []
    branch: dict[int, int] = {}
    in_case: set[int] = set()
    for number, command in enumerate(commands):
        leading = [word.text for word in command.words if word.text not in ("}", "then", "do", "{")][:1]
        first = leading[0].lower() if leading else ""
        if first in ("if", "case"):
            open_ones.append(number)
            branch[number] = 0
            if first == "case":
                in_case.add(number)
        elif first in ("else", "elif", "elseif") and open_ones:
            branch[open_ones[-1]] += 1
        elif first in ("fi", "esac") and open_ones:
            open_ones.pop()
        elif open_ones and open_ones[-1] in in_case:
            branch[open_ones[-1]] += 1  # where one pattern's commands end is not kept, so each is on its own
        found.append({one: branch[one] for one in open_ones[-_DEPTH:]})
    return found


def given_elsewhere(command: Command) -> list[str]:
    """Return the variables that get their values from a loop's list, from the input or by appending, each twice as it
    is unknown.
    """
    first, *rest = [word.text for word in _own_words(command)] or [""]
    appended = [found[1] for text in (first, *rest) if (found := _APPENDED.match(text))]
    if appended:
        return appended * 2
    if first in ("for", "select"):
        return rest[:1] * 2
    return rest * 2 if first == "read" else []


def assignments(command: Command) -> list[tuple[str, Word]]:
    """Return the variables that a command sets, when setting them is all that it does.

    Also as the Windows prompt (`set NAME=value`) and PowerShell (`$name = "value"`) set them.
    """
    found = []
    words = _own_words(command)
    if len(words) == 3 and words[0].unknown == words[0].text and words[1].text == "=":
        name = _NAME.fullmatch(words[0].text[1:])
        return [(name[0], words[2])] if name else []
    if words and words[0].text.lower() == "set":
        words = words[1:2]
    for word in words:
        if word.text in _DECLARING:
            continue
        assigned = _ASSIGNMENT.fullmatch(word.text)
        if not assigned:
            return []
        found.append((assigned[1], Word(assigned[2], word.unknown)))
    return found


def targets(command: Command) -> list[str]:
    """Return the files that a command writes its here document to: those of `tee`, or the redirection of `cat`."""
    texts = [word.text for word in command.words]
    if "tee" in texts[:2]:  # also behind sudo
        return [text for text in texts[texts.index("tee") + 1 :] if not text.startswith("-")]
    return [command.target] if texts[:1] == ["cat"] and command.target else []
