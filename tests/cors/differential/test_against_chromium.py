"""Generated exchanges, fetched by a real Chromium from a local server, and `judge` on the same exchanges.

CORSDASH_DIFFERENTIAL is the number of exchanges (2,000 when unset), CORSDASH_DIFFERENTIAL_SEED the seed.
"""

from __future__ import annotations

import os

import pytest

from tests.cors.differential.chromium import Chromium, in_own_loop
from tests.cors.differential.compare import Arena
from tests.cors.differential.generate import exchanges
from tests.cors.differential.server import Server
from tests.support import chromium

BATCH = 500
ENOUGH = 3  # disagreements that one run makes small and reports


async def _differences(seed: int, count: int) -> list[str]:
    everything = list(exchanges(seed, count))
    program = chromium.find()
    async with Server() as server, Chromium(program.path, server.port, program.arguments, program.environ) as browser:
        arena, found = Arena(server, browser), []
        for start in range(0, count, BATCH):
            for difference in await arena.disagreements(everything[start : start + BATCH]):
                confirmed = await arena.confirm(difference)
                if confirmed:
                    found.append(str(await arena.smallest(confirmed)))
                if len(found) == ENOUGH:
                    return found
        return found


@pytest.mark.once
def test_judge_and_chromium_agree_on_generated_exchanges() -> None:
    count = int(os.environ.get("CORSDASH_DIFFERENTIAL", "2000"))
    seed = int(os.environ.get("CORSDASH_DIFFERENTIAL_SEED", "20261123"))
    found = in_own_loop(_differences(seed, count))
    assert not found, f"seed {seed}, made as small as they get:\n\n" + "\n\n".join(found)
