"""No name adds lines to a mail."""

from __future__ import annotations

import pytest

from apis.alerting.channels.email.payload import _in_lines


@pytest.mark.once
@pytest.mark.parametrize("sign", ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"])
def test_each_text_stays_on_its_line(sign: str) -> None:
    found = _in_lines({"api": {"name": f"orders{sign}Bcc: x@example.com"}, "probes": [{"name": f"a{sign}b"}], "n": 1})
    assert found == {"api": {"name": "orders Bcc: x@example.com"}, "probes": [{"name": "a b"}], "n": 1}
