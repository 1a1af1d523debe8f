"""Terraform's language (HCL), read into blocks, attributes and expressions in one pass over the text.

Our own parser, because python-hcl2 took up to 6 seconds for 64 KB and a second to import, and refuses a blank after
the end of a heredoc, which Terraform takes. The tests compare the two.
"""

from __future__ import annotations

import re
from typing import Any

from apis.cors.formats.format import FormatError
from apis.cors.formats.terraform.hcl_scanner import Scanner
from apis.cors.formats.terraform.hcl_syntax import Block, Body, Node

_NAME = re.compile(r"[^\W\d][\w-]*")
_FUNCTION = re.compile(r"[^\W\d][\w-]*(?:::[^\W\d][\w-]*)*\(")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_HEREDOC = re.compile(r"<<(-?)([^\W\d][\w-]*)[ \t]*\r?\n")
_TEXT = re.compile(r'[^"\\$%\n]+')
_BARE_TEXT = re.compile(r"[^$%]+")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_SHORT = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_OPERATORS = (("||",), ("&&",), ("==", "!="), (">=", "<=", ">", "<"), ("+", "-"), ("*", "/", "%"))
_OF_EACH = re.compile(r"\.([^\W\d][\w-]*)")
_INDEX_OF_EACH = re.compile(r"\[(?![ \t\r\n]*\*)")
_INDEX = re.compile(r"\.(?=[0-9*]|[^\W\d])|\[")


def read_hcl(text: str) -> Body:
    """Return the blocks and attributes of a Terraform text. Raises FormatError with the line of what is wrong."""
    return _Parser(text).whole()


def read_template(text: str, line: int = 1) -> Node:
    """Return the expression that a text with `${…}` is, as in Terraform's JSON and in heredocs."""
    return _Parser(text, line).bare_template()


