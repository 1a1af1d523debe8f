"""Where an observed exchange differs from the predicted one, in sentences for people."""

from __future__ import annotations

from collections.abc import Iterator

from apis.cors.exchange import Answer, Exchange, Verdict
from apis.cors.fields import members
from apis.cors.gateway import Predicted, Prediction

_SINGLE = (
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-max-age",
)
_LISTS = ("access-control-allow-methods", "access-control-allow-headers", "access-control-expose-headers", "vary")


def differences(predicted: Predicted, verdict: Verdict, observed: Exchange, seen: Verdict) -> tuple[str, ...]:
    """Return what was predicted otherwise than it was seen, and what that hints at; empty when the two agree."""
    return tuple(_differences(predicted, verdict, observed, seen))


def _differences(predicted: Predicted, verdict: Verdict, observed: Exchange, seen: Verdict) -> Iterator[str]:
    if verdict.allowed != seen.allowed:
        yield f"The call was predicted to be {_word(verdict)}, but is {_word(seen)}."
    elif verdict.code != seen.code:
        yield f"The call was predicted to be {_word(verdict)}, and is blocked by {seen.code}."
    if predicted.preflight is not None:
        if observed.preflight is None:
            yield "A preflight was predicted, but none was answered."
        else:
            yield from _answers("preflight's answer", predicted.preflight, observed.preflight, True)
            yield from _hints(predicted.preflight, observed.preflight)
    if predicted.response is not None and observed.response is not None:
        # Which status the backend gives was never predicted; what API Gateway says itself was.
        own = predicted.response.by == "nobody" or bool(predicted.response.body)
        yield from _answers("answer", predicted.response, observed.response, own)
    yield from _strangers(observed)


def _word(verdict: Verdict) -> str:
    return "allowed" if verdict.allowed else f"blocked ({verdict.code})"


def _answers(name: str, predicted: Prediction, seen: Answer, with_status: bool) -> Iterator[str]:
    expected = predicted.answer
    if with_status and expected.status != seen.status:
        yield f"The {name} has status {seen.status} instead of {expected.status}."
    for header in _SINGLE:
        if expected.get(header) != seen.get(header):
            yield _other(name, header, expected, seen)
    for header in _LISTS:
        wanted, given = _entries(expected, header), _entries(seen, header)
        # A cache may vary on more than the origin.
        differs = not wanted <= given if header == "vary" else wanted != given
        if differs:
            yield _other(name, header, expected, seen)


def _other(name: str, header: str, expected: Answer, seen: Answer) -> str:
    wanted, given = expected.get(header), seen.get(header)
    if given is None:
        return f"The {name} has no {header}, which was predicted to be “{wanted}”."
    if wanted is None:
        return f"The {name} has {header} “{given}”, which was not predicted."
    return f"The {name} has {header} “{given}” instead of “{wanted}”."


def _entries(answer: Answer, header: str) -> frozenset[str]:
    value = answer.get(header)
    found = members(value)
    if found is None:
        return frozenset({value or ""})
    return frozenset(found if header.endswith("-methods") else (entry.lower() for entry in found))


def _hints(predicted: Prediction, seen: Answer) -> Iterator[str]:
    """Yield what the observed preflight looks like."""
    allowed = predicted.answer.get("access-control-allow-origin") is not None
    silent = seen.get("access-control-allow-origin") is None
    if predicted.by == "gateway" and allowed and seen.status == 204 and silent:
        yield (
            "API Gateway responds with 204 and no CORS headers to unlisted origins; the configuration "
            "may not be deployed to this stage yet."
        )
    elif predicted.by == "gateway" and seen.status in (401, 403):
        yield (
            f"Status {seen.status} to a preflight mostly means that a route takes OPTIONS and its authorizer, or a "
            "firewall before the API, turns it away."
        )
    elif predicted.by == "gateway" and seen.status == 404:
        yield "Status 404 to a preflight usually means a wrong stage, or a route for OPTIONS without an integration."


def _strangers(observed: Exchange) -> Iterator[str]:
    """Yield signs that it was no HTTP API that answered: those sign with apigw-requestid, REST APIs otherwise."""
    answers = [answer for answer in (observed.preflight, observed.response) if answer is not None]
    if any(answer.get("x-amz-apigw-id") is not None for answer in answers):
        yield "The response has x-amz-apigw-id, which REST APIs send, so this is not the HTTP API."
    elif answers and all(answer.get("apigw-requestid") is None for answer in answers):
        yield "No response has apigw-requestid, so something else, such as a CDN, may have responded."
