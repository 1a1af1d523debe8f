"""An account's endpoint URL: which ones are AWS's own, and how calls go to the others.

Admins can enter any URL. Calls to it are therefore not sent by the SDK, which follows proxies and
resolves names on its own, but by the function that the `Reach` carries: the caller's guarded way to other hosts.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

MAX_BODY = 16 * 1024 * 1024
"""The longest response body that is read: ten times a full page of GetApis."""

TIMEOUT_S = 13.0
"""The time for one call to an endpoint, from looking its name up to the last byte of the body."""

# The control plane of API Gateway itself, public, FIPS and dual-stack, and its VPC endpoints (AWS PrivateLink).
_AWS = re.compile(
    r"https://(?:vpce-[0-9a-z-]{1,60}\.apigateway(?:-fips)?\.[a-z0-9-]{1,30}\.vpce\.amazonaws\.com(?:\.cn)?"
    r"|apigateway(?:-fips)?\.[a-z0-9-]{1,30}\.(?:amazonaws\.com(?:\.cn)?|api\.aws|api\.amazonwebservices\.com\.cn))"
    r"(?::443)?/?"
)


@dataclass(frozen=True, slots=True)
class Request:
    """One signed HTTP request, ready to be sent."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes | None


@dataclass(frozen=True, slots=True)
class Response:
    """What an endpoint answered, with its whole body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


Fault = Literal["refused", "connect", "timeout", "tls", "too-large", "protocol"]


class NotSent(Exception):
    """There is no response. "refused" is never tried again; `message` says why, in words that may be shown."""

    def __init__(self, fault: Fault, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.message = message


type Send = Callable[[Request], Response]
"""Sends one request within TIMEOUT_S and reads at most MAX_BODY; raises NotSent."""


def is_aws(url: str) -> bool:
    """Return whether a URL is an endpoint of API Gateway's control plane, which shows itself by AWS's certificate."""
    return _AWS.fullmatch(url.lower()) is not None


def endpoint_of(region: str) -> str:
    """Return AWS's own public endpoint of API Gateway's control plane in a region."""
    return f"https://apigateway.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"


def route(client: Any, send: Send) -> None:
    """Make a boto3 client hand its requests to `send` instead of sending them."""

    def carry(request: Any, **_: Any) -> Any:
        # "before-send" is the SDK's own place for a response that comes another way.
        from botocore.awsrequest import AWSResponse

        try:
            response = send(_plain(request))
        except NotSent as error:
            raise _sdk_error(error, request.url) from error
        headers = {name.lower(): value for name, value in response.headers}
        return AWSResponse(request.url, response.status, headers, _Raw(response.body))

    # Last: a call first takes its turn in the account's budget.
    client.meta.events.register_last("before-send", carry)


class _Raw(io.BytesIO):
    """A body as the SDK reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()


def _plain(request: Any) -> Request:
    body = request.body
    if body is not None and not isinstance(body, bytes):
        body = body.encode() if isinstance(body, str) else body.read()
    own = {"host", "content-length", "transfer-encoding", "connection", "expect"}
    headers = tuple(
        (name, value.decode("latin-1") if isinstance(value, bytes) else str(value))
        for name, value in request.headers.items()
        if name.lower() not in own
    )
    return Request(request.method, request.url, headers, body or None)


def _sdk_error(error: NotSent, url: str) -> Exception:
    """Return the SDK's own exception, by which it decides whether to try again; a refusal stays what it is."""
    from botocore import exceptions as sdk

    match error.fault:
        case "timeout":
            return sdk.ReadTimeoutError(endpoint_url=url, error=error)
        case "connect":
            return sdk.EndpointConnectionError(endpoint_url=url, error=error)
        case "protocol":
            return sdk.ConnectionClosedError(endpoint_url=url)
        case "tls":
            return sdk.SSLError(endpoint_url=url, error=error)
    return error
