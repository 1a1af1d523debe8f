"""Literal values in JavaScript and TypeScript: objects, lists, texts, numbers, and constants of the same file.

One pass makes tokens of a text; nothing is run, and what is no literal becomes Unresolved.
"""

from __future__ import annotations

import re
from typing import Any

from apis.cors.formats.code.javascript_tokens import Token, tokens_of, unescape
from apis.cors.formats.format import FormatError
from apis.cors.formats.found import Notes
from apis.cors.formats.values import Object, Unresolved

_PUT_IN = re.compile(r"\\.|\$\{\s*([A-Za-z_$][\w$]*)\s*\}", re.DOTALL)
_PAIRS = {")": "(", "]": "[", "}": "{"}
_WORDS = {"true": True, "false": False, "null": None, "undefined": None}
_GOING_ON = frozenset({"as", "satisfies", "in", "instanceof"})
"""Words with which an expression goes on."""
_BEFORE_OTHERS = frozenset({".", "?.", "const", "let", "var"})
"""Before a name: it is a member's, or it is set here."""
_BEFORE_CONDITIONS = frozenset({"if", "while", "for", "switch", "with", "catch"})
_OF_LOOPS = frozenset({"of", "in"})
_CHANGING = frozenset({"push", "unshift", "splice", "pop", "shift", "fill", "copyWithin"})
_MOST_STEPS = 200_000
_DEPTH = 40


