"""The explanation of one call, put together from prediction, verdict, findings and fixes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from apis.cors.browser import judge
from apis.cors.call import first_leg
from apis.cors.exchange import Answer, Exchange, Request, Verdict
from apis.cors.explain import field_cause, snippets
from apis.cors.explain.compare import differences
from apis.cors.explain.sequence import Step, steps
from apis.cors.explain.suggested_fixes import SuggestedFix, suggest_fixes
from apis.cors.gateway import Predicted, predict
from apis.cors.lint import Context, findings
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route, is_default_endpoint, path_in_api


@dataclass(frozen=True, slots=True)
class Explanation:
    """One call explained.

    `field` is the one of the six that decides (None when the call is allowed, or when none of them does), `value` its
    entry at fault or the one that is missing, `why` one sentence that names both, `rule` the code of the finding that
    documents it. `obstacles` are problems that no field can fix. `doubts` are the reasons to look at
    the real endpoint before one believes the prediction. `observed` is the verdict on an exchange that was seen, and
    `differences` where that differs from the prediction.
    """

    policy: CorsPolicy
    request: Request
    predicted: Predicted
    verdict: Verdict
    steps: tuple[Step, ...]
    field: str | None
    value: str | None
    why: str
    rule: str | None
    obstacles: tuple[str, ...]
    fixes: tuple[SuggestedFix, ...]
    doubts: tuple[str, ...]
    curl: tuple[str, ...]
    fetch: str
    observed: Verdict | None = None
    differences: tuple[str, ...] = ()

    @property
    def exchange(self) -> Exchange:
        """The predicted exchange."""
        return self.predicted.exchange

    def as_json(self) -> dict[str, Any]:
        """Return the form of the REST contract."""
        return {
            "cors": self.policy.to_aws(),
            "exchange": self.exchange.as_json(),
            "verdict": self.verdict.as_json(),
            "field": self.field,
            "value": self.value,
            "why": self.why,
            "rule": self.rule,
            "beside": list(self.obstacles),
            "fixes": [suggested_fix.as_json() for suggested_fix in self.fixes],
            "steps": [step.as_json() for step in self.steps],
            "doubts": list(self.doubts),
            "curl": list(self.curl),
            "fetch": self.fetch,
            "observed": self.observed.as_json() if self.observed else None,
            "differences": list(self.differences),
        }


def explain(
    policy: CorsPolicy,
    request: Request,
    routes: Sequence[Route] | None = None,
    stages: Sequence[str] | None = None,
    *,
    bases: Sequence[str] | None = None,
    context: Context | None = None,
    backend: Answer | None = None,
    observed: Exchange | None = None,
    with_fixes: bool = True,
) -> Explanation:
    """Explain a call to an API with this policy; never raises.

    `routes`, `stages`, `bases` and `backend` are as for `gateway.predict`; `context` adds what else is known of the
    API (routes are taken from it too); `observed` is the exchange as it really went, if there is one. `with_fixes`
    false leaves the fixes out.
    """
    known = context or Context()
    if routes is None:
        routes = known.routes or None
    else:
        known = replace(known, routes=tuple(routes))
    if known.endpoint_disabled and is_default_endpoint(field_cause.host_of(request.url)):
        bases = ()
    predict_call = partial(predict, request=request, routes=routes, stages=stages, bases=bases, backend=backend)
    predicted = predict_call(policy)
    verdict = judge(predicted.exchange)
    leg, _ = first_leg(request, "chrome")
    found = findings(policy, known)
    reached = path_in_api(request.url, stages, bases) is not None
    found_cause = field_cause.find_field_cause(policy, leg, predicted, verdict, found, reached)
    fixed: tuple[SuggestedFix, ...] = ()
    if with_fixes and not verdict.allowed:
        fixed = suggest_fixes(policy, leg, found, lambda after: judge(predict_call(after).exchange).allowed)
    seen, differing = None, tuple[str, ...]()
    if observed:
        seen = judge(observed)
        differing = differences(predicted, verdict, observed, seen)
    return Explanation(
        policy=policy,
        request=request,
        predicted=predicted,
        verdict=verdict,
        steps=steps(request, leg, predicted, verdict),
        field=found_cause.field,
        value=found_cause.value,
        why=found_cause.why,
        rule=found_cause.rule,
        obstacles=field_cause.obstacles(leg, predicted, verdict, known, reached),
        fixes=fixed,
        doubts=field_cause.doubts(predicted),
        curl=snippets.curls(request, leg),
        fetch=snippets.fetch(request),
        observed=seen,
        differences=differing,
    )
