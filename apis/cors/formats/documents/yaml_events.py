"""YAML documents as plain values, built from the stream of events, not by a loader.

Depth, size and what aliases repeat are bounded, tags make nothing (`!Ref X` becomes Unresolved), and each key's line
is known.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import yaml

from apis.cors.formats.format import FormatError, WrongSyntax
from apis.cors.formats.values import Object, Plain, Unresolved

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAX_DEPTH = 64
_MAX_VALUES = 100_000
_NULLS = ("", "~", "null", "Null", "NULL")


@dataclass(slots=True)
class _Open:
    """A list or object that is still being read: its anchor, its tag, and the key that waits for its value."""

    container: Any
    anchor: str | None
    tag: Unresolved | None
    key: str | None = None
    merged: set[str] = field(default_factory=set)


class Builder:
    """Builds the documents of a YAML text, without recursion."""

    def __init__(self) -> None:
        self.open: list[_Open] = []
        self.anchors: dict[str, Any] = {}
        self.count = 0
        self.documents = 0
        self.second: int | None = None
        self.roots: list[Any] = []

    def read(self, text: str) -> tuple[list[Any], int | None]:
        """Return the documents, and the line on which the second one begins."""
        try:
            for event in yaml.parse(text, Loader=_LOADER):
                self._take(event, _line(event.start_mark) or 1)
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = f": {error.problem}" if error.problem else ""
            raise WrongSyntax(f"This is not YAML{what}.", line=_line(mark)) from None
        except yaml.YAMLError:
            raise WrongSyntax("This is not YAML: it has a character that YAML does not allow.") from None
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
