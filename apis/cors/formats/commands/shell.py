"""The words of a shell command, as bash reads them: quotes, `$'…'`, backslashes and continued lines, nothing run."""

from __future__ import annotations

import re

_ENDS = frozenset(";|&<>")
_ANSI = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "v": "\v"}
_CODES = {kind: re.compile(f"[0-9A-Fa-f]{{1,{digits}}}") for kind, digits in (("u", 4), ("U", 8), ("x", 2))}
_OCTAL = re.compile("[0-7]{1,3}")
_PLAIN = re.compile(r"[^\s'\"\\$;|&<>]+")
FILLED_IN = re.compile(r"<[A-Za-z][\w.:-]{0,80}>")
"""What a reader of instructions is to replace; a shell would take it for two redirections."""
_TICKED = re.compile(r"(?<=\s)`[ \t]*\r?\n")
# The prompt's own quote is the first of the text: a caret before a later one may belong to a value.
_CARETED_QUOTE = re.compile(r"""[^'"]*(?<=\^)\"""")
_CARET = re.compile(r"\^(\r?\n|.)?", re.DOTALL)


class ShellError(ValueError):
    """A command in which a quote is not closed; `line` is the line on which it opens, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__("a quote is opened here and not closed")
        self.line = line


def words(text: str, lines: bool = False) -> tuple[list[str], str]:
    """Return the words of the first command of a text, and the text after it.

    A command ends at its line's end, unless that is escaped or quoted, or at one of `; | & < >`. With `lines` a
    line's end is only a blank, so that the whole text is one command. `$NAME` stays as it is written.
    """
    scan = _Scan(text, lines)
    scan.run()
    return scan.found, text[scan.at :]


def unescaped(text: str) -> str:
    """Return a command of the Windows prompt or of PowerShell without their escapes and line continuations."""
    if "^\n" in text or "^\r\n" in text or _CARETED_QUOTE.match(text):
        text = _without_carets(text)
    return _TICKED.sub(" ", text)


def _without_carets(text: str) -> str:
    return _CARET.sub(lambda found: " " if (found[1] or "")[-1:] == "\n" else found[1] or "", text)


class _Scan:
    def __init__(self, text: str, lines: bool) -> None:
        self.text, self.lines = text, lines
        self.at = 0
        self.found: list[str] = []
        self.word: list[str] | None = None

    def run(self) -> None:
        text, end = self.text, len(self.text)
        while self.at < end:
            char = text[self.at]
            if char.isspace():
                self._close()
                if char == "\n" and self.found and not self.lines:
                    break
                self.at += 1
            elif char == "#" and self.word is None:
                line_end = text.find("\n", self.at)
                self.at = end if line_end < 0 else line_end
            elif char == "<" and (filled_in := FILLED_IN.match(text, self.at)):
                self._add(filled_in[0])
                self.at = filled_in.end()
            elif char in _ENDS:
                if char in "<>" and self.word is not None and "".join(self.word).isdigit():
                    self.word = None  # the descriptor of a redirection, as in `2>&1`
                break
            else:
                self._part(char)
        self._close()

    def _close(self) -> None:
        if self.word is not None:
            self.found.append("".join(self.word))
            self.word = None

    def _part(self, char: str) -> None:
        """Return one piece of a word: plain text, an escaped character, or a quoted text."""
        text, at = self.text, self.at
        following = text[at + 1 : at + 2]
        if char == "\\":
            if text.startswith("\r\n", at + 1):
                self.at += 3
                return
            self.at += 2
            if following != "\n":
                self._add(following)
        elif char == "'":
            end = self._closing("'", at + 1, at)
            self._add(text[at + 1 : end])
            self.at = end + 1
        elif char == '"':
            self._read_double_quoted()
        elif char == "$" and following == "'":
            self._ansi()
        elif char == "$":
            self._add("$")
            self.at += 1
        else:
            plain = _PLAIN.match(text, at)
            piece = plain[0] if plain else char
            self._add(piece)
            self.at += len(piece)

    def _add(self, piece: str) -> None:
        if self.word is None:
            self.word = []
        self.word.append(piece)

    def _closing(self, quote: str, start: int, opened: int) -> int:
        try:
            return self.text.index(quote, start)
        except ValueError:
            raise ShellError(self.text.count("\n", 0, opened) + 1) from None

    def _read_double_quoted(self) -> None:
        text, start = self.text, self.at + 1
        self._add("")
        at = start
        while True:
            quote = self._closing('"', at, start)
            slash = text.find("\\", at, quote)
            if slash < 0:
                self._add(text[at:quote])
                self.at = quote + 1
                return
            escaped = text[slash + 1 : slash + 2]
            self._add(text[at:slash])
            if escaped != "\n":
                self._add(escaped if escaped and escaped in '"\\$`' else "\\" + escaped)
            at = slash + 2

    def _ansi(self) -> None:
        text, opened = self.text, self.at
        at = opened + 2
        self._add("")
        while True:
            quote = self._closing("'", at, opened)
            slash = text.find("\\", at, quote)
            if slash < 0:
                self._add(text[at:quote])
                self.at = quote + 1
                return
            self._add(text[at:slash])
            piece, at = ansi_escape(text, slash + 1)
            self._add(piece)


def ansi_escape(text: str, at: int) -> tuple[str, int]:
    """Return what a backslash in `$'…'` stands for, and where the text goes on; `at` is behind the backslash."""
    kind = text[at : at + 1]
    if kind in _CODES:
        found = _CODES[kind].match(text, at + 1)
        code = int(found[0], 16) if found else 0x110000
        if found and code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code), found.end()
        return "\\" + kind, at + 1
    octal = _OCTAL.match(text, at)
    if octal:
        return chr(int(octal[0], 8) & 0xFF), octal.end()
    return _ANSI.get(kind, kind if kind in "\\'\"?" else "\\" + kind), at + 1