class Code:
    """The tokens of a text, with the closing bracket of each opening one and the place of each constant.

    `changed` has the members that change later, by the place of the constant's value.
    """

    def __init__(self, text: str, notes: Notes | None = None) -> None:
        self.tokens = tokens_of(text)
        self.match: dict[int, int] = {}
        self.constants: dict[str, int] = {}
        self.changing: dict[str, int] = {}
        self.changed: dict[int, list[list[str]]] = {}
        self.notes = notes if notes is not None else []
        self.open: set[str] = set()
        self.steps = self.depth = 0
        self.around: list[int] = []
        self.scopes: dict[str, int] = {}
        stack: list[int] = []
        for place, token in enumerate(self.tokens):
            self.around.append(stack[-1] if stack else -1)
            if token.kind != "sign":
                continue
            if token.text in "([{":
                stack.append(place)
            elif token.text in _PAIRS:
                while stack and self.tokens[stack[-1]].text != _PAIRS[token.text]:
                    stack.pop()
                if stack:
                    self.match[stack.pop()] = place
        for place, token in enumerate(self.tokens):
            if token.kind == "name" and token.text in ("const", "let", "var"):
                self._constant(place + 1)
        self._forget_changed()

    def matches(self, place: int, *texts: str) -> bool:
        """Return whether the tokens from a place on say these texts."""
        return all(
            place + at < len(self.tokens)
            and self.tokens[place + at].text == text
            and self.tokens[place + at].kind in ("name", "sign")
            for at, text in enumerate(texts)
        )

    def _constant(self, place: int) -> None:
        """Note where the value of a constant begins: behind its name, its type and the sign `=`."""
        if place >= len(self.tokens) or self.tokens[place].kind != "name":
            return
        name, at = self.tokens[place].text, place + 1
        while at < min(len(self.tokens), place + 60) and not self.matches(at, "="):
            if (
                self.matches(at, ";")
                or self.matches(at, ")")
                or (at == place + 1 and self.tokens[at].text in _OF_LOOPS)
            ):
                return
            at = self.match.get(at, at) + 1
        if self.matches(at, "="):
            self.constants[name] = -1 if name in self.constants else at + 1
            self.scopes[name] = self.around[place]

    def _is_seen(self, name: str, place: int) -> bool:
        """Return whether a place is in the block that has a constant."""
        start = self.scopes.get(name, -1)
        return start < 0 or start <= place <= self.match.get(start, len(self.tokens))

    def _is_parameter(self, place: int) -> bool:
        """Return whether a name is that of a function's parameter, also of one in braces."""
        if self.matches(place + 1, "=>"):
            return True
        start = self.around[place]
        if self.matches(start, "{") and self.around[start] >= 0:
            start = self.around[start]
        if start < 1 or not self.matches(start, "(") or self.tokens[place - 1].text not in ("(", ",", "{"):
            return False
        after = self.match.get(start, -2) + 1
        if self.matches(after, ":"):
            return self.matches(place + 1, ":") or self.matches(start - 2, "function")
        is_body = self.matches(after, "{") and self.tokens[start - 1].text not in _BEFORE_CONDITIONS
        return is_body or self.matches(after, "=>")

    def _forget_changed(self) -> None:
        """Forget the constants that change after they are set: that are set again, or whose lists or objects change."""
        for place, token in enumerate(self.tokens):
            if token.kind != "name" or token.text not in self.constants:
                continue
            if place and self.tokens[place - 1].text in _BEFORE_OTHERS:
                continue
            if self._is_parameter(place):
                self.constants[token.text] = -1
                continue
            at, path = place + 1, list[str]()
            while True:
                if self.matches(at, "[") and at in self.match:
                    path, at = [*path[:_DEPTH], "["], self.match[at] + 1
                elif self.matches(at, ".") and at + 1 < len(self.tokens):
                    path, at = [*path[:_DEPTH], self.tokens[at + 1].text], at + 2
                else:
                    break
            is_set = self.matches(at, "=") and not self.matches(at, "=", "=")
            is_raised = self.matches(at, "+", "=") or self.matches(at, "??", "=") or self.matches(at, "||", "=")
            is_given = place > 1 and self.matches(place - 2, "assign", "(")
            if is_set or is_raised or is_given or (path[-1:] and path[-1] in _CHANGING and self.matches(at, "(")):
                value = self.changing.setdefault(token.text, self.constants[token.text])
                self.changed.setdefault(value, []).append(path)
                self.constants[token.text] = -1

    def value(self, place: int) -> tuple[Any, int]:
        """Return the value of the expression at a place, and the place behind it."""
        self.steps += 1
        self.depth += 1
        if self.steps > _MOST_STEPS or self.depth > _DEPTH:
            raise FormatError("This is nested too deeply. Paste only the part about the API.", line=self.line(place))
        value, at = self._sum(place)
        self.depth -= 1
        return self._rest(value, place, at)

    def line(self, place: int) -> int | None:
        """Return the line of a token."""
        return self.tokens[place].line if place < len(self.tokens) else None

    def _rest(self, value: Any, start: int, at: int) -> tuple[Any, int]:
        """Read what follows a value: a type, a default; anything else makes it Unresolved."""
        while not self._is_end(at):
            if self.matches(at, "as") or self.matches(at, "satisfies"):
                at += 1
                while not self._is_end(at) and not self.matches(at, "??") and not self.matches(at, "||"):
                    at = self.match.get(at, at) + 1
            elif (self.matches(at, "??") or self.matches(at, "||")) and (
                (isinstance(value, Unresolved) and self.tokens[start].text not in self.constants) or value is None
            ):
                other, at = self._sum(at + 1)
                if isinstance(other, str | int):
                    self.notes.append(f"“{_text(value)[:80]}” may be set outside; its default {other!r:.200} counts.")
                value = other
            elif self.matches(at, "!"):
                at += 1
            else:
                line, shown = self.line(start), self._shown(start)
                return Unresolved(shown, line), self._skip(at)
        return value, at

    def _is_end(self, at: int) -> bool:
        if at >= len(self.tokens):
            return True
        token = self.tokens[at]
        if token.kind == "name":  # without a semicolon, the next line's word begins a statement
            return token.line > self.tokens[at - 1].line and token.text not in _GOING_ON
        return token.kind == "sign" and token.text in ",;)]}"

    def _skip(self, at: int) -> int:
        while not self._is_end(at):
            at = self.match.get(at, at) + 1
        return at

    def _shown(self, start: int) -> str:
        """Return an expression nearly as it is written, up to the end of its line or of the brackets around it."""
        shown, before, depth = "", "", 0
        for token in self.tokens[start : start + 24]:
            depth += (token.text in ("(", "[", "{")) - (token.text in (")", "]", "}")) if token.kind == "sign" else 0
            is_end = depth < 0 or (depth == 0 and token.text in (",", ";"))
            if (token.kind == "sign" and is_end) or token.line > self.tokens[start].line:
                break
            text = f"'{token.text}'" if token.kind == "text" else token.text
            is_close = text in (".", ",", ")", "]") or before in (".", "(", "[", "!")
            is_close = is_close or (text in ("(", "[") and before not in ("?", ":", "=", ",", "+", "&&", "||"))
            shown += text if is_close or not shown else f" {text}"
            before = text
        return shown[:80]

    def _sum(self, place: int) -> tuple[Any, int]:
        value, at = self._product(place)
        while self.matches(at, "+") or self.matches(at, "-"):
            sign = self.tokens[at].text
            other, at = self._product(at + 1)
            if _is_number(value) and _is_number(other):
                value = value + other if sign == "+" else value - other
            elif sign == "+" and isinstance(value, str) and isinstance(other, str) and len(value) < 10_000:
                value += other
            elif not isinstance(value, Unresolved):
                value = Unresolved(self._shown(place), self.line(place))
        return value, at

    def _product(self, place: int) -> tuple[Any, int]:
        value, at = self._single(place)
        while self.matches(at, "*") or self.matches(at, "/"):
            sign = self.tokens[at].text
            other, at = self._single(at + 1)
            is_known = _is_number(value) and _is_number(other) and abs(value) < 1e12 and abs(other) < 1e12
            if is_known and (sign == "*" or other):
                value = value * other if sign == "*" else value / other
                value = int(value) if float(value).is_integer() else value
            else:
                value = Unresolved(self._shown(place), self.line(place))
        return value, at

    def _single(self, place: int) -> tuple[Any, int]:
        if place >= len(self.tokens):
            return Unresolved("", None), place
        token = self.tokens[place]
        if token.kind == "text":
            return token.text, place + 1
        if token.kind == "template":
            return self._template(token, place), place + 1
        if token.kind == "number":
            return _number(token.text), place + 1
        if token.kind == "name":
            return self._name(place)
        end = self.match.get(place)
        if token.text == "[" and end is not None:
            return self._list(place + 1, end), end + 1
        if token.text == "{" and end is not None:
            return self.object(place), end + 1
        if token.text == "(" and end is not None:
            value, at = self.value(place + 1)
            return (value if at == end else Unresolved(self._shown(place), token.line)), end + 1
        if token.text == "-" and not self.matches(place + 1, "-"):
            value, at = self._single(place + 1)
            return (-value if _is_number(value) else Unresolved(self._shown(place), token.line)), at
        return Unresolved(self._shown(place), token.line), place + 1

    def _template(self, token: Token, place: int) -> Any:
        """Return a text in backquotes with the constants in it put in."""

        def put_in(found: re.Match[str]) -> str:
            if found[1] is None:
                return found[0]
            value = self._constant_value(found[1], token.line, place)
            if not isinstance(value, str | int) or isinstance(value, bool):
                raise LookupError
            return str(value)

        try:
            text = _PUT_IN.sub(put_in, token.text)
        except LookupError:
            return Unresolved(token.text[:80], token.line)
        is_known = "${" not in re.sub(r"\\.", "", text) and len(text) <= 20_000
        return unescape(text) if is_known else Unresolved(token.text[:80], token.line)

    def _name(self, place: int) -> tuple[Any, int]:
        token = self.tokens[place]
        if token.text in _WORDS:
            return _WORDS[token.text], place + 1
        at, path = place + 1, [token.text]
        while (self.matches(at, ".") or self.matches(at, "?.")) and at + 1 < len(self.tokens):
            path.append(self.tokens[at + 1].text)
            at += 2
        if self.matches(at, "(") or self.matches(at, "=>") or self.matches(at, "["):
            return Unresolved(".".join(path[:20])[:80], token.line), self._after_call(at)
        shown = ".".join(path[:20])[:80]
        value = self._constant_value(token.text, token.line, place)
        for key in path[1:]:
            if not isinstance(value, dict) or key not in value:
                return Unresolved(shown, token.line), at
            value = value[key]
        if isinstance(value, Unresolved):
            return Unresolved(shown, token.line), at
        self.notes.append(f"{shown} is {_text(value)[:200]}.")
        return value, at

    def _after_call(self, at: int) -> int:
        """Return the place behind calls, indexes and an arrow function's body."""
        while at in self.match or self.matches(at, ".") or self.matches(at, "=>") or self.matches(at, "?."):
            at = self.match[at] + 1 if at in self.match else at + 1 + (not self.matches(at, "=>"))
        return at

    def _constant_value(self, name: str, line: int | None, used: int) -> Any:
        place = self.constants.get(name, -1)
        if place < 0 or name in self.open or not self._is_seen(name, used):
            return Unresolved(name[:80], line)
        self.open.add(name)
        value, _ = self.value(place)
        self.open.discard(name)
        return value

    def _list(self, at: int, end: int) -> list[Any]:
        found: list[Any] = []
        while at < end:
            if self.matches(at, ","):
                at += 1
                continue
            before = at
            if self.matches(at, "..."):
                value, at = self.value(at + 1)
                found += value if isinstance(value, list) else [value]
            else:
                value, at = self.value(at)
                found.append(value)
            if at < end and not self.matches(at, ","):
                at = max(self._skip(at), before + 1)
        return found

    def object(self, place: int) -> Object:
        """Return the object whose opening brace is at a place; methods are left out."""
        found, at, end = Object(), place + 1, self.match[place]
        own: set[str] = set()
        found.in_braces = True
        while at < end:
            token = self.tokens[at]
            if self.matches(at, ","):
                at += 1
            elif self.matches(at, "..."):
                value, at = self.value(at + 1)
                if isinstance(value, dict):
                    found.update(value)
                else:
                    found["..."] = value
            elif token.kind in ("name", "text", "number") and self.matches(at + 1, ":"):
                if token.text in own:
                    found.twice[token.text] = token.line
                own.add(token.text)
                value, at = self.value(at + 2)
                found[token.text] = value
                found.lines[token.text] = token.line
            elif token.kind == "name" and (self.matches(at + 1, ",") or at + 1 == end):
                found[token.text], at = self._name(at)
                found.lines[token.text] = token.line
            else:  # a method, or a computed key
                at = max(self._skip(at), at + 1)
        return found


def read_object(text: str) -> Object | None:
    """Return the object that a text is, or the members of one without its braces; None when it is neither."""
    start = text.strip().rstrip(";,").rstrip()
    code = Code(start if start.startswith("{") else "{" + start + "\n}")
    if not code.tokens or code.match.get(0) != len(code.tokens) - 1:
        return None
    found = code.object(0)
    return found or None


def _number(text: str) -> int | float:
    plain = text.replace("_", "")[:40]
    if plain[:2].lower() == "0x":
        return int(plain[:18], 16)
    value = float(plain) if not plain.isdigit() else int(plain)
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 1e15 else value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: Any) -> str:
    if isinstance(value, Unresolved):
        return value.text
    if isinstance(value, list):
        return ", ".join(_text(entry) for entry in value[:20])
    return "an object" if isinstance(value, dict) else str(value)
