"""A call drawn step by step, as it goes from the browser to API Gateway, to the backend and back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

from apis.cors.aws_validation import Confidence
from apis.cors.browser import preflight_headers
from apis.cors.call import Leg
from apis.cors.exchange import Answer, Headers, Request, Verdict
from apis.cors.explain.snippets import sent_lines
from apis.cors.gateway import Predicted, Prediction
from apis.cors.lint.fixes import enumerated
from apis.cors.safelist import SAFE_METHODS

Party = Literal["browser", "gateway", "backend", "page"]


@dataclass(frozen=True, slots=True)
class Step:
    """One arrow: who sends what to whom. `start` is the request or status line, `headers` the lines that matter.

    `stopped` marks the step after which the browser gives up; `confidence` says how sure a predicted answer is, None
    for what is certain.
    """

    sender: Party
    receiver: Party
    title: str
    start: str
    headers: Headers = ()
    note: str = ""
    confidence: Confidence | None = None
    stopped: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the form for REST and templates."""
        return {
            "from": self.sender,
            "to": self.receiver,
            "title": self.title,
            "start": self.start,
            "headers": [list(pair) for pair in self.headers],
            "note": self.note,
            "confidence": self.confidence,
            "stopped": self.stopped,
        }


def steps(request: Request, leg: Leg, predicted: Predicted, verdict: Verdict) -> tuple[Step, ...]:
    """Return the whole sequence up to the page, or to where the browser stops."""
    return tuple(_steps(request, leg, predicted, verdict))


def _steps(request: Request, leg: Leg, predicted: Predicted, verdict: Verdict) -> Iterator[Step]:
    if predicted.preflight is None and predicted.response is None:
        yield Step("browser", "page", "No request sent", "", note=verdict.reason, stopped=True)
        return
    host, target = _address(request.url)
    if predicted.preflight is not None:
        lines = (("Host", host), *preflight_headers(request))
        yield Step("browser", "gateway", "Preflight", f"OPTIONS {target}", lines, _preflight_reason(leg))
        yield from _answered(predicted.preflight, "OPTIONS", target, predicted.response is None)
        if predicted.response is None:
            yield Step("browser", "page", "Blocked", "", note=verdict.reason, stopped=True)
            return
    cookies = "The browser adds its cookies for this host." if leg.include else ""
    lines = (("Host", host), *sent_lines(request, leg))
    yield Step("browser", "gateway", "The call", f"{leg.method} {target}", lines, cookies)
    if predicted.response is not None:
        yield from _answered(predicted.response, leg.method, target, not verdict.allowed)
    if verdict.allowed:
        readable = ", ".join(verdict.exposed)
        note = (
            f"The script reads the response and the headers {readable}."
            if readable
            else "The script reads the response."
        )
        yield Step("browser", "page", "Allowed", "", note=note)
    else:
        yield Step("browser", "page", "Blocked", "", note=verdict.reason, stopped=True)


def _answered(prediction: Prediction, method: str, target: str, stopped: bool) -> Iterator[Step]:
    by_backend = prediction.by == "route" and not prediction.body
    if by_backend:
        key = f" by the route {prediction.route.key}" if prediction.route else ""
        yield Step("gateway", "backend", "Passed on", f"{method} {target}", note=f"Passed on{key}.")
        yield Step("backend", "gateway", "Backend response", _status(prediction.answer))
    title = "Preflight response" if method == "OPTIONS" else "The answer"
    note, sure = prediction.why, prediction.confidence
    yield Step("gateway", "browser", title, _status(prediction.answer), prediction.answer.headers, note, sure, stopped)


def _preflight_reason(leg: Leg) -> str:
    reasons = []
    if leg.method not in SAFE_METHODS:
        reasons.append(f"the method {leg.method}")
    if leg.unsafe:
        reasons.append(f"the header{'s' if len(leg.unsafe) > 1 else ''} {enumerated(leg.unsafe)}")
    return f"Browsers send a preflight because of {' and '.join(reasons)}." if reasons else ""


def _status(answer: Answer) -> str:
    try:
        return f"{answer.status} {HTTPStatus(answer.status).phrase}"
    except ValueError:
        return str(answer.status)


def _address(url: str) -> tuple[str, str]:
    """Return the host and the target (path with query) of a URL."""
    rest = url.partition("://")[2].partition("#")[0]
    host = re.split("[/?]", rest)[0]
    target = rest[len(host) :]
    return host, target if target.startswith("/") else f"/{target}"
