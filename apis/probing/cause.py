"""Why a call failed: the same cause, by the same stable code, that Explain gives."""

from __future__ import annotations

from apis.cors.explain import Cause, Target
from apis.cors.explain import cause_of as explained
from apis.cors.judging import ExchangeError, read_exchange, read_request
from apis.inventory.lint_context import base_urls, context_of, routes_of, stages_of
from apis.probing.models import Result


def cause_of(result: Result) -> Cause | None:
    """Return why a failed call was blocked, under the configuration that it met; None where nothing explains it."""
    if result.passed is not False or result.allowed is not False or not result.exchange:
        return None
    try:
        call, seen = read_request(result.exchange["request"]), read_exchange(result.exchange)
    except ExchangeError:
        return None
    api = result.probe.api
    target = Target(
        policy=result.configuration.policy if result.configuration else api.policy,
        routes=routes_of(api),
        stages=stages_of(api),
        bases=tuple(base_urls(api)) or None,
        context=context_of(api),
        endpoint=api.endpoint,
    )
    return explained(target, call, seen)
