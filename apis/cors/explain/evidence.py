"""What a pasted text shows about a call by its answers: who answered, with which status, and what that means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from apis.cors.exchange import Answer
from apis.cors.explain.causes.causes import Cause, cause
from apis.cors.hosts import SOME_SERVICE, Host
from apis.cors.paste import Reading

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_FAILURES = frozenset({413, 429, 431})
_STATUS_WORDS = {
    401: "An authorizer rejected the call: the token is missing, expired or for another audience.",
    403: "Something denied the call: an authorizer, an IAM or resource policy, a firewall, or a wrong path or host.",
    404: "No route or resource matches the call: check the path, the stage and the method.",
    405: "The backend does not serve this method.",
    408: "The request took too long to arrive.",
    413: "The body is too large: HTTP APIs take 10 MB, a Lambda function 6 MB.",
    429: "Requests are throttled: the stage's, the account's or the function's limit was reached.",
    431: "The request's headers are too large: HTTP APIs take 10,240 bytes of headers.",
    500: "The integration failed: look at the function's log, its permission for API Gateway and its response format.",
    502: "The backend's response was unusable, or the backend was unreachable: look at its log.",
    503: "The backend was unavailable or took longer than the integration's timeout (30 seconds), or it was throttled.",
    504: "The backend took too long to respond: the integration's timeout is 30 seconds.",
}

SERVICE_STEPS = {
    "S3": "Set the CORS rules of the S3 bucket (bucket, Permissions, Cross-origin resource sharing).",
    "Cognito": "Use the Cognito SDK or its hosted UI; its token endpoint must be called as its app client allows.",
    "AppSync": "AppSync answers CORS itself: check the URL, the API key or token and the request's headers.",
    "API Gateway's own control plane": "Call it from a backend or the CLI: it sends no CORS headers to pages.",
}


def is_failure(status: int | None) -> TypeGuard[int]:
    """Return whether a status says that the gateway or the backend failed, whatever the CORS settings are."""
    return status is not None and (status >= 500 or status in _FAILURES)


def is_redirect_status(status: int | None) -> bool:
    """Return whether a status is a redirect that browsers follow."""
    return status in _REDIRECTS


def status_cause(status: int, preflight: bool) -> Cause:
    """Return the cause of an answer with an error status and no CORS headers."""
    what = "preflight" if preflight else "call"
    why = f"The {what} was answered with status {status}, and that response has no CORS headers."
    steps = (_STATUS_WORDS.get(status, "Look at the status and the body of the response."),)
    return cause("gateway-error-status", why, "certain", steps=steps)


def answerers(reading: Reading, host: Host) -> Iterator[Cause]:
    """Yield who answered, where the recorded answers show that it was not an HTTP API."""
    observed = reading.observed
    if observed is None:
        return
    answers = [answer for answer in (observed.preflight, observed.response) if answer is not None]
    if any(answer.get("apigw-requestid") is not None for answer in answers):
        return
    for answer in answers:
        found = _answerer(answer, host)
        if found:
            yield found
            return
    emulated = any(answer.get("access-control-allow-origin") == "*" for answer in answers)
    if emulated and host.kind in ("execute-api", "local") and not any(_is_aws(answer) for answer in answers):
        why = "The response allows any origin and has no apigw-requestid, so it comes from an emulator or a proxy."
        yield cause("emulator-answered", why, "likely")


def _answerer(answer: Answer, host: Host) -> Cause | None:
    cached, server = ((answer.get(name) or "").lower() for name in ("x-cache", "server"))
    if host.kind == "function-url":
        return cause("function-url", "The host is a Lambda function URL, which has its own CORS settings.", "certain")
    if answer.get("x-amz-apigw-id") is not None:
        return cause("rest-api-answered", "The response has x-amz-apigw-id, which only REST APIs send.", "certain")
    kind = (answer.get("x-amzn-errortype") or "").partition(":")[0]
    if "waf" in kind.lower() or answer.get("x-amzn-waf-action") is not None:
        return cause("firewall-answered", "The response comes from AWS WAF.", "certain")
    if kind in ("ForbiddenException", "AccessDeniedException", "MissingAuthenticationTokenException") or (
        kind and host.kind == "execute-api"
    ):
        why = f"The response has x-amzn-errortype: {kind}, which REST APIs send and HTTP APIs do not."
        return cause("rest-api-answered", why, "certain")
    if "error from cloudfront" in cached or "lambdageneratedresponse" in cached.replace(" ", ""):
        return cause("cdn-answered", f"The response has x-cache: {cached}, so CloudFront answered itself.", "certain")
    is_page = answer.status in (403, 405) and "html" in (answer.get("content-type") or "")
    proxy = "Cloudflare" if answer.get("cf-ray") is not None or "cloudflare" in server else ""
    if is_page and proxy:
        why = f"{proxy} answered status {answer.status} with an HTML page: its firewall rejected the request."
        return cause("firewall-answered", why, "certain")
    if proxy:
        return cause("cdn-answered", "The response comes from Cloudflare, not from API Gateway.", "certain")
    if answer.get("x-amz-cf-id") is not None and "hit" in cached:
        return cause("cdn-answered", "The response comes from CloudFront's cache.", "certain")
    if answer.get("x-amz-id-2") is not None or server == "amazons3":
        return cause("not-an-http-api", "The response comes from S3.", "certain", steps=(SERVICE_STEPS["S3"],))
    if is_page:
        why = f"Status {answer.status} with an HTML page is what firewalls and proxies send, not API Gateway."
        return cause("firewall-answered", why, "likely")
    if answer.get("x-amz-cf-id") is not None:
        why = "The response came through CloudFront and has no apigw-requestid: CloudFront or a REST API answered."
        return cause("cdn-answered", why, "likely")
    return None


def _is_aws(answer: Answer) -> bool:
    return any(name.startswith(("x-amz", "apigw")) for name in answer.names)


def is_bare_204(reading: Reading) -> bool:
    """Return whether an HTTP API answered the preflight with 204 and no CORS headers, as to unlisted origins."""
    answer = reading.observed.preflight if reading.observed else None
    return (
        answer is not None
        and answer.status == 204
        and answer.get("apigw-requestid") is not None
        and answer.get("access-control-allow-origin") is None
    )


def host_cause(host: Host, url: str) -> Cause | None:
    """Return what a host is when no API of the inventory answers there."""
    if host.kind == "function-url":
        return cause("function-url", "The host is a Lambda function URL, not an HTTP API.", "certain")
    if host.kind == "websocket":
        why = "The URL is a WebSocket's, or the polling of socket.io, which API Gateway does not serve."
        return cause("websocket-api", why, "certain")
    if host.kind == "cloudfront":
        why = "The host is a CloudFront distribution: it must forward Origin and answer or forward OPTIONS."
        return cause("cdn-answered", why, "likely")
    if host.kind in ("aws-service", "other-service"):
        return _service_cause(host)
    if host.kind == "local":
        why = "The host is this machine or a private network, so an emulator or a development server answered."
        return cause("emulator-answered", why, "likely")
    if host.kind == "execute-api":
        why = f"No API of the inventory has the id {host.api_id}: it is in another account or region, or a REST API."
        return cause("unknown-api", why, "certain")
    if host.kind == "unknown" and url:
        return cause("unknown-host", "No API of the inventory answers at this host.", "certain")
    return None


def _service_cause(host: Host) -> Cause:
    where = "that service" if host.name == SOME_SERVICE else host.name
    steps = SERVICE_STEPS.get(host.name, f"Set CORS in {where}, or call it from your backend.")
    return cause("not-an-http-api", f"The host is {host.name}, not an HTTP API.", "certain", steps=(steps,))
