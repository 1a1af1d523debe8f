"""Explain a call: read what a person fills in or pastes, find the API that it goes to, and ask the rules."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from apis.cors.exchange import Request
from apis.cors.explain import Explanation, explain
from apis.cors.formats import FormatError, detect_and_parse
from apis.cors.judging import ExchangeError, read_request
from apis.cors.paste import read_error
from apis.cors.policy import CorsPolicy
from apis.errors import InvalidInput
from apis.insight.paste_answer import api_at
from apis.inventory.lint_context import base_urls, context_of, routes_of, stages_of
from apis.inventory.models import HttpApi
from apis.inventory.search import named

FIELDS = ("api", "cors", "origin", "method", "url", "headers", "credentials")


@dataclass(slots=True)
class Question:
    """A call to explain as a person gave it, what is wrong with it by field, and the answer when nothing is."""

    values: dict[str, str]
    api: HttpApi | None = None
    errors: dict[str, str] = field(default_factory=dict)
    answer: Explanation | None = None
    said: str = ""
    """The verdict's code in the message from which the question was read."""

    @property
    def asked(self) -> bool:
        """Whether a call was given at all."""
        return bool(self.values["origin"] or self.values["url"])

    @property
    def query(self) -> str:
        """The question as a query string, for sharing."""
        return urlencode({name: value for name, value in self.values.items() if value})

    @property
    def contradicted(self) -> bool:
        """Whether a browser blocked what by all that is known is allowed."""
        return bool(self.said and self.answer and self.answer.verdict.allowed and not self.asks_too_little)

    @property
    def asks_too_little(self) -> bool:
        """Whether the message tells of a preflight and this call needs none: it does not tell why there was one."""
        return bool("Preflight" in self.said and self.answer and self.answer.exchange.preflight is None)


def question(given: Mapping[str, str], api: HttpApi | None = None) -> Question:
    """Read a question from a query string or a form, and answer it. Nothing is raised: see `errors`."""
    values = {name: str(given.get(name, ""))[:20_000].strip() for name in FIELDS}
    values["method"] = values["method"] or "GET"
    asked = Question(values, api, said=str(given.get("said", ""))[:100])
    if api is None and values["api"]:
        try:
            asked.api = named(values["api"])
        except InvalidInput as error:
            asked.errors["api"] = str(error)
    if not asked.asked:
        return asked
    if asked.api is None and not values["cors"] and not asked.errors:
        asked.api = api_at(values["url"])
    policy = _policy(asked)
    url = _absolute(asked)
    request = {
        "origin": values["origin"],
        "url": url,
        "method": values["method"],
        "headers": _headers(asked),
        "credentials": "include" if values["credentials"] else "same-origin",
    }
    try:
        call = read_request(request)
    except ExchangeError as error:
        name = error.field.removeprefix("request.").partition("[")[0]
        asked.errors.setdefault(name if name in FIELDS else "url", f"It {error.message}.")
        return asked
    if policy is None or asked.errors:
        return asked
    asked.answer = of_api(asked.api, policy, call) if asked.api else explain(policy, call)
    return asked


def of_api(api: HttpApi, policy: CorsPolicy, call: Request) -> Explanation:
    """The explanation of a call to an API, if its configuration were `policy`, by all that is known of the API."""
    bases = base_urls(api) or None
    return explain(policy, call, routes_of(api), stages_of(api), bases=bases, context=context_of(api))


def _policy(asked: Question) -> CorsPolicy | None:
    if asked.values["cors"]:
        try:
            return detect_and_parse(asked.values["cors"])[1]
        except FormatError as error:
            asked.errors["cors"] = str(error)
            return None
    if asked.api is None:
        if "api" in asked.errors:
            return None
        asked.errors["api"] = "No API answers at this URL. Choose one, or paste its six fields below."
        return None
    return asked.api.policy


def _absolute(asked: Question) -> str:
    """A path alone is below the API's first address."""
    url = asked.values["url"]
    if url.startswith("/") and asked.api:
        bases = base_urls(asked.api)
        if bases:
            return bases[0] + url
    return url


def _headers(asked: Question) -> list[list[str]]:
    """Header lines `Name: value`, or names alone, one a line or with commas between names."""
    lines: list[list[str]] = []
    for line in asked.values["headers"].splitlines():
        if ":" in line:
            name, _, value = line.partition(":")
            lines.append([name.strip(), value.strip()])
        else:
            lines += [[name.strip(), _usual(name)] for name in line.split(",") if name.strip()]
    return lines


def _usual(name: str) -> str:
    return "application/json" if name.strip().lower() == "content-type" else "1"


def from_pasted(text: str) -> dict[str, str]:
    """The question that a pasted error, snippet, command or HAR amounts to. Raises ReadingError.

    Besides what a question is made of: `read`, the kind of text; `said`, the code that it tells; `missing`, the parts
    of the call that it does not tell.
    """
    reading = read_error(text)
    api = api_at(reading.url)
    values = {
        "api": str(api.pk) if api else "",
        "origin": reading.origin,
        "method": reading.method,
        "url": reading.url,
        "headers": "\n".join(f"{name}: {value or _usual(name)}" for name, value in reading.headers),
        "credentials": "on" if reading.credentials == "include" else "",
        "said": reading.code or "",
        "missing": ",".join(reading.missing),
        "read": reading.source,
    }
    return {name: value for name, value in values.items() if value}


def proposal(policy: CorsPolicy) -> str:
    """A policy for the Configure panel's address."""
    return urlencode({"cors": json.dumps(policy.to_aws())})


def as_context(asked: Question) -> dict[str, Any]:
    """What the page shows of an answer."""
    answer = asked.answer
    steps = answer.steps if answer else ()
    return {
        "question": asked,
        "answer": answer,
        "backend": any("backend" in (step.sender, step.receiver) for step in steps),
        "fixes": [(remedy.label, proposal(remedy.policy)) for remedy in answer.fixes] if answer else [],
    }
