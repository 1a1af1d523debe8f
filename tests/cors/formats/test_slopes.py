"""No reader takes more than n·log n for any text: texts made to slow one are read at two lengths."""

from __future__ import annotations

import pytest

from apis.cors.formats import FORMATS
from tests.benchmarks.readers import ENDS, LIMIT, READERS, UNITS, slope

LENGTH = 32 * 1024
SHORT = 8 * 1024
NOTICEABLE = 0.1  # seconds; a quadratic reader takes this for the long text at least
ONCE = [name for name in READERS if name not in FORMATS and name != "linter"]
"""The readers without those of one format, which are parts of the import's."""

pytestmark = pytest.mark.once


@pytest.mark.parametrize("name", ONCE)
def test_the_time_of_a_reader_grows_with_the_text_not_with_its_square(name):
    steep = {unit: found for unit in UNITS if (found := slope(READERS[name], unit, LENGTH, NOTICEABLE)) > LIMIT}
    assert steep == {}


@pytest.mark.parametrize("end", ENDS[1:])
def test_a_text_that_is_refused_at_its_end_takes_no_longer(end):
    steep = {unit: found for unit in UNITS if (found := slope(READERS["import"], unit, SHORT, NOTICEABLE, end)) > LIMIT}
    assert steep == {}
