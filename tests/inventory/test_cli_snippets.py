"""Commands to copy: what an endpoint answers may hold anything, and none of it is run."""

from __future__ import annotations

import shlex

import pytest

from apis.inventory.cli_snippets import read_line, write_line
from apis.inventory.models import Account, HttpApi

HOSTILE = "x; touch /tmp/owned; $(id) `id` '\"\n#"


@pytest.mark.once
def test_every_part_is_one_word_of_the_shell() -> None:
    account = Account(name="a", method=Account.Method.PROFILE, profile=HOSTILE, endpoint_url=HOSTILE)
    api = HttpApi(account=account, region=HOSTILE, api_id=HOSTILE, name=HOSTILE)
    for line in (read_line(api), write_line(api)):
        words = shlex.split(line)
        assert words[:2] == ["aws", "apigatewayv2"]
        assert [word for word in words if "touch" in word] == [HOSTILE] * 4
