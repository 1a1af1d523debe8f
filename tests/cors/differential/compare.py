"""Exchanges played to the browser and compared with `judge`; a disagreement is made as small as it gets."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, Protocol

from apis.cors import safelist
from apis.cors.browser import judge, preflight_headers
from apis.cors.exchange import Answer, Exchange, Headers, Redirect, Request
from tests.cors.differential.server import Played, Server

NOT_CORS = frozenset(
    {"TypeError", "mixed-content", "DisallowedByMode", "ERR_INVALID_REDIRECT", "ERR_UNSAFE_REDIRECT", "ERR_FAILED"}
)
"""Our codes for failures for which the browser reports no CORS error."""


class Browser(Protocol):
    """What runs calls from a page: `code` may be missing where the browser does not state."""

    async def run(self, page: str, requests: Sequence[Request]) -> list[dict[str, Any]]:
        """Make the calls from a page of this origin."""
        ...


@dataclass(frozen=True, slots=True)
class Disagreement:
    """What `judge` says and what the browser did, for one exchange."""

    exchange: Exchange
    judged: dict[str, Any]
    seen: dict[str, Any]

    def __str__(self) -> str:
        differs = [name for name in self.judged if self.judged[name] != self.seen.get(name)]
        return "\n".join(
            [f"{name}: judge says {self.judged[name]!r}, the browser {self.seen.get(name)!r}" for name in differs]
            + [json.dumps(self.exchange.as_json())]
        )


class Arena:
    """The server and the browser together."""

    def __init__(
        self, server: Server, browser: Browser, codes: bool = True, judged_as: safelist.Browser = "chrome"
    ) -> None:
        self._server, self._browser, self._codes, self._judged_as = server, browser, codes, judged_as
        self._numbers = count(1)

    async def disagreements(self, exchanges: Sequence[Exchange]) -> list[Disagreement]:
        """Play the exchanges and give back those on which the browser and `judge` differ."""
        by_page: dict[str, list[Played]] = defaultdict(list)
        for exchange in exchanges:
            number = f"{next(self._numbers)}"
            played = Played(numbered(exchange, number))
            self._server.played[number] = played
            by_page[exchange.request.origin].append(played)
        found = []
        for page, group in by_page.items():
            outcomes = await self._browser.run(page, [played.exchange.request for played in group])
            for played, outcome in zip(group, outcomes, strict=True):
                judged, seen = self._judged(played), self._seen(played, outcome)
                if judged != seen:
                    found.append(Disagreement(played.exchange, judged, seen))
        self._server.played.clear()
        return found

    def _judged(self, played: Played) -> dict[str, Any]:
        verdict = judge(played.exchange, self._judged_as)
        found: dict[str, Any] = {
            "needs_preflight": verdict.needs_preflight,
            "allowed": verdict.allowed,
            "exposed": list(verdict.exposed),
        }
        if self._codes:
            found["code"] = None if verdict.code in NOT_CORS else verdict.code
        if any(sent.is_preflight and sent.hop == 0 for sent in played.requests):
            found["preflight"] = dict(preflight_headers(played.exchange.request, self._judged_as))
        return found

    def _seen(self, played: Played, outcome: dict[str, Any]) -> dict[str, Any]:
        preflights = [sent for sent in played.requests if sent.is_preflight]
        found = {"needs_preflight": bool(preflights), "allowed": outcome["allowed"], "exposed": outcome["exposed"]}
        if self._codes:
            found["code"] = outcome["code"]
        if preflights and preflights[0].hop == 0:
            names = ("Origin", "Access-Control-Request-Method", "Access-Control-Request-Headers")
            sent = preflights[0].headers
            found["preflight"] = {name: _named_once(sent[name.lower()]) for name in names if name.lower() in sent}
        return found

    async def confirm(self, disagreement: Disagreement) -> Disagreement | None:
        """The disagreement when three more runs show it; now and then Chromium loses the code of an error."""
        again = await self.disagreements([_unnumbered(disagreement.exchange)] * 3)
        return again[0] if len(again) == 3 else None

    async def smallest(self, disagreement: Disagreement, patience: int = 60) -> Disagreement:
        """The smallest exchange found that still shows a disagreement: of all simpler ones, the first that does."""
        for _ in range(patience):
            simpler = list(simpler_than(_unnumbered(disagreement.exchange)))
            found = await self.disagreements(simpler)
            if not found:
                return disagreement
            disagreement = min(found, key=lambda one: len(json.dumps(one.exchange.as_json())))
        return disagreement


def _named_once(names: str) -> str:
    """Firefox asks twice for a header that script set on two lines, which changes nothing of the answer."""
    return ",".join(dict.fromkeys(names.split(",")))


def numbered(exchange: Exchange, number: str) -> Exchange:
    """The exchange with the number of its run where its URLs say CASE."""
    return _with_text(exchange, "/CASE", f"/{number}")


def _unnumbered(exchange: Exchange) -> Exchange:
    return _with_text(exchange, "/" + exchange.request.url.rpartition("/")[2], "/CASE")


def _with_text(exchange: Exchange, old: str, new: str) -> Exchange:
    request = replace(exchange.request, url=exchange.request.url.replace(old, new))
    redirects = tuple(
        replace(hop, answer=replace(hop.answer, headers=_replaced(hop.answer.headers, old, new)))
        for hop in exchange.redirects
    )
    return replace(exchange, request=request, redirects=redirects)


def _replaced(lines: Headers, old: str, new: str) -> Headers:
    return tuple((name, value.replace(old, new) if name == "Location" else value) for name, value in lines)


def simpler_than(exchange: Exchange) -> Iterator[Exchange]:
    """Exchanges with one thing less (redirect, header line, character of a value) or a plainer method or status."""
    request = exchange.request
    if exchange.redirects:
        yield replace(exchange, redirects=exchange.redirects[:-1])
    for plainer in (
        replace(request, method="GET"),
        replace(request, credentials="omit"),
        replace(request, mode="cors"),
    ):
        if plainer != request:
            yield replace(exchange, request=plainer)
    for lines in _fewer(request.headers):
        yield replace(exchange, request=replace(request, headers=lines))
    for answer in _simpler_answers(exchange.preflight):
        yield replace(exchange, preflight=answer)
    for answer in _simpler_answers(exchange.response):
        yield replace(exchange, response=answer)
    for place, hop in enumerate(exchange.redirects):
        others = exchange.redirects
        for answer in _simpler_answers(hop.preflight):
            yield replace(exchange, redirects=(*others[:place], Redirect(hop.answer, answer), *others[place + 1 :]))
        for answer in _simpler_answers(hop.answer):
            if answer.get("location") == hop.answer.get("location") and answer.status >= 300:
                yield replace(
                    exchange, redirects=(*others[:place], Redirect(answer, hop.preflight), *others[place + 1 :])
                )


def _simpler_answers(answer: Answer | None) -> Iterator[Answer]:
    if answer is None:
        return
    if answer.status != 200 and answer.get("content-length") is not None:
        yield replace(answer, status=200)
    for lines in _fewer(answer.headers):
        yield replace(answer, headers=lines)


def _fewer(lines: Headers) -> Iterator[Headers]:
    for place, (name, value) in enumerate(lines):
        if name == "Content-Length":
            continue
        yield lines[:place] + lines[place + 1 :]
        for cut in range(min(len(value), 12)):
            yield (*lines[:place], (name, value[:cut] + value[cut + 1 :]), *lines[place + 1 :])
        if len(value) > 12:
            yield (*lines[:place], (name, value[: len(value) // 2]), *lines[place + 1 :])
