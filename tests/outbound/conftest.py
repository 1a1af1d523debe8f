"""What the tests of the guarded way share: a Sender onto loopback, and a certificate authority."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from apis.outbound import Guard, Sender
from tests.outbound.certificates import Authority
from tests.outbound.hosts import LOOPBACK, OPEN


@pytest.fixture
def sender() -> Iterator[Sender]:
    """May call loopback, and nothing else but public addresses."""
    with Sender(OPEN) as sender:
        yield sender


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """A certificate authority that only `trusting` believes."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def trusting(authority: Authority) -> Guard:
    """A guard that allows loopback and trusts the tests' authority besides the system's."""
    return Guard(LOOPBACK, str(Path(authority.file)))