class _Parser(Scanner):
    def whole(self) -> Body:
        body = self.body()
        if self.at < len(self.text):
            raise self.wrong()
        return body

    # Blocks and attributes.

    def body(self) -> Body:
        found = Body()
        while True:
            self.skip(lines=True)
            if self.at >= len(self.text) or self.text[self.at] == "}":
                return found
            if self.text[self.at] == ",":
                self.at += 1
                continue
            line = self.line()
            name = self.label()
            self.skip()
            if self.text[self.at : self.at + 1] in ("=", ":") and self.text[self.at + 1 : self.at + 2] != "=":
                self.at += 1
                if name in found.attributes:
                    found.twice[name] = line
                found.attributes[name] = self.within(False, self.expression)
                found.lines[name] = line
                self.end_of_line()
            else:
                found.blocks.append(self.block(name, line))

    def end_of_line(self) -> None:
        self.skip(lines=False)
        if self.at < len(self.text) and self.text[self.at] not in "\n},":
            raise self.wrong()

    def label(self) -> str:
        if self.text.startswith('"', self.at):
            node = self.string()
            value = node.parts[0] if node.kind == "value" else "${…}"
            return str(value)
        found = self.match(_NAME)
        if not found:
            raise self.wrong()
        return found[0]

    def block(self, kind: str, line: int) -> Block:
        labels = []
        while not self.take("{"):
            self.skip()
            labels.append(self.label())
        body = self.deeper(self.body)
        if self.at >= len(self.text):
            raise self.wrong()
        self.at += 1
        return Block(kind, tuple(labels), body, line)

    # Expressions.

    def expression(self) -> Node:
        start = self.start()
        node = self.deeper(lambda: self.binary(0))
        if not self.take("?"):
            return node
        yes = self.deeper(self.expression)
        self.expect(":")
        no = self.deeper(self.expression)
        return self.node("if", (node, yes, no), start)

    def start(self) -> int:
        self.skip()
        return self.at

    def node(self, kind: str, parts: tuple[Any, ...], start: int) -> Node:
        text = self.text[start : min(self.at, start + 80)]
        return Node(kind, parts, self.line(start), " ".join(text.split()))

    def binary(self, level: int) -> Node:
        if level == len(_OPERATORS):
            return self.unary()
        start = self.start()
        parts: list[Any] = [self.binary(level + 1)]
        while operator := self.operator(_OPERATORS[level]):
            parts += [operator, self.binary(level + 1)]
        return parts[0] if len(parts) == 1 else self.node("binary", tuple(parts), start)

    def operator(self, signs: tuple[str, ...]) -> str:
        self.skip()
        if self.text.startswith(("//", "/*"), self.at):
            return ""
        return next((sign for sign in signs if self.text.startswith(sign, self.at) and self.take(sign)), "")

    def unary(self) -> Node:
        start = self.start()
        for sign, kind in (("!", "not"), ("-", "minus")):
            if self.text.startswith(sign, start):
                self.at += 1
                return self.node(kind, (self.deeper(self.unary),), start)
        return self.postfix(self.primary(), start)

    def postfix(self, node: Node, start: int) -> Node:
        while True:
            if self.lines:
                self.skip()
            found = self.match(_INDEX)
            if not found:
                return node
            if found[0] == "[":
                if self.take("*"):
                    self.expect("]")
                    node = self.splat(node, start)
                    continue
                index = self.within(True, self.expression)
                self.within(True, lambda: self.expect("]"))
                node = self.node("index", (node, index), start)
            elif self.take("*"):
                node = self.splat(node, start)
            else:
                name = self.match(_NAME) or self.match(_NUMBER)
                node = self.node("get", (node, name[0] if name else ""), start)

    def splat(self, node: Node, start: int) -> Node:
        """Read the names and indexes behind `[*]`, or the names behind `.*`, which are taken of each entry."""
        keys: list[str | Node] = []
        is_full = self.text[self.at - 1] == "]"
        while True:
            if found := self.match(_OF_EACH):
                keys.append(found[1])
            elif is_full and (found := self.match(_INDEX_OF_EACH)):
                keys.append(self.within(True, self.expression))
                self.within(True, lambda: self.expect("]"))
            else:
                return self.node("splat", (node, tuple(keys)), start)

    def primary(self) -> Node:
        start, text = self.start(), self.text
        char = text[start : start + 1]
        if char == '"':
            return self.string()
        if char == "(":
            self.at += 1
            inner: Node = self.within(True, self.expression)
            self.within(True, lambda: self.expect(")"))
            return inner
        if char == "[":
            return self.bracket(start)
        if char == "{":
            return self.brace(start)
        if found := self.match(_HEREDOC):
            return self.heredoc(found, start)
        if found := self.match(_NUMBER):
            number = float(found[0])
            whole = int(found[0]) if found[0].isdigit() and len(found[0]) < 20 else number
            return self.node("value", (whole,), start)
        if found := self.match(_FUNCTION):
            arguments = self.within(True, lambda: self.listed(")"))
            return self.node("call", (found[0][:-1], arguments), start)
        if found := self.match(_NAME):
            words = {"true": True, "false": False, "null": None}
            if found[0] in words:
                return self.node("value", (words[found[0]],), start)
            return self.node("name", (found[0],), start)
        raise self.wrong()

    def listed(self, end: str) -> tuple[Node, ...]:
        found = []
        while not self.take(end):
            found.append(self.expression())
            if self.take("..."):
                found[-1] = Node("spread", (found[-1],), found[-1].line, found[-1].text)
            if not self.take(","):
                self.expect(end)
                break
        return tuple(found)

    def bracket(self, start: int) -> Node:
        self.at += 1
        loop = self.within(True, lambda: self.loop("]"))
        if loop:
            return self.node("for", loop, start)
        return self.node("list", self.within(True, lambda: self.listed("]")), start)

    def loop(self, end: str) -> tuple[Any, ...] | None:
        """Read `for x in list : value if condition` up to the bracket's end; None without it."""
        before = self.start()
        found = self.match(_NAME)
        if not found or found[0] != "for" or not self.text[self.at : self.at + 1].isspace():
            self.at = before
            return None
        names = [self.label_after_blank()]
        if self.take(","):
            names.append(self.label_after_blank())
        word = self.label_after_blank()
        if word != "in":
            raise self.wrong()
        source = self.expression()
        self.expect(":")
        parts = [self.expression()]
        if end == "}":
            self.expect("=>")
            parts.append(self.expression())
            self.take("...")
        condition = None
        self.skip()
        if self.text.startswith("if", self.at) and not self.text[self.at + 2 : self.at + 3].isalnum():
            self.at += 2
            condition = self.expression()
        self.expect(end)
        return (tuple(names), source, tuple(parts), condition)

    def label_after_blank(self) -> str:
        self.skip()
        return self.label()

    def brace(self, start: int) -> Node:
        self.at += 1
        loop = self.within(True, lambda: self.loop("}"))
        if loop:
            return self.node("for", loop, start)
        pairs = self.within(False, self.pairs)
        return self.node("object", pairs, start)

    def pairs(self) -> tuple[tuple[Node, Node], ...]:
        found: list[tuple[Node, Node]] = []
        while True:
            self.skip(lines=True)
            if self.text.startswith("}", self.at):
                self.at += 1
                return tuple(found)
            start = self.at
            if name := self.match(_NAME):
                key = self.node("value", (name[0],), start)
                self.skip()
                if self.text[self.at : self.at + 1] not in ("=", ":"):
                    self.at = start
                    key = self.expression()
            else:
                key = self.expression()
            self.skip(lines=True)
            if not self.take("=") and not self.take(":"):
                raise self.wrong()
            self.skip(lines=True)
            found.append((key, self.expression()))
            self.skip()
            if self.text[self.at : self.at + 1] not in ("", ",", "\n", "}"):
                raise self.wrong()
            self.take(",")

    # Texts.

    def heredoc(self, found: re.Match[str], start: int) -> Node:
        end = re.compile(rf"^[ \t]*{re.escape(found[2])}[ \t]*\r?$", re.MULTILINE).search(self.text, self.at)
        if not end:
            raise self.wrong(start)
        content = self.text[self.at : end.start()]
        line = self.line(self.at)
        self.at = end.end()
        if found[1]:
            rows = content.splitlines(keepends=True)
            margin = min((len(row) - len(row.lstrip(" \t")) for row in rows if row.strip()), default=0)
            content = "".join(row[margin:] if row.strip() else row.lstrip(" \t") for row in rows)
        return Node("heredoc", (content,), line, "<<" + found[2])

    def string(self) -> Node:
        start = self.at
        self.at += 1
        parts = self.pieces(_TEXT, '"')
        return self.made_of(parts, start)

    def bare_template(self) -> Node:
        return self.made_of(self.pieces(_BARE_TEXT, ""), 0)

    def made_of(self, parts: list[Any], start: int) -> Node:
        if all(isinstance(part, str) for part in parts):
            return self.node("value", ("".join(parts),), start)
        return self.node("template", tuple(parts), start)

    def pieces(self, plain: re.Pattern[str], end: str) -> list[Any]:
        found: list[Any] = []
        text = self.text
        while True:
            if self.at >= len(text):
                if end:
                    raise self.wrong()
                return found
            char = text[self.at]
            if end and char == end:
                self.at += 1
                return found
            if piece := self.match(plain):
                found.append(piece[0])
            elif end and char == "\\":
                found.append(self.escape())
            elif char in "$%":
                found.append(self.dollar(char))
            else:
                raise self.wrong()

    def dollar(self, char: str) -> Any:
        text, start = self.text, self.at
        if text.startswith(char * 2 + "{", start):
            self.at += 3
            return char + "{"
        if not text.startswith(char + "{", start):
            self.at += 1
            return char
        self.at += 2
        if char == "%":
            end = text.find("}", self.at)
            self.at = len(text) if end < 0 else end + 1
            return self.node("directive", (), start)
        self.take("~")
        inner = self.within(True, self.expression)
        self.within(True, lambda: self.take("~"))
        self.within(True, lambda: self.expect("}"))
        return inner

    def escape(self) -> str:
        found = self.match(_ESCAPE)
        if not found:
            raise self.wrong()
        if found[3]:
            if found[3] not in _SHORT:
                raise FormatError(f"“{found[0]}” is no escape that Terraform knows.", line=self.line())
            return _SHORT[found[3]]
        code = int(found[1] or found[2], 16)
        if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF:
            raise FormatError(f"“{found[0]}” is no character.", line=self.line())
        return chr(code)
