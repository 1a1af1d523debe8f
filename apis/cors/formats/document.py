"""YAML and JSON documents as plain values, read without running or expanding anything.

YAML is built from its stream of events, not by a loader: depth, size and what aliases repeat are bounded, tags make
nothing (`!Ref X` becomes Unresolved), and each key's line is known. Scalars stay texts, so `[GET, no, 1]` is a list
of three texts, and only an empty or `null` one is None. A key that is stated twice is noted, not refused: only the
reader knows whether it matters.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import yaml

from apis.cors.formats.format import FormatError
from apis.cors.formats.values import Object, Plain, Unresolved

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 64
_MAX_VALUES = 100_000
# A text or comment that never ends takes the rest, so that no later place is tried again.
_COMMENTS = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|//[^\n]*|/\*.*?(?:\*/|\Z)', re.DOTALL)
_LAST_COMMAS = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|,(?=\s*[}\]])', re.DOTALL)
_NULLS = ("", "~", "null", "Null", "NULL")


class _NotJson(FormatError):
    pass


def read_document(text: str) -> Any:
    """Return the value that a JSON or YAML text states. Raises FormatError with the line of what is wrong."""
    found, second = read_documents(text)
    if second:
        raise FormatError("A second document begins here. Paste one.", line=second)
    return found[0] if found else None


def read_documents(text: str) -> tuple[list[Any], int | None]:
    """Return the documents of a JSON or YAML text, and the line on which the second one begins."""
    start = text.lstrip()[:1]
    if start not in ("{", "["):
        return _Builder().read(text)
    try:
        return [read_json(text)], None
    except _NotJson as error:
        with suppress(FormatError):
            return [read_json(_without_comments(text))], None
        try:
            return _Builder().read(text)  # YAML's own braces, in which keys need no quotes
        except FormatError:
            raise error from None


def _without_comments(text: str) -> str:
    """Return JSON without the comments and last commas that editors allow; line numbers stay."""
    bare = _COMMENTS.sub(lambda found: found[0] if found[0][0] == '"' else "\n" * found[0].count("\n"), text)
    return _LAST_COMMAS.sub(lambda found: found[0] if found[0][0] == '"' else "", bare)


def read_json(text: str) -> Any:
    """The value that a JSON text states."""
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except json.JSONDecodeError as error:
        raise _NotJson(f"This is not JSON: {error.msg[:1].lower()}{error.msg[1:]}.", line=error.lineno) from None
    except ValueError:  # a number of thousands of digits
        raise FormatError("This has a number that is too long.") from None


class JsonObject(Object):
    """An object that is written in JSON, where a quoted `true` is a text."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = JsonObject()
    for key, value in pairs:
        if key in found:
            found.twice[key] = None
        found[key] = value
    return found


@dataclass(slots=True)
class _Open:
    """A list or object that is still being read: its anchor, its tag, and the key that waits for its value."""

    container: Any
    anchor: str | None
    tag: Unresolved | None
    key: str | None = None
    merged: set[str] = field(default_factory=set)


class _Builder:
    """Builds the documents of a YAML text, without recursion."""

    def __init__(self) -> None:
        self.open: list[_Open] = []
        self.anchors: dict[str, Any] = {}
        self.count = 0
        self.documents = 0
        self.second: int | None = None
        self.roots: list[Any] = []

    def read(self, text: str) -> tuple[list[Any], int | None]:
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self._take(event, _line(event.start_mark) or 1)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = f": {error.problem}" if error.problem else ""
            raise FormatError(f"This is not YAML{what}.", line=_line(mark)) from None
        except yaml.YAMLError:
            raise FormatError("This is not YAML: it has a character that YAML does not allow.") from None
        return self.roots, self.second

    def _take(self, event: Any, line: int) -> None:
        if isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            self.anchors.clear()
            if self.documents == 2:
                self.second = line
        elif isinstance(event, yaml.ScalarEvent):
            self._put(_scalar(event, line), line, event.anchor)
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in self.anchors:
                raise FormatError(f"&{str(event.anchor)[:40]} is not complete before this.", line=line)
            self._put(self.anchors[event.anchor], line)
        elif isinstance(event, yaml.CollectionStartEvent):
            if len(self.open) >= _MAX_DEPTH:
                raise FormatError("This is nested too deeply. Paste only the part about the API.", line=line)
            container: Any = Object() if isinstance(event, yaml.MappingStartEvent) else []
            if isinstance(container, Object):
                container.in_braces = bool(event.flow_style)
            tag = Unresolved(str(event.tag), line, str(event.tag), container) if _is_tagged(event.tag) else None
            self.open.append(_Open(container, event.anchor, tag))
        elif isinstance(event, yaml.CollectionEndEvent):
            done = self.open.pop()
            self._put(done.tag or done.container, line, done.anchor)

    def _put(self, value: Any, line: int, anchor: str | None = None) -> None:
        """Give a finished value to the container that is open."""
        self._spend(1, line)
        if anchor:
            self.anchors[anchor] = value
        if not self.open:
            self.roots.append(value)
            return
        top = self.open[-1]
        if isinstance(top.container, list):
            top.container.append(value)
        elif top.key is None:
            if value is not None and not isinstance(value, str):
                raise FormatError("A key must be a text.", line=line)
            key: str = value or ""
            if key in top.container and key not in top.merged:
                top.container.twice[key] = line
            top.key = key = str(key)
            top.container.lines[key] = line
            top.merged.discard(key)
        elif top.key == "<<" and isinstance(value, Object | list):
            self._merge(top, value, line)
        else:
            top.container[top.key] = value
            top.key = None

    def _merge(self, top: _Open, value: Any, line: int) -> None:
        """Take over the keys of other objects (`<<: *common`); own keys and earlier ones override them."""
        top.key = None
        for other in value if isinstance(value, list) else [value]:
            if not isinstance(other, Object):
                raise FormatError("takes over the keys of an object, and this is none.", "<<", line)
            self._spend(len(other), line)
            for key in other.keys() - top.container.keys():
                top.container[key] = other[key]
                top.container.lines[key] = line
                top.merged.add(key)

    def _spend(self, values: int, line: int) -> None:
        self.count += values
        if self.count > _MAX_VALUES:
            raise FormatError("This has too many values. Paste only the part about the API.", line=line)


def _scalar(event: Any, line: int) -> Any:
    if _is_tagged(event.tag):
        return Unresolved(f"{event.tag} {event.value}", line, str(event.tag), event.value)
    if event.implicit[0]:
        return None if event.value in _NULLS else Plain(event.value)
    return event.value


def _line(mark: Any) -> int | None:
    return mark.line + 1 if mark else None


def _is_tagged(tag: str | None) -> bool:
    return bool(tag) and tag != "!" and not str(tag).startswith("tag:yaml.org,2002:")
