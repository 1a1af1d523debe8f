"""Elements with htmx's attributes, such as `hx-post="https://…"`, and the headers that htmx adds to their calls."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from apis.cors.paste.result import Draft
from apis.cors.paste.sent import read_sent

_IS = r"\s{0,20}=\s{0,20}[\"']?"
_CALL = re.compile(rf"(?<![\w-])(?:data-)?hx-(get|post|put|patch|delete){_IS}(https?://[^\s\"'<>]{{1,8000}})")
_HEADERS = re.compile(
    r"(?<![\w-])(?:data-)?hx-headers((?::inherited|:append){0,2})"
    rf"{_IS}(?:js:|javascript:)?\s{{0,20}}\{{([^{{}}<>]{{0,4000}})\}}"
)
_PAIR = re.compile(r"[\"']?([\w-]{1,200})[\"']?\s*:\s*(?:\"([^\"]{0,500})\"|'([^']{0,500})'|[^,\"']{1,500})(?:,|\Z)")
_CREDENTIALS = re.compile(
    r"hx-(?:request|config)(?::inherited)?\s*=[^<>]{0,300}?credentials[\"']?\s*:\s*[\"']?(?:true|include)\b"
)
_JSON, _FILES = re.compile(r"\bjson-enc"), re.compile(rf"hx-encoding{_IS}multipart/form-data")
_OWN = (("HX-Request", ""), ("HX-Current-URL", ""))
"""The headers that every version of htmx sends with every call; others name elements that have an id."""
_TAG = re.compile(r"<(/?)([A-Za-z][\w-]{0,60})((?:[^<>\"']++|\"[^\"<>]*+\"|'[^'<>]*+')*+)>")
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_ENDS_PARAGRAPH = frozenset({
    "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
})  # fmt: skip
_VERSION = re.compile(r"htmx(?:\.org)?[@/-]v?([0-9]|next)")
_ANY_ORIGIN = {
    "2": re.compile(r"selfRequestsOnly[\"']?\s{0,20}[:=]\s{0,20}false"),
    "4": re.compile(r"\bmode[\"']?\s{0,20}[:=]\s{0,20}[\"']?cors\b"),
}
"""What lets each version of htmx call other origins: by default version 2 and later do not."""
_INHERITS = re.compile(r"implicitInheritance[\"']?\s{0,20}[:=]\s{0,20}true")
_LONGEST = 10_000
MOST_ELEMENTS = 20


@dataclass(frozen=True, slots=True)
class _Element:
    """A start tag: its name and attributes, and the element that it is in."""

    name: str
    attributes: str
    parent: _Element | None


def read(text: str) -> list[Draft]:
    """Return the calls of elements, in order."""
    calls = [call for call, _ in zip(_CALL.finditer(text), range(MOST_ELEMENTS), strict=False)]
    if not calls:
        return []
    elements = _elements(text)
    version = found[1].replace("next", "4") if (found := _VERSION.search(text)) else ""
    is_explicit = version == "4" and not _INHERITS.search(text)
    mode = "cors" if _calls_any_origin(text, version) else "same-origin"
    drafts = []
    for call in calls:
        start = max(text[: call.start()].rfind("<"), 0)
        behind = text[call.end() : call.end() + _LONGEST].partition("<")[0]
        own = text[start : call.end()][-_LONGEST:] + behind
        element = elements.get(start)
        draft = _call(call, own, element.parent if element else None, is_explicit)
        draft.mode = mode
        drafts.append(draft)
    return drafts


def _calls_any_origin(text: str, version: str) -> bool:
    """Return whether the page's htmx calls other origins, by its version and its configuration."""
    if version == "1":
        return True
    return any(pattern.search(text) for name, pattern in _ANY_ORIGIN.items() if version in ("", name))


def _elements(text: str) -> dict[int, _Element]:
    """Return the element of each start tag by where the tag begins."""
    found: dict[int, _Element] = {}
    parent: _Element | None = None
    opened: Counter[str] = Counter()
    for tag in _TAG.finditer(text):
        name = tag[2].lower()
        if tag[1]:
            while opened[name] and parent is not None:
                opened[parent.name] -= 1
                closed, parent = parent.name, parent.parent
                if closed == name:
                    break
            continue
        if parent is not None and parent.name == "p" and name in _ENDS_PARAGRAPH:
            opened["p"] -= 1
            parent = parent.parent
        element = found[tag.start()] = _Element(name, tag[3], parent)
        if name not in _VOID and not tag[3].endswith("/"):
            parent = element
            opened[name] += 1
    return found


def _ancestors(element: _Element | None) -> Iterator[_Element]:
    for _ in range(_LONGEST):
        if element is None:
            return
        yield element
        element = element.parent


def _call(call: re.Match[str], own: str, parent: _Element | None, is_explicit: bool) -> Draft:
    """Return the call of an element with the headers of its own and those that it inherits, the nearest first."""
    method = call[1].upper()
    pairs = _pairs(own, is_explicit=False)
    is_include = bool(_CREDENTIALS.search(own))
    for ancestor in _ancestors(parent):
        names = {name.lower() for name, _ in pairs}
        pairs += [pair for pair in _pairs(ancestor.attributes, is_explicit) if pair[0].lower() not in names]
        is_include = is_include or (not is_explicit and bool(_CREDENTIALS.search(ancestor.attributes)))
    if method in ("POST", "PUT", "PATCH") and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("Content-Type", _body_type(own)))
    draft = Draft("htmx", url=call[2], method=method, headers=read_sent([*_OWN, *pairs]).headers)
    if is_include:
        draft.credentials = "include"
    return draft


def _pairs(attributes: str, is_explicit: bool) -> list[tuple[str, str]]:
    """Return the headers that an element states; `is_explicit`: only those that are marked as inherited."""
    stated = _HEADERS.search(attributes)
    if stated is None or (is_explicit and ":inherited" not in stated[1]):
        return []
    return [(name, double or single) for name, double, single in _PAIR.findall(stated[2])]


def _body_type(element: str) -> str:
    if _JSON.search(element):
        return "application/json"
    return "multipart/form-data; boundary=x" if _FILES.search(element) else "application/x-www-form-urlencoded"
