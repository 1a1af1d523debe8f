"""Whose credentials are used, and to whom they are shown."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apis.aws import Reach, Refused, default_region, get_api, has_credentials, list_apis, whoami
from apis.aws.identity import default
from apis.demo.emulator.request import account_of, session_key
from apis.demo.serve import Demo

OURS = "AKIAOURVERYOWNSECRET"


@pytest.fixture
def own_keys(monkeypatch: pytest.MonkeyPatch, demo: Demo) -> None:
    """Credentials in the environment, and an AWS that is not AWS."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", OURS)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", demo.endpoint)


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An AWS configuration of this test's own."""
    path = tmp_path / "config"
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return path


@pytest.mark.usefixtures("own_keys")
def test_the_chains_credentials_are_used(db: None, called: Callable[[], list[Any]]) -> None:
    get_api(Reach(f"test-{uuid.uuid4()}"), "us-east-1", "abc123def4")
    assert [one.key for one in called()] == [OURS]


@pytest.mark.usefixtures("own_keys")
def test_an_endpoint_never_sees_real_credentials(reach: Reach, partner: Reach, called: Callable[[], list[Any]]) -> None:
    get_api(reach, "us-east-1", "abc123def4")
    list(list_apis(partner, "eu-west-1"))
    assert [one.operation for one in called()] == ["GetApi", "AssumeRole", "GetApis"]
    assert OURS not in {one.key for one in called()}


def test_a_profiles_credentials_are_used(db: None, demo: Demo, config: Path, called: Callable[[], list[Any]]) -> None:
    config.write_text(
        f"[profile audit]\naws_access_key_id = AKIAAUDIT\naws_secret_access_key = x\nendpoint_url = {demo.endpoint}\n"
    )
    get_api(Reach(f"test-{uuid.uuid4()}", "profile", "audit"), "us-east-1", "abc123def4")
    assert [one.key for one in called()] == ["AKIAAUDIT"]


def test_a_profile_that_is_not_there(db: None, config: Path) -> None:
    with pytest.raises(Refused, match="No profile audit"):
        get_api(Reach(f"test-{uuid.uuid4()}", "profile", "audit"), "us-east-1", "abc123def4")


def test_no_credentials_at_all(db: None) -> None:
    with pytest.raises(Refused, match="No AWS credentials were found"):
        get_api(Reach(f"test-{uuid.uuid4()}"), "us-east-1", "abc123def4")


def test_a_role_is_assumed_once_and_named_after_us(partner: Reach, called: Callable[[], list[Any]]) -> None:
    account, arn = whoami(partner)
    assert account == "210987654321"
    assert "assumed-role/corsdash-demo/" in arn
    list(list_apis(partner, "eu-west-1"))
    list(list_apis(partner, "us-east-1"))
    assert [one.operation for one in called()].count("AssumeRole") == 1


def test_the_demos_sessions_outlive_it() -> None:
    assert account_of(session_key("210987654321")) == "210987654321"
    assert account_of("AKIAOTHER") == ""


def test_whether_there_are_credentials(monkeypatch: pytest.MonkeyPatch, config: Path) -> None:
    assert not has_credentials()
    monkeypatch.setenv("AWS_PROFILE", "typo")
    assert not has_credentials()
    monkeypatch.delenv("AWS_PROFILE")
    config.write_text("[default]\nregion = eu-north-1\naws_access_key_id = A\naws_secret_access_key = B\n")
    assert has_credentials()
    assert default_region() == "eu-north-1"


def test_a_machine_outside_aws_is_not_kept_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_EC2_METADATA_DISABLED")
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9/")
    start = time.monotonic()
    assert not has_credentials()
    assert time.monotonic() - start < 4


@pytest.mark.usefixtures("own_keys")
def test_whose_credentials_these_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    found = default()
    assert (found.account_id, found.region) == ("123456789012", "eu-west-1")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"method": "guess"}, "method"),
        ({"method": "profile"}, "profile"),
        ({"method": "role"}, "role_arn"),
        ({"calls_per_s": 6.0}, "calls_per_s"),
        ({"calls_per_s": 6.0, "endpoint_url": "https://aws.example.com"}, "calls_per_s"),
        ({"calls_per_s": 0.0}, "calls_per_s"),
    ],
)
def test_a_reach_that_cannot_be_is_refused(given: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=f"^{field}:"):
        Reach("any", **given)
