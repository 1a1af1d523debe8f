"""Probes as YAML: exported, planned, applied, and the same file twice."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from apis.access.models import AuditEvent
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import Probe

pytestmark = pytest.mark.once

SECRET = "s3cret-token"


def probes(*arguments: str) -> str:
    """What the command prints."""
    out = io.StringIO()
    call_command("probes", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def file(api: HttpApi, tmp_path: Path) -> Path:
    """The export of two probes, one with much set and one with little."""
    probe_edits.save(api, {"origin": "https://a.example", "path": "/items"})
    probe_edits.save(
        api,
        {
            "name": "from elsewhere", "origin": "null", "path": "/items", "method": "DELETE", "expect": "blocked",
            "interval": 60, "failures": 5, "credentials": True, "secret_header": "x-key", "secret": SECRET,
            "max_latency": 500, "certificate_days": 14, "safe": True, "retry_interval": 0, "recoveries": 3,
        },
    )  # fmt: skip
    found = tmp_path / "probes.yaml"
    probes("export", str(found))
    return found


def kept() -> list[dict[str, object]]:
    """What is stored of each probe."""
    names = (*probe_edits.FIELDS, "secret")
    return [{name: getattr(probe, name) for name in names} for probe in Probe.objects.order_by("pk")]


def test_an_export_applied_again_changes_nothing(file: Path) -> None:
    before = kept()
    assert SECRET not in file.read_text()
    assert "Plan: 0 to create, 0 to change, 0 to delete, 2 unchanged." in probes("apply", str(file), "--yes")
    assert kept() == before
    assert not AuditEvent.objects.filter(action="changed a probe").exists()


def test_an_export_brings_back_what_was_deleted(file: Path) -> None:
    before = kept()
    Probe.objects.all().delete()
    assert "2 to create" in probes("apply", str(file), "--yes")
    assert kept() == [one | {"secret": ""} for one in before], "secrets are in no file"
    assert "2 unchanged" in probes("apply", str(file), "--yes")


def test_a_plan_is_shown_before_anything_is_written(file: Path) -> None:
    document = yaml.safe_load(file.read_text())
    document["apis"][0]["probes"][0]["interval"] = 900
    del document["apis"][0]["probes"][1]
    document["apis"][0]["probes"].append({"origin": "https://new.example"})
    file.write_text(yaml.safe_dump(document))
    before = kept()
    shown = probes("apply", str(file), "--dry-run")
    assert "interval: 300 -> 900" in shown
    assert "Plan: 1 to create, 1 to change, 0 to delete, 0 unchanged." in shown
    assert "1 probes of these APIs are not in the file" in shown
    assert kept() == before
    with pytest.raises(CommandError, match="--yes"):
        probes("apply", str(file))
    assert kept() == before
    probes("apply", str(file), "--yes")
    assert Probe.objects.count() == 3
    assert "1 to delete" in probes("apply", str(file), "--yes", "--prune")
    assert set(Probe.objects.values_list("name", "interval")) == {
        ("GET /items from https://a.example", 900),
        ("GET / from https://new.example", 300),
    }


def test_a_secret_in_a_file_is_stored_and_never_shown(file: Path) -> None:
    document = yaml.safe_load(file.read_text())
    document["apis"][0]["probes"][1]["secret"] = "another"
    file.write_text(yaml.safe_dump(document))
    assert "another" not in probes("apply", str(file), "--yes")
    assert Probe.objects.get(name="from elsewhere").secret == "another"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not YAML"),
        ("version: 2", "version"),
        ("version: 1\napis: 3", "apis"),
        ("version: 1\napis: [{account: demo, region: us-east-1, api_id: nope}]", r"apis\[0\]: there is no API"),
        ("version: 1\napis: [{account: demo}]", r"apis\[0\]: must have"),
        ("version: 1\napis: [{account: demo, region: us-east-1, api_id: ID, probes: [{origin: x}]}]",
         r"apis\[0\]\.probes\[0\]\.origin"),
        ("version: 1\napis: [{account: demo, region: us-east-1, api_id: ID, probes: [{orign: x}]}]",
         r"apis\[0\]\.probes\[0\]\.orign: unknown"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_place_and_nothing_is_written(
    api: HttpApi, tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "probes.yaml"
    file.write_text(text.replace("ID", api.api_id))
    with pytest.raises(CommandError, match=says):
        probes("apply", str(file), "--yes")
    assert not Probe.objects.exists()


@pytest.mark.parametrize("action", ["apply", "export"])
def test_a_path_that_does_not_work_is_named_once(db: None, tmp_path: Path, action: str) -> None:
    path = tmp_path / "nowhere" / "probes.yaml"
    with pytest.raises(CommandError) as raised:
        probes(action, str(path))
    assert str(raised.value) == f"{path}: No such file or directory"
