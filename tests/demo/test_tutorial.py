"""The tutorial's own commands, run by the aws CLI, and its curl, against the demo AWS as a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo.clients import call

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parents[2]


class Process:
    """`python -m apis.demo`."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "apis.demo", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.line = self.process.stdout.readline().strip()
        self.endpoint = self.line.removeprefix("demo AWS at ")

    def aws(self, *words: str) -> Any:
        """The aws CLI; its answer, read."""
        keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_PAGER": ""}
        command = [sys.executable, "-m", "awscli", "--endpoint-url", self.endpoint, "apigatewayv2", *words]
        done = subprocess.run(
            [*command, "--region", "us-east-1", "--output", "json"],
            env={**os.environ, **keys}, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout.strip() else None

    def stop(self) -> float:
        """SIGTERM; the seconds until it was gone."""
        start = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        _, self.output = self.process.communicate(timeout=20)
        return time.monotonic() - start


@pytest.fixture
def process() -> Iterator[Process]:
    running = Process()
    yield running
    if running.process.poll() is None:
        running.stop()


def test_the_tutorial(process: Process) -> None:
    assert re.fullmatch(r"demo AWS at http://127\.0\.0\.1:\d+", process.line)
    answer = process.aws(
        "update-api", "--api-id", "abc123def4", "--cors-configuration",
        "AllowOrigins=http://localhost:3000,https://example.com,AllowMethods=GET,POST,PUT,DELETE,"
        "AllowHeaders=Content-Type,Authorization,MaxAge=86400",
    )  # fmt: skip
    assert answer["Name"] == "my-frontend-app-api"
    assert answer["CorsConfiguration"] == {
        "AllowHeaders": ["content-type", "authorization"],
        "AllowMethods": ["GET", "POST", "PUT", "DELETE"],
        "AllowOrigins": ["http://localhost:3000", "https://example.com"],
        "MaxAge": 86400,
    }
    assert process.aws("get-api", "--api-id", "abc123def4")["CorsConfiguration"] == answer["CorsConfiguration"]

    port = int(answer["ApiEndpoint"].rpartition(":")[2])
    asked = {
        "Origin": "http://localhost:3000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "Content-Type",
    }
    curl = call(port, "OPTIONS", answer["ApiEndpoint"] + "/items", asked)
    assert curl.status == 204
    assert "vary" not in curl.headers
    assert curl.cors == {
        "access-control-allow-headers": "content-type, authorization",
        "access-control-allow-methods": "GET, POST, PUT, DELETE",
        "access-control-allow-origin": "http://localhost:3000",
        "access-control-max-age": "86400",
    }

    assert process.aws("delete-cors-configuration", "--api-id", "abc123def4") is None
    assert call(port, "OPTIONS", answer["ApiEndpoint"] + "/items", asked).status == 404

    assert process.stop() < 2
    assert process.process.returncode == 0
    assert process.output == ""


def test_a_port_that_is_taken_is_said_in_one_line(process: Process) -> None:
    port = process.endpoint.rpartition(":")[2]
    second = Process("--aws-port", port)
    _, shown = second.process.communicate(timeout=20)
    assert second.process.returncode == 1
    assert "choose other ports" in shown
    assert "Traceback" not in shown
