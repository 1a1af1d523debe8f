"""What others do to the demo AWS: changes made outside corsdash, and faults of the gateway."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apis.demo import seed_apis
from apis.inventory.models import HttpApi

TIMEOUT_S = 10
PATIENCE_S = 300.0
"""Seconds for which a demo AWS that does not answer, as on a busy machine, is tried again."""
PAUSE_S = 1.0


def tries() -> Iterator[bool]:
    """Yield a turn at once and then after each pause; True for the last one, when patience has run out."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        yield False
        time.sleep(PAUSE_S)
    yield True


@dataclass(frozen=True, slots=True)
class Someone:
    """Who calls AWS, and with which program: CloudTrail names both."""

    name: str
    agent: str


MARIA = Someone("maria", "aws-cli/2.31.3 md/awscrt#0.27.6 ua/2.1 os/macos#24.6.0 lang/python#3.13.7 cfg/retry-mode")
PIPELINE = Someone("pipeline", "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 terraform-provider-aws/6.14.1 aws-sdk-go-v2")


class DemoApi:
    """The demo AWS at its endpoint."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def post(self, page: str, value: dict[str, Any]) -> None:
        """Set something behind the scenes: the clock, a fault, or all APIs as planted at first."""
        self._send("POST", f"/_demo/{page}", value)

    def clear(self, page: str) -> None:
        """Clear what was set."""
        self._send("DELETE", f"/_demo/{page}", {})

    def update_cors(self, name: str, cors: dict[str, Any], by: Someone) -> None:
        """Change an API's CORS settings in the demo's first account, as the aws command or Terraform does."""
        one = seed_apis.named(name)
        api_id, region = seed_apis.id_of(one), one.region
        scope = f"Credential={by.name}/20260101/{region}/apigateway/aws4_request"
        signed = f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0"
        headers = {"Authorization": signed, "User-Agent": by.agent}
        self._send("PATCH", f"/v2/apis/{api_id}", {"corsConfiguration": cors}, headers)

    def break_once(self, api: HttpApi, kind: str, seconds: float = 0) -> None:
        """Let the gateway fail one request to an API."""
        self.post("faults", {"kind": kind, "operation": "Invoke", "api": api.api_id, "times": 1, "seconds": seconds})

    def _send(self, method: str, path: str, value: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        request = urllib.request.Request(self.endpoint + path, body, headers or {}, method=method)
        for is_last in tries():
            try:
                self._open(request, timeout=TIMEOUT_S).close()
                return
            except urllib.error.HTTPError:
                raise
            except OSError:
                # Each of these calls may come twice: the second one changes nothing.
                if is_last:
                    raise
