"""The guarded way to the endpoint URL of an account, and which endpoints need none."""

from __future__ import annotations

import os
from dataclasses import replace

from django.conf import settings

from apis import outbound
from apis.aws import endpoint
from apis.outbound.call import Unsendable
from apis.outbound.target import read_url

# Where the network interfaces of VPC endpoints are. An endpoint of AWS shows itself by its certificate.
_VPC = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_CONNECT_S = 3.0
_FAULTS: dict[str, endpoint.Fault] = {
    "refused-address": "refused",
    "bad-url": "refused",
    "local": "connect",
    "resolve": "connect",
    "connect": "connect",
    "tls": "tls",
    "timeout": "timeout",
    "too-large": "too-large",
    "protocol": "protocol",
}


def is_operators(url: str) -> bool:
    """Return whether the operator set the endpoint: the demo, or AWS_ENDPOINT_URL and its kin."""
    named = {value for name, value in os.environ.items() if name.startswith("AWS_ENDPOINT_URL")}
    return url.rstrip("/") in {one.rstrip("/") for one in (*named, settings.CORSDASH_DEMO_ENDPOINT) if one}


def refusal(url: str) -> str:
    """Return why an endpoint URL cannot be an account's, as far as its text states, or ""."""
    try:
        target = read_url(url)
    except Unsendable as error:
        return error.message
    return "" if is_operators(url) else outbound.from_settings().refusal(target)


def send(request: endpoint.Request) -> endpoint.Response:
    """Send a request for `aws` to a vetted address: no redirects, no proxies, one deadline. Raises NotSent."""
    call = outbound.Call(
        request.method, request.url, request.headers, request.body,
        timeout_s=endpoint.TIMEOUT_S, connect_timeout_s=_CONNECT_S, max_body=endpoint.MAX_BODY,
    )  # fmt: skip
    outcome = outbound.send(call, _guard(request.url))
    if isinstance(outcome, outbound.Failure):
        raise endpoint.NotSent(_FAULTS[outcome.kind], outcome.message)
    if outcome.cut and len(outcome.body) >= endpoint.MAX_BODY:
        raise endpoint.NotSent("too-large", f"It sent more than {endpoint.MAX_BODY >> 20} MiB, more than AWS sends.")
    if outcome.cut:
        raise endpoint.NotSent("timeout", f"Its response was not complete within {endpoint.TIMEOUT_S:g} s.")
    return endpoint.Response(outcome.status, outcome.headers, outcome.body)


def _guard(url: str) -> outbound.Guard:
    guard = outbound.from_settings()
    scheme, _, host, *_ = f"{url}/".split("/")
    if endpoint.is_aws(f"{scheme}//{host}"):
        return replace(guard, allowed_networks=(*guard.allowed_networks, *_VPC))
    return guard
