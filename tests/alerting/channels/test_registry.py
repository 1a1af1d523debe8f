"""A kind of channel is one folder, complete: form, payload, set-up steps, documentation and a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from apis.alerting import channels
from apis.alerting.channels.setup import setup_of
from apis.alerting.models import Channel

ROOT = Path(__file__).resolve().parents[3]
FOLDER = ROOT / "apis" / "alerting" / "channels"
NAMES = {path.parent.name for path in FOLDER.glob("*/payload.py")}

pytestmark = pytest.mark.once


def test_every_folder_is_found() -> None:
    assert set(channels.kinds()) == NAMES
    assert len(NAMES) >= 15


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_kind_is_complete(name: str) -> None:
    kind = channels.kinds()[name]
    assert kind.group in channels.GROUPS
    assert kind.label and kind.summary and kind.fields
    assert setup_of(name).documentation.startswith("https://")
    assert len(setup_of(name).steps) >= 2
    assert list(Path(__file__).parent.rglob(f"test_{name}.py"))
    assert {field.name for field in kind.fields} <= {"url", "address", "secret", "account"}
    assert len(name) <= (Channel._meta.get_field("kind").max_length or 0)


def test_readme_lists_every_kind() -> None:
    text = (ROOT / "README.md").read_text()
    assert [kind.label for kind in channels.kinds().values() if kind.label not in text] == []
