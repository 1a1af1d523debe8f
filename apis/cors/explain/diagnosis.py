"""Finds the cause of a blocked call: first by what a text shows, then by the API's configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from apis.cors.browser import judge
from apis.cors.call import first_leg
from apis.cors.exchange import Exchange, Request, Verdict
from apis.cors.explain.case import Case
from apis.cors.explain.causes.causes import Cause
from apis.cors.explain.causes.ordering import causes_of
from apis.cors.explain.explanation import Explanation, explain
from apis.cors.explain.questions import Ask, questions
from apis.cors.explain.suggested_fixes import SuggestedFix, suggest_fixes
from apis.cors.explain.target import Target, assume, is_usable
from apis.cors.gateway import predict
from apis.cors.lint import findings
from apis.cors.origins import parse_url
from apis.cors.paste import Reading, reading_of

MOST_ALSO = 4


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The answer to a pasted text or a call.

    `cause` is None when nothing says that the call is blocked. `also` are further causes that would block it next.
    `assumed` names the parts of `request` that the text does not state. `explanation` is the prediction, None without a
    configuration or a URL. `origins` says for each known origin of the API whether its call would be allowed, when the
    text does not state the page's. `allowed` and `code` are what the text shows, else what is predicted.
    """

    reading: Reading
    request: Request
    assumed: tuple[str, ...]
    cause: Cause | None
    also: tuple[Cause, ...]
    fixes: tuple[SuggestedFix, ...]
    explanation: Explanation | None
    allowed: bool | None
    code: str | None
    reason: str
    by: str
    ask: tuple[Ask, ...]
    origins: tuple[tuple[str, bool, str | None], ...]

    def as_json(self) -> dict[str, Any]:
        """Return the form of the REST contract, without the API."""
        return {
            "read": read_json(self.reading, self.assumed),
            "cause": self.cause.as_json() if self.cause else None,
            "also": [other.as_json() for other in self.also],
            "fixes": [suggested_fix.as_json() for suggested_fix in self.fixes],
            "predicted": self.explanation.as_json() if self.explanation else None,
            "verdict": {"allowed": self.allowed, "code": self.code, "reason": self.reason, "by": self.by},
            "ask": [one.as_json() for one in self.ask],
            "origins": [{"origin": origin, "allowed": allowed, "code": code} for origin, allowed, code in self.origins],
            "request": self.request.as_json(),
        }


def read_json(reading: Reading, assumed: Iterable[str] = ()) -> dict[str, Any]:
    """Return what was read, in the form of the REST contract."""
    return {
        "source": reading.source,
        "origin": reading.origin or None,
        "url": reading.url or None,
        "method": None if "method" in reading.missing else reading.method,
        "headers": [list(pair) for pair in reading.headers],
        "credentials": None if "credentials" in reading.missing else reading.credentials,
        "mode": reading.mode,
        "code": reading.code,
        "status": reading.status,
        "preflight": reading.preflight,
        "preflight_status": reading.preflight_status,
        "value": reading.value or None,
        "redirected_to": reading.redirected_to or None,
        "blocked": reading.blocked,
        "observed": reading.observed.as_json() if reading.observed else None,
        "missing": list(reading.missing),
        "assumed": sorted(assumed),
    }


def diagnose(reading: Reading, target: Target | None = None) -> Diagnosis:
    """Find why a call is blocked, by what a text shows and by what is known about the API; never raises."""
    case = _case(reading, target or Target())
    found = _distinct(causes_of(case))
    cause, also = (found[0], tuple(found[1 : MOST_ALSO + 1])) if found else (None, ())
    allowed, code, reason, by = _verdict(case, cause)
    return Diagnosis(
        reading=reading,
        request=case.request,
        assumed=tuple(sorted(case.assumed)),
        cause=cause,
        also=also,
        fixes=_fixes(case, found),
        explanation=case.explanation,
        allowed=allowed,
        code=code,
        reason=reason,
        by=by,
        ask=questions(case, cause),
        origins=_origins(case),
    )


def cause_of(
    target: Target, request: Request, observed: Exchange | None = None, verdict: Verdict | None = None
) -> Cause | None:
    """Return why a call to an API is blocked, by its configuration and by what was observed; None when it is not."""
    as_written = target.policy.as_written if target.policy else None
    return _cause_of(as_written, target, request, observed, verdict.code if verdict and not verdict.allowed else None)


@lru_cache(1024)
def _cause_of(
    _as_written: object, target: Target, request: Request, observed: Exchange | None, code: str | None
) -> Cause | None:
    # Kept, as lists ask again and again for every failing probe.
    return next(causes_of(_case(reading_of(request, observed, code), target)), None)


def _case(reading: Reading, known: Target) -> Case:
    assumption = assume(reading, known)
    request = assumption.request
    explanation = None
    if known.policy is not None and is_usable(reading.url):
        explanation = explain(
            known.policy,
            request,
            known.routes,
            known.stages,
            bases=known.bases,
            context=known.context,
            observed=reading.observed if "origin" not in reading.missing else None,
            with_fixes=False,
        )
    return Case(reading, known, request, assumption.parts, explanation)


def _distinct(found: Iterable[Cause]) -> list[Cause]:
    kept: dict[str, Cause] = {}
    for one in found:
        kept.setdefault(one.code, one)
    return list(kept.values())


def _verdict(case: Case, cause: Cause | None) -> tuple[bool | None, str | None, str, str]:
    """Return what is known about the outcome: what the text says counts more than what is predicted."""
    reading, explanation = case.reading, case.explanation
    if reading.blocked or reading.symptom:
        why = cause.why if cause else ""
        return False, reading.code, why, "text"
    if case.seen is not None and case.seen.allowed:
        return True, None, case.seen.reason, "response"
    if explanation is None or "origin" in reading.missing:
        return (False if cause and cause.certainty == "certain" else None), None, cause.why if cause else "", "text"
    verdict = explanation.verdict
    if verdict.allowed and cause is not None:
        return None, None, cause.why, "prediction"
    return verdict.allowed, verdict.code, cause.why if cause else verdict.reason, "prediction"


def _fixes(case: Case, found: list[Cause]) -> tuple[SuggestedFix, ...]:
    """Return the edits with which the configuration allows what the text shows about the call."""
    policy = case.target.policy
    if policy is None or "origin" in case.reading.missing or not any(one.field for one in found):
        return ()
    request = case.proven
    leg, refused = first_leg(request, "chrome")
    predict_call = partial(predict, request=request, routes=None, bases=None)
    if refused or judge(predict_call(policy).exchange).allowed:
        return ()
    known = findings(policy, case.target.context)
    return suggest_fixes(policy, leg, known, lambda after: judge(predict_call(after).exchange).allowed)


def _origins(case: Case) -> tuple[tuple[str, bool, str | None], ...]:
    """Return what follows for every known origin when the text does not state the page's."""
    policy = case.target.policy
    if policy is None or "origin" not in case.reading.missing or parse_url(case.request.url) is None:
        return ()
    found = []
    for origin in case.target.listed_origins():
        request = replace(case.request, origin=origin)
        target = case.target
        predicted_call = predict(policy, request, target.routes, stages=target.stages, bases=target.bases)
        verdict = judge(predicted_call.exchange, with_notes=False)
        found.append((origin, verdict.allowed, verdict.code))
    return tuple(found)
