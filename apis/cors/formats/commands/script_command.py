"""A command of a shell script: its words, the variables that it sets and the files that it writes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_NAME = re.compile(r"[A-Za-z_]\w*")
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)=(.*)", re.DOTALL)
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


def given_elsewhere(command: Command) -> list[str]:
    """Return the variables whose values come from a loop's list or from the input, each twice as they are unknown."""
    first, *rest = [word.text for word in _own_words(command)] or [""]
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
