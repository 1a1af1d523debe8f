"""Why a call failed: the same cause, by the same stable code, that Explain gives."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apis.cors.browser import judge
from apis.cors.explain import Cause, Explanation, diagnose
from apis.cors.explain import cause_of as explained
from apis.cors.judging import ExchangeError, read_exchange, read_request
from apis.cors.paste import reading_of
from apis.inventory.lint_context import target_of
from apis.inventory.models import HttpApi
from apis.probing.models import Probe, Result
from apis.probing.runs.calls import with_likely_response
from apis.probing.runs.last_results import load_last_results, results_by_id

CONFIGURATION = ("own_configuration", "stored__configuration")
"""What `cause_of` needs of a result besides its probe and API."""
_ANSWERED_OTHERWISE = ("stage-not-deployed", "something-else-answered")
"""The configuration that was known at the time would have allowed the call."""
MOST_EXPLAINED = 5
"""So many failing probes of an API are explained on one page; each costs a run of the rules."""


def cause_of(result: Result) -> Cause | None:
    """Return why a failed call was blocked, under the configuration that it met; None where nothing explains it."""
    if result.passed is not False or result.allowed is not False or result.unmet or not result.exchange:
        return None
    try:
        call, seen = read_request(result.exchange["request"]), read_exchange(result.exchange)
    except ExchangeError:
        return None
    api = result.probe.api
    policy = result.configuration.policy if result.configuration else None
    verdict = judge(seen)
    cause = explained(target_of(api, policy), call, seen, verdict)
    if cause is not None and cause.code in _ANSWERED_OTHERWISE and policy is not None and policy != api.policy:
        # It met a change that was not yet known then.
        later = explained(target_of(api), call, seen, verdict)
        return later if later and later.field else cause
    return cause


def causes_of(probes: Iterable[Probe]) -> dict[int, Cause]:
    """Return why the last run of each of these probes failed, by probe: two queries at most."""
    failed = {one.last_result.pk for one in probes if one.last_result and one.last_result.passed is False}
    if not failed:
        return {}
    results = results_by_id(failed, Result.objects.select_related("probe__api__current", *CONFIGURATION))
    found = {result.probe_id: cause_of(result) for result in results.values()}
    return {probe: cause for probe, cause in found.items() if cause is not None}


def explanation_of(result: Result) -> Explanation | None:
    """Return what was predicted for a result's call under the configuration that it met, and where that differs.

    None where there is no exchange or nothing can be predicted.
    """
    if not result.exchange or not result.verdict:
        return None
    try:
        seen = read_exchange(result.exchange)
    except ExchangeError:
        return None
    if seen.response is None and result.allowed:
        seen = with_likely_response(seen)
    api = result.probe.api
    policy = result.configuration.policy if result.configuration else None
    return diagnose(reading_of(seen.request, seen, result.code or None), target_of(api, policy)).explanation


@dataclass(slots=True)
class FailingCause:
    """A cause, and the failing probes of an API that have it."""

    cause: Cause
    probes: list[Probe]


def failing_causes(api: HttpApi) -> list[FailingCause]:
    """Return why probes of an API fail now, one entry a code, the first few probes only."""
    states = (Probe.State.DOWN, Probe.State.FAILING, Probe.State.FLAPPING)
    rows = Probe.objects.filter(api=api, enabled=True, state__in=states).order_by("failing_since", "pk")
    found: dict[str, FailingCause] = {}
    probes = list(rows[:MOST_EXPLAINED])
    load_last_results(probes, Result.objects.select_related(*CONFIGURATION))
    for probe in probes:
        result = probe.last_result
        if result is None:
            continue
        result.probe, probe.api = probe, api
        if cause := cause_of(result):
            found.setdefault(cause.code, FailingCause(cause, [])).probes.append(probe)
    return list(found.values())
