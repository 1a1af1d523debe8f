"""No log holds a secret, at any level, whichever library writes it."""

from __future__ import annotations

import io
import json
import logging
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.session import Session
from django.conf import settings

from apis.demo.serve import Demo
from corsdash.redaction import REDACTED, RedactingFormatter, redact
from tests.aws.conftest import ROLE

pytestmark = pytest.mark.once
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfi=="


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that every library says at DEBUG, as it is written to the log."""
    text = io.StringIO()
    handler = logging.StreamHandler(text)
    handler.setFormatter(RedactingFormatter("%(levelname)s %(name)s: %(message)s"))
    loggers = [logging.getLogger(), *map(logging.getLogger, ("botocore", *settings.CONFIDENTIAL_LOGGERS))]
    before = [logger.level for logger in loggers]
    logging.getLogger().addHandler(handler)
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
    yield text
    logging.getLogger().removeHandler(handler)
    for logger, level in zip(loggers, before, strict=True):
        logger.setLevel(level)


def test_temporary_credentials_of_aws_are_in_no_log(demo: Demo, log: io.StringIO) -> None:
    """A role is assumed and used, with the SDK as talkative as it can be."""
    session = Session()
    where: Any = {"region_name": "us-east-1", "endpoint_url": demo.endpoint}
    sts = boto3.Session("AKIAOUTSIDE", SECRET, botocore_session=session).client("sts", **where)
    given = sts.assume_role(RoleArn=ROLE, RoleSessionName="tests", ExternalId="shared")["Credentials"]
    keys = given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]
    boto3.Session(*keys).client("apigatewayv2", **where).get_apis()
    shown = log.getvalue()
    assert "AssumeRole" in shown and "GetApis" in shown and REDACTED in shown
    for secret in (SECRET, *keys[1:]):
        assert secret not in shown


@pytest.mark.parametrize(
    "line",
    [
        f"<SessionToken>{SECRET}</SessionToken>",
        f"{{'X-Amz-Security-Token': b'{SECRET}'}}",
        f"x-amz-security-token:{SECRET}",
        json.dumps({"SecretAccessKey": SECRET, "Token": SECRET}),
        json.dumps(json.dumps({"Credentials": {"SecretAccessKey": SECRET, "SessionToken": SECRET}})),
        f"GET /?X-Amz-Security-Token={SECRET}&X-Amz-Date=1",
        f"Authorization: Bearer {SECRET}\nHost: x",
        f"{{'Authorization': 'AWS4-HMAC-SHA256 Credential=A/B, Signature={SECRET}'}}",
        f"AWS_SECRET_ACCESS_KEY={SECRET}",
        f"aws_session_token = {SECRET}",
        f"Cookie: corsdash_session={SECRET}; corsdash_csrf={SECRET}",
        f"password={SECRET} and secret='{SECRET}'",
        "postgres://ann:hunter2@db/corsdash",
        "redis://:hunter2@broker/0",
        f"made cd_{'a' * 40}",
        f"whsec_{'b' * 44}",
        f"('x-amz-security-token', '{SECRET}')",
    ],
)
def test_each_form_of_a_secret_is_redacted(line: str) -> None:
    found = redact(line)
    assert REDACTED in found
    for secret in (SECRET, "hunter2", "a" * 30, "b" * 30):
        assert secret not in found


@pytest.mark.parametrize(
    "line",
    [
        "12 INFO apis.inventory: sync of production us-east-1: 12 found, NextToken=abc",
        "ready at http://127.0.0.1:8000",
        "GET https://example.com:8443/tokens/?page=2 -> 200",
        "worker exited (exit code 1); restarting in 0.5 s",
    ],
)
def test_other_lines_stay_as_they_are(line: str) -> None:
    assert redact(line) == line


def test_tracebacks_are_redacted() -> None:
    try:
        raise ValueError(f"SecretAccessKey={SECRET}")
    except ValueError:
        import sys

        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "failed", None, sys.exc_info())
    assert SECRET not in RedactingFormatter().format(record)


def test_a_long_line_takes_no_longer_than_its_length() -> None:
    """Twice the text, about twice the time: a log line may hold what a stranger sent."""
    for piece in ("token=", "password:'", "<token>", "x://a:", "authorization: ", "secret" * 3, "\\\\\\'"):
        seconds = []
        for size in (20_000, 80_000):
            text, begun = piece * (size // len(piece)), time.process_time()
            for _ in range(3):
                redact(text)
            seconds.append(time.process_time() - begun)
        assert seconds[1] < 12 * max(seconds[0], 0.005), piece


def test_every_handler_redacts() -> None:
    config: Any = settings.LOGGING
    for handler in config["handlers"].values():
        assert config["formatters"][handler["formatter"]]["()"] == "corsdash.redaction.RedactingFormatter"
