"""Names that a script gives to texts, objects and clients, so that calls which use them can be read."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice

from apis.cors.paste.code.script import Token, Tokens, inside, literal, members, split, tokens

MOST_TOKENS = 60_000
_DEPTH = 4
"""How many names may stand for one another."""
_LONGEST = 16 * 1024
"""The longest text that names are filled into, in characters."""
_MOST_OF_A_VALUE, _MOST_OF_A_HEADER, _MOST_OF_A_CALL = 4_000, 40, 6_000
"""How many tokens of an expression are looked at."""
_FILLED = re.compile(r"\$\{([A-Za-z_$][\w$.]{0,100})\}")
_EQUALS, _DOT = Token("mark", "="), Token("mark", ".")
_SEPARATORS = frozenset({";", ","})


@dataclass(slots=True)
class Script:
    """A script's tokens, and what its names stand for: `bound` by name, `added` the headers appended to a name."""

    tokens: Tokens
    bound: dict[str, slice] = field(default_factory=dict)
    added: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    _texts: dict[str, str | None] = field(default_factory=dict)
    _members: dict[str, dict[str, Tokens]] = field(default_factory=dict)

    def value(self, name: str) -> Tokens | None:
        """Return the expression that a name stands for, None for a name without one."""
        return self.tokens[self.bound[name]] if name in self.bound else None

    def resolve(self, given: Tokens) -> Tokens:
        """Return an expression with a name in place of what it stands for."""
        for _ in range(_DEPTH):
            bound = self.value(given[0].value) if len(given) == 1 and given[0].kind == "word" else None
            if bound is None:
                break
            given = bound
        return given

    def text(self, given: Tokens, depth: int = 0) -> str | None:
        """Return the text of an expression, with names filled in that stand for texts."""
        given = self.resolve(given)
        if len(given) > 1:
            given = [self._joined(token, depth) for token in given]
        found = literal(given)
        filled = _FILLED.sub(lambda name: self._text_of(name[1], depth) or name[0], found) if found else found
        return filled if filled is None or len(filled) <= _LONGEST else None

    def _joined(self, token: Token, depth: int) -> Token:
        found = self._text_of(token.value, depth) if token.kind == "word" else None
        return token if found is None else Token("text", found)

    def _text_of(self, name: str, depth: int) -> str | None:
        """Return the text that a name stands for, which is worked out once."""
        if name in self.bound and name not in self._texts and depth < _DEPTH:
            self._texts[name] = self.text(self.value(name) or [], depth + 1)
        return self._texts.get(name)

    def options(self, given: Tokens, depth: int = 0) -> dict[str, Tokens]:
        """Return the members of an object, whether it is written out or has a name."""
        found: dict[str, Tokens] = {}
        for name, value in members(self.resolve(given)) or ():
            found |= self._spread(value, depth) if name == "..." else {name: value}
        return found

    def _spread(self, value: Tokens, depth: int = 0) -> dict[str, Tokens]:
        """Return the members that `...name` brings, which are worked out once."""
        names = [token.value for token in value if token != _DOT]
        if len(names) != 1:
            return {}
        name = names[0]
        if name in self.bound and name not in self._members and depth < _DEPTH:
            self._members[name] = self.options(self.value(name) or [], depth + 1)
        return self._members.get(name, {})

    def returned(self, given: Tokens) -> dict[str, Tokens]:
        """Return the members of an object, or of the one that a function returns."""
        chosen = self.resolve(given)
        words = [token.value for token in chosen]
        begin = words.index("return") if "return" in words else 0
        opening = words.index("{", begin) if "{" in words[begin:] else len(words)
        return self.options(chosen[opening : end_of(Script(chosen), opening) + 1])

    def unresolved(self, stated: list[tuple[str, Tokens]]) -> bool:
        """Return whether an object has members that are not to be seen."""
        return any(name == "..." and not self._spread(value) for name, value in stated)


def read_script(source: str) -> Script:
    """Return the tokens of a script and its assignments: `const x = …`, `x.append(name, value)`, `x[name] = value`."""
    found = list(islice(tokens(source), MOST_TOKENS))
    script, ends = Script(found), _expression_ends(found)
    nothing = Token("mark", "")
    places = [*enumerate(zip([nothing, nothing, *found], [nothing, *found], found, found[1:], found[2:], strict=False))]
    for at, (_, before, one, mark, third) in places:
        if before != _DOT and _is_assigned(one, mark, third):
            script.bound.setdefault(one.value, slice(at + 2, min(ends[at + 2], at + _MOST_OF_A_VALUE)))
    for at, (owner, before, one, mark, third) in places:
        if before == _DOT and owner.kind == "word" and _is_assigned(one, mark, third):
            _add(script, owner.value, one.value, at + 2, ends)
        elif _is_keyed(found, at):
            _add(script, one.value, third.value, at + 5, ends)
        elif one.kind == "word" and mark == _DOT and third.value in ("append", "set"):
            _take_header(script, one.value, at + 3)
    return script


def _is_assigned(one: Token, mark: Token, third: Token) -> bool:
    return one.kind == "word" and mark == _EQUALS and third != _EQUALS


def _add(script: Script, owner: str, name: str, start: int, ends: list[int]) -> None:
    """Note a header whose value is the expression at a place."""
    value = script.text(script.tokens[start : min(ends[start], start + _MOST_OF_A_HEADER)])
    script.added.setdefault(owner, []).append((name, value or ""))


def _is_keyed(found: Tokens, at: int) -> bool:
    """Return whether `name["key"] = …` begins at a place."""
    kinds = [token.kind for token in found[at : at + 5]]
    signs = [token.value for token in found[at + 1 : at + 6]]
    return (
        kinds == ["word", "mark", "text", "mark", "mark"]
        and (signs[0], *signs[2:4]) == ("[", "]", "=")
        and signs[4:] != ["="]
    )


def _expression_ends(found: Tokens) -> list[int]:
    """Return for each place where an expression ends that goes on there, in one pass from behind."""
    ends = [len(found)] * (len(found) + 1)
    closing: list[int] = []
    for at in reversed(range(len(found))):
        nesting = found[at].nesting
        if nesting < 0:
            closing.append(at)
            ends[at] = at
        elif nesting > 0:
            ends[at] = ends[closing.pop() + 1] if closing else len(found)
        else:
            ends[at] = at if _is_end(found[at - 1], found[at]) else ends[at + 1]
    return ends


def _is_end(before: Token, token: Token) -> bool:
    """Return whether an expression ends between two tokens; a line's end is not seen, so a statement's word ends it."""
    if token.kind != "word":
        return token.kind == "mark" and token.value in _SEPARATORS
    return before.nesting < 0 or (before.kind != "mark" and before.value != "new")


def _take_header(script: Script, name: str, at: int) -> None:
    given = arguments_at(script, at)
    header = script.text(given[0]) if len(given) > 1 else None
    if header:
        script.added.setdefault(name, []).append((header, script.text(given[1]) or ""))


def arguments_at(script: Script, at: int) -> list[Tokens]:
    """Return the arguments of the call whose opening bracket is at a place."""
    return split(inside(script.tokens[at : end_of(script, at) + 1], "(") or [])


def end_of(script: Script, at: int) -> int:
    """Return where the bracket closes that opens at a place."""
    depth = 0
    last = min(at + _MOST_OF_A_CALL, len(script.tokens))
    for end in range(at, last):
        depth += script.tokens[end].nesting
        if depth <= 0:
            return end
    return last
