"""Names that a script gives to texts, objects and clients, so that calls which use them can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from apis.cors.paste.code.script import Token, Tokens, inside, literal, members, split, tokens

MOST_TOKENS = 60_000
_DEPTH = 4
_SHORT = 40
"""The most tokens of a header's value."""
_FILLED = re.compile(r"\$\{([A-Za-z_$][\w$.]{0,100})\}")
_CLOSING = {"(": ")", "[": "]", "{": "}"}


@dataclass(slots=True)
class Script:
    """A script's tokens, and what its names stand for: `values` by name, `added` the headers appended to a name."""

    tokens: Tokens
    values: dict[str, Tokens] = field(default_factory=dict)
    added: dict[str, list[tuple[str, str]]] = field(default_factory=dict)

    def resolve(self, given: Tokens, depth: int = 0) -> Tokens:
        """Return an expression with a name in place of what it stands for."""
        if depth < _DEPTH and len(given) == 1 and given[0].kind == "word":
            bound = self.values.get(given[0].value)
            if bound is not None:
                return self.resolve(bound, depth + 1)
        return given

    def text(self, given: Tokens, depth: int = 0) -> str | None:
        """Return the text of an expression, with names filled in that stand for texts."""
        resolved = self.resolve(given)
        if any(token.kind == "word" for token in resolved) and len(resolved) > 1:
            resolved = [self._joined(token, depth) for token in resolved]
        found = literal(resolved)
        return None if found is None else _FILLED.sub(lambda name: self._filled(name, depth), found)

    def _joined(self, token: Token, depth: int) -> Token:
        if token.kind != "word" or depth >= _DEPTH or token.value not in self.values:
            return token
        found = self.text(self.values[token.value], depth + 1)
        return Token("text", found) if found is not None else token

    def _filled(self, name: re.Match[str], depth: int) -> str:
        bound = self.values.get(name[1])
        found = self.text(bound, depth + 1) if bound is not None and depth < _DEPTH else None
        return found if found is not None else name[0]

    def options(self, given: Tokens) -> dict[str, Tokens]:
        """Return the members of an object, whether it is written out or has a name."""
        found: dict[str, Tokens] = {}
        for name, value in members(self.resolve(given)) or ():
            if name == "...":
                found |= self._spread(value)
            else:
                found[name] = value
        return found

    def _spread(self, value: Tokens) -> dict[str, Tokens]:
        name = [token for token in value if token.value != "."]
        return self.options(name) if len(name) == 1 and name[0].value in self.values else {}

    def unresolved(self, stated: list[tuple[str, Tokens]]) -> bool:
        """Return whether an object has members that are not to be seen."""
        return any(name == "..." and not self._spread(value) for name, value in stated)


def read_script(source: str) -> Script:
    """Return the tokens of a script and its assignments: `const x = …`, `x.append(name, value)`, `x[name] = value`."""
    found: Tokens = []
    for token in tokens(source):
        found.append(token)
        if len(found) >= MOST_TOKENS:
            break
    script = Script(found)
    at = 0
    while at < len(found) - 2:
        one, mark = found[at], found[at + 1]
        if one.kind == "word" and mark == Token("mark", "=") and found[at + 2] != Token("mark", "="):
            end = _expression_end(found, at + 2)
            name = one.value
            before = found[at - 1] if at else None
            if before != Token("mark", "."):
                script.values.setdefault(name, found[at + 2 : end])
            elif at > 1 and found[at - 2].kind == "word":
                script.added.setdefault(found[at - 2].value, []).append((name, script.text(found[at + 2 : end]) or ""))
            at += 2
        elif _is_keyed(found, at):
            end = _expression_end(found, at + 5, _SHORT)
            value = script.text(found[at + 5 : end]) or ""
            script.added.setdefault(one.value, []).append((found[at + 2].value, value))
            at += 5
        elif one.kind == "word" and mark == Token("mark", ".") and found[at + 2].value in ("append", "set"):
            _take_header(script, one.value, found, at + 3)
            at += 3
        else:
            at += 1
    return script


def _is_keyed(found: Tokens, at: int) -> bool:
    """Return whether `name["key"] = …` begins at a place."""
    kinds = [token.kind for token in found[at : at + 6]]
    signs = [token.value for token in found[at + 1 : at + 6]]
    return (
        kinds[:5] == ["word", "mark", "text", "mark", "mark"]
        and (signs[0], *signs[2:4]) == ("[", "]", "=")
        and (signs[4:5] != ["="])
    )


def _expression_end(found: Tokens, start: int, most: int = 4_000) -> int:
    """Where the expression of an assignment ends; a line's end is not seen, so the next statement's word ends it."""
    depth, at = 0, start
    while at < len(found) and at - start < most:
        token = found[at]
        if token.kind == "mark" and token.value in "([{":
            depth += 1
        elif token.kind == "mark" and token.value in ")]}":
            depth -= 1
            if depth < 0:
                return at
        elif depth == 0 and token.kind == "mark" and token.value in ";,":
            return at
        elif depth == 0 and at > start and token.kind == "word" and found[at - 1].kind != "mark":
            if found[at - 1].value != "new":
                return at
        elif depth == 0 and at > start and token.kind == "word" and found[at - 1].value in ")]}":
            return at
        at += 1
    return at


def _take_header(script: Script, name: str, found: Tokens, at: int) -> None:
    if at >= len(found) or found[at] != Token("mark", "("):
        return
    given = arguments_at(script, at)
    if len(given) >= 2:
        header, value = script.text(given[0]), script.text(given[1])
        if header:
            script.added.setdefault(name, []).append((header, value or ""))


def arguments_at(script: Script, at: int) -> list[Tokens]:
    """Return the arguments of the call whose opening bracket is at a place."""
    return split(inside(script.tokens[at : end_of(script, at) + 1], "(") or [])


def end_of(script: Script, at: int) -> int:
    """Return where the bracket closes that opens at a place."""
    depth, end = 0, at
    while end < len(script.tokens) and end - at < 6_000:
        token = script.tokens[end]
        if token.kind == "mark" and token.value in "([{":
            depth += 1
        elif token.kind == "mark" and token.value in ")]}":
            depth -= 1
            if depth == 0:
                break
        end += 1
    return end
