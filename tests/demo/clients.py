"""Ways to the demo AWS that owe nothing to corsdash: boto3 for the control plane, plain HTTP for the gateway."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.config import Config

from apis.demo.emulator.request import session_key
from apis.demo.serve import Demo

PARTNER = session_key("210987654321")


def control(demo: Demo, region: str = "us-east-1", key: str = "anything", service: str = "apigatewayv2") -> Any:
    """A boto3 client of the control plane."""
    return _client(demo.endpoint, region, key, service)


@cache
def _client(endpoint: str, region: str, key: str, service: str) -> Any:
    return boto3.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key="anything",
        config=Config(retries={"total_max_attempts": 3, "mode": "standard"}, proxies={}),
    )


@contextmanager
def new_api(
    demo: Demo, *keys: str, region: str = "us-east-1", account_key: str = "anything", **given: Any
) -> Iterator[str]:
    """The id of an API with these routes and a $default stage, gone afterwards."""
    client = control(demo, region, account_key)
    api_id = client.create_api(**{"Name": "made-by-a-test", "ProtocolType": "HTTP", **given})["ApiId"]
    for key in keys:
        client.create_route(ApiId=api_id, RouteKey=key)
    client.create_stage(ApiId=api_id, StageName="$default", AutoDeploy=True)
    try:
        yield api_id
    finally:
        client.delete_api(ApiId=api_id)


class Answered:
    """An HTTP answer: `headers` in lower case, `cors` those that are CORS."""

    def __init__(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers}

    @property
    def cors(self) -> dict[str, str]:
        """The CORS headers, in their order."""
        return {name: value for name, value in self.headers.items() if name.startswith("access-control-")}


def call(
    port: int, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
) -> Answered:
    """One request to the gateway, whatever its name resolves to."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        connection.request(method, path, body, {**(headers or {}), "Host": target.netloc})
        answer = connection.getresponse()
        return Answered(answer.status, answer.getheaders(), answer.read())
    finally:
        connection.close()


def preflight(port: int, url: str, origin: str, method: str = "GET", headers: str = "") -> Answered:
    """A preflight as a browser sends it."""
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    return call(port, "OPTIONS", url, asked)
