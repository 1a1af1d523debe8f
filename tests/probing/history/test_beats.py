"""What a probe keeps of its newest outcomes reads as they were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apis.probing.history import beats

_SECOND = st.integers(0, 2**32 - 1).map(lambda at: datetime.fromtimestamp(at, UTC))
_BEATS = st.lists(st.builds(beats.Beat, _SECOND, st.sampled_from([True, False, None]), st.booleans()), max_size=130)


def kept(found: list[beats.Beat], before: Any = "") -> Any:
    """What a probe keeps after these outcomes, given in order of time."""
    for beat in found:
        before = beats.add(before, *beat)
    return before


@pytest.mark.once
@given(_BEATS)
def test_the_newest_outcomes_are_kept(found: list[beats.Beat]) -> None:
    assert beats.read(kept(found)) == found[::-1][: beats.KEPT]


@pytest.mark.once
@given(_BEATS, _BEATS)
def test_those_of_an_earlier_version_are_kept(earlier: list[beats.Beat], found: list[beats.Beat]) -> None:
    lists = [[int(at.timestamp()), passed, error] for at, passed, error in earlier[::-1]][: beats.KEPT]
    assert beats.read(lists) == earlier[::-1][: beats.KEPT]
    assert beats.read(kept(found, lists)) == [*found[::-1], *earlier[::-1]][: beats.KEPT]
