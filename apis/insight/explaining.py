"""Explain: read what a person pastes or fills in, find the API that it goes to, and find the cause."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from apis.cors.explain import Diagnosis, diagnose
from apis.cors.formats import FormatError, detect_and_parse
from apis.cors.judging import ExchangeError
from apis.cors.paste import PARTS, Reading, ReadingError
from apis.cors.paste.result import value_that_counts
from apis.cors.policy import CorsPolicy
from apis.errors import InvalidInput
from apis.insight.paste_answer import answer_paste, api_at, corrected
from apis.inventory.lint_context import base_urls, target_of
from apis.inventory.models import HttpApi
from apis.inventory.search import named, named_fully
from apis.isolation import process as isolation

CALL = ("origin", "url", "method", "headers", "credentials")
FIELDS = ("api", *CALL, "cors")
LONGEST = {"api": 500, "origin": 2000, "url": 10_000, "method": 64, "headers": 50_000, "credentials": 20}
"""Characters of each field that are read; pasted texts and configurations have the limits of their readers."""

LONGEST_LINK = 4000
"""Characters of an address that browsers, proxies and chats carry along."""

_CONSOLES = frozenset({"chrome", "edge", "firefox", "safari", "aws", "node", "network", "text"})
"""Kinds of text that quote no values of request headers."""
_SECRET = re.compile(
    r"\bbearer\s+\S|(?:authorization|cookie|token|secret|password|signature|credential|api[-_]?key)[\w-]*[\"']?\s*[:=]",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Question:
    """What a person gave, what is wrong with it by field, and the diagnosis when nothing is.

    `values` are what the form shows: the parts of the call as they were read or corrected. `corrections` are those
    that differ from the pasted text.
    """

    pasted: str
    values: dict[str, str]
    api: HttpApi | None = None
    policy: CorsPolicy | None = None
    errors: dict[str, str] = field(default_factory=dict)
    answer: Diagnosis | None = None
    corrections: dict[str, str] = field(default_factory=dict)

    @property
    def asked(self) -> bool:
        """Whether anything was given to explain."""
        return bool(self.pasted or self.values["origin"] or self.values["url"])

    @property
    def digest(self) -> str:
        """Tells one pasted text from another: corrections of one are none of the next."""
        return digest_of(self.pasted) or ("call" if self.answer else "")

    @property
    def is_private(self) -> bool:
        """Whether the text may hold a secret, which must not get into an address."""
        console = self.answer is not None and self.answer.reading.source in _CONSOLES
        return not console and _SECRET.search(self.pasted) is not None

    @property
    def query(self) -> str:
        """The question as a query string for sharing; empty when it is too long or may hold a secret."""
        if self.is_private or self.errors:
            return ""
        given = {"pasted": self.pasted, **(self.corrections if self.pasted else self.values)}
        given |= {name: self.values[name] for name in ("api", "cors")}
        query = urlencode({name: value for name, value in given.items() if value}, errors="replace")
        return query if len(query) <= LONGEST_LINK else ""


def digest_of(text: str) -> str:
    """Return a short name of a text."""
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16] if text else ""


def read_question(given: QueryDict, tab: HttpApi | None = None, inventory: bool = True) -> Question:
    """Read a question from an address or a form, and answer it. Nothing is raised: see `errors`.

    `tab` is the API on whose page it is asked. `inventory` false looks up no API.
    """
    values = {name: _text(given, name) for name in FIELDS}
    if (chosen := _text(given, "answer").partition(":"))[0] in ("api", *CALL):
        values[chosen[0]] = chosen[2]
    values["credentials"] = "include" if values["credentials"] == "on" else values["credentials"]
    pasted = _newlines(_text(given, "pasted"))
    if pasted and given.get("read") and given["read"] != digest_of(pasted):
        # Another text than the one that was corrected.
        values |= dict.fromkeys(CALL, "")
    asked = Question(pasted, values, tab)
    for name, most in LONGEST.items():
        if len(values[name]) > most:
            asked.errors[name] = f"Has {len(values[name]):,} characters; at most {most:,} are read."
    if not asked.errors:
        _choose_api(asked, tab, inventory)
        _read_policy(asked)
    if asked.asked and not asked.errors:
        _answer(asked, tab, inventory)
    return asked


def _text(given: QueryDict, name: str) -> str:
    """Return the last value under a name that is not empty."""
    return next((value.strip() for value in reversed(given.getlist(name)) if value.strip()), "")


def _newlines(text: str) -> str:
    """Return a text with the line ends that it was pasted with: forms send others."""
    return text.replace("\r\n", "\n")


def _choose_api(asked: Question, tab: HttpApi | None, inventory: bool) -> None:
    if tab is not None or not asked.values["api"] or not inventory:
        asked.values["api"] = ""
        return
    try:
        asked.api = named(asked.values["api"])
    except InvalidInput as error:
        asked.errors["api"] = error.message
    else:
        asked.values["api"] = named_fully(asked.api)


def _read_policy(asked: Question) -> None:
    if not asked.values["cors"]:
        return
    try:
        asked.policy = isolation.read(detect_and_parse, asked.values["cors"])[1]
    except (FormatError, isolation.TooMuchWork, isolation.Busy) as error:
        asked.errors["cors"] = str(error)


def _answer(asked: Question, tab: HttpApi | None, inventory: bool) -> None:
    try:
        parts = _parts(asked)
        if asked.pasted:
            _answer_text(asked, parts, inventory)
        else:
            _answer_call(asked, parts, inventory)
    except (ReadingError, isolation.TooMuchWork, isolation.Busy) as error:
        asked.errors["pasted"] = str(error)
    except ExchangeError as error:
        name = error.field.removeprefix("request.").partition("[")[0]
        asked.errors[name if name in FIELDS else "url"] = f"{error.message[0].upper()}{error.message[1:]}."
    if asked.answer is not None:
        asked.values |= shown_parts(asked.answer.reading)


def _answer_text(asked: Question, parts: dict[str, Any], inventory: bool) -> None:
    """Find the cause of a pasted text. The URL in it decides before the page on which it is asked."""
    chosen = asked.api if asked.values["api"] else None
    found = answer_paste(asked.pasted, api=chosen, policy=asked.policy, inventory=inventory)
    read = shown_parts(found.diagnosis.reading)
    changed = {name: value for name, value in parts.items() if asked.values[name] != read[name]}
    asked.corrections = {name: asked.values[name] for name in changed}
    api = chosen or found.api
    if changed or (api is None and asked.api is not None):
        if chosen is None and "url" in changed and inventory:
            api = api_at(changed["url"])
        api = api or asked.api
        found = answer_paste(asked.pasted, api=api, policy=asked.policy, given=changed, inventory=inventory)
    asked.api, asked.answer = found.api, found.diagnosis


def _answer_call(asked: Question, parts: dict[str, Any], inventory: bool) -> None:
    """Find the cause of a call that was filled in; of origin and URL one may be missing."""
    untold = tuple(name for name in ("origin", "url") if name not in parts)
    reading = corrected(Reading("request", "", "", missing=untold), parts)
    if asked.api is None and asked.policy is None and inventory and reading.url:
        asked.api = api_at(reading.url)
    asked.answer = diagnose(reading, target_of(asked.api, asked.policy))


def _parts(asked: Question) -> dict[str, Any]:
    """Return the parts of the call that the form gives, as `corrected` takes them."""
    parts: dict[str, Any] = {name: asked.values[name] for name in CALL if asked.values[name]}
    if "headers" in parts:
        parts["headers"] = read_headers(parts["headers"])
    if parts.get("url", "").startswith("/") and asked.api:
        # A path alone is below the API's first address.
        bases = base_urls(asked.api)
        parts["url"] = asked.values["url"] = (bases[0] if bases else asked.api.endpoint) + parts["url"]
    return parts


def read_headers(text: str) -> list[list[str]]:
    """Return header lines `Name: value`, or names alone, one a line or with commas between names.

    Only values that browsers look at are kept: a token must not get into an address.
    """
    lines: list[list[str]] = []
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            lines.append([name.strip(), value_that_counts(name.strip(), value)])
        else:
            lines += [[name.strip(), _usual(name)] for name in line.split(",") if name.strip()]
    return lines


def _usual(name: str) -> str:
    return "application/json" if name.strip().lower() == "content-type" else ""


def shown_parts(reading: Reading) -> dict[str, str]:
    """Return the parts of a reading as the form shows them; empty where the text does not state."""
    parts = {
        "origin": reading.origin,
        "url": reading.url,
        "method": reading.method,
        "headers": "\n".join(f"{name}: {value}" if value else name for name, value in reading.headers),
        "credentials": reading.credentials,
    }
    return {name: "" if name in reading.missing else parts[name] for name in PARTS}
