"""The words that we say Chromium's console has, and those that it has."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from apis.cors.browser import judge
from apis.cors.exchange import Exchange
from tests.cors.differential.chromium import Chromium, in_own_loop
from tests.cors.differential.compare import numbered
from tests.cors.differential.generate import exchanges
from tests.cors.differential.server import Played, Server
from tests.support import chromium

COUNT = 1500


async def _said(blocked: list[Exchange]) -> list[str | None]:
    program = chromium.find()
    async with Server() as server, Chromium(program.path, server.port, program.arguments, program.environ) as browser:
        server.played.update({one.request.url.rpartition("/")[2]: Played(one) for one in blocked})
        outcomes = await browser.run(blocked[0].request.origin, [one.request for one in blocked])
    return [outcome["console"] for outcome in outcomes]


@pytest.mark.once
def test_chromium_says_what_we_say_it_says() -> None:
    """Not compared where several headers are missing, as Chromium names any of them."""
    blocked, expected, kinds = [], [], Counter[str | None]()
    for number, exchange in enumerate(exchanges(1, COUNT)):
        home = replace(exchange, request=replace(exchange.request, origin="http://app.test"))
        verdict = judge(home)
        chrome = dict(verdict.messages).get("chrome", "")
        if chrome.startswith("Access to fetch") and "," not in verdict.reason.partition("needs “")[2]:
            blocked.append(numbered(home, str(number)))
            expected.append(dict(judge(blocked[-1]).messages)["chrome"].partition("\n")[0])
            kinds[verdict.code] += 1
    shown = in_own_loop(_said(blocked))
    wrong = [f"ours: {ours}\nits:  {its}" for ours, its in zip(expected, shown, strict=True) if ours != its]
    assert not wrong, "\n\n".join(wrong[:5])
    assert len(kinds) >= 18
