"""How probes and results are shown: `{% load probing %}`."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode, urlsplit

from django import template
from django.db.models import Count
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString

from apis.cors.explain import Cause
from apis.inventory.models import HttpApi
from apis.probing.history import day_bars
from apis.probing.history.availability_chart import Chart
from apis.probing.models import Probe, Result
from apis.probing.runs.calls import request_of
from apis.probing.runs.cause import failing_causes as causes_of_failing
from apis.probing.runs.connectivity import down_since
from apis.ui.states import shown
from apis.ui.tags import state, status

register = template.Library()
_WORST = (Probe.State.DOWN, Probe.State.FLAPPING, Probe.State.FAILING, Probe.State.NEW, Probe.State.UP)


@register.simple_tag
def probe_state(probe: Probe) -> SafeString:
    """Draw a probe's state."""
    return state("probe", "off" if not probe.enabled else "never_passed" if probe.never_passed else probe.state)


@register.simple_tag
def result_state(result: Result) -> SafeString:
    """Draw whether a run passed."""
    return state("result", "not_run" if result.not_run else "passed" if result.passed else "failed")


@register.simple_tag
def network_notice() -> SafeString:
    """Say that the dashboard's own network is down; draws nothing while it works."""
    since = down_since()
    return render_to_string("probing/network_down.html", {"since": since}) if since else SafeString("")


# Drawn here and not by a partial, which takes several times as long: a page of a list has fifty of them.
@register.simple_tag
def result_text(result: Result) -> SafeString:
    """Say in a row what a run got: its error, or the verdict and its code, with the reason as a tooltip."""
    if result.error:
        return conditional_escape(result.error)
    return _verdict((result.verdict or {}).get("reason", ""), bool(result.allowed), result.code)


@lru_cache(256)
def _verdict(reason: str, is_allowed: bool, code: str) -> SafeString:
    """Most runs of a list have the same verdict as the one before."""
    verdict = format_html('<span title="{}">{}</span>', reason, "Allowed" if is_allowed else "Blocked")
    return format_html('{} <span class="sub mono">{}</span>', verdict, code) if code else verdict


@register.simple_tag
def verdict_title(result: Result) -> str:
    """Say what browsers decide and whether that was expected."""
    verdict = "Allowed" if result.allowed else "Blocked"
    if result.passed:
        return f"{verdict}, as expected"
    if result.unmet:
        return f"{verdict}, but other expectations are not met"
    return f"{verdict}; expected {'blocked' if result.allowed else 'allowed'}"


@register.simple_tag
def load_days(probes: Iterable[Probe]) -> str:
    """Read the last 24 hours of a list's probes, for `bar`. One query for the whole list."""
    rows = list(probes)
    days = day_bars.days_of("probe", [probe.pk for probe in rows])
    for probe in rows:
        probe.day = days.get(probe.pk, day_bars.NO_RUNS)  # type: ignore[attr-defined]
    return ""


@register.simple_tag
def bar(row: Any) -> SafeString:
    """Draw the last 24 hours of a probe, or of an API that has probes; `load_days` or `load_probes` comes before."""
    if getattr(row, "probe_states", True):
        return day_bars.draw(row.day)
    return SafeString("")


@register.simple_tag
def chart_bars(chart: Chart) -> SafeString:
    """Draw the bars of an availability chart, of which a day has 288. None of their values needs to be escaped."""
    return SafeString(
        "".join(
            f'<rect class="{bar.state}" x="{bar.x}" y="{bar.y}" width="6" height="{bar.height}" rx="1"/>'
            for bar in chart.bars
        )
    )


@register.inclusion_tag("probing/failing_causes.html")
def failing_causes(api: Any) -> dict[str, Any]:
    """Return why probes of an API fail now, by the codes of Explain."""
    return {"causes": causes_of_failing(api), "api": api}


@register.filter
def cause_in(probe: Probe, causes: dict[int, Cause]) -> Cause | None:
    """Return why the probe's last run failed, from those of a list."""
    return causes.get(probe.pk)


@register.filter
def other_host(probe: Probe, api: HttpApi) -> str:
    """Return the host that a probe calls where it is not the API's own: probes of two hosts may have one name."""
    host = urlsplit(probe.base_url).netloc
    return "" if host == urlsplit(api.endpoint).netloc else host


@register.filter
def explain_query(probe: Probe) -> str:
    """Return the probe's call as the query string of the Explain page."""
    call = request_of(probe)
    headers = "\n".join(f"{name}: {value}" for name, value in call.headers)
    values = {"origin": call.origin, "method": call.method, "url": call.url, "headers": headers}
    values["credentials"] = "on" if probe.credentials else ""
    return urlencode({name: value for name, value in values.items() if value})


@register.simple_tag
def add_url(api: Any, origin: str, method: str, base_url: str) -> str:
    """Return the address of the form for a new probe, filled in."""
    query = urlencode({"origin": origin, "method": method, "base_url": base_url})
    return f"{reverse('probe_add', args=[api.pk])}?{query}"


@register.filter
def took(result: Result) -> str:
    """Return how long a result's calls took together."""
    total = sum(leg.get("total", 0) for leg in result.timings.values())
    return f"{total:.0f} ms" if total else "–"


@register.filter
def state_word(value: str) -> str:
    """Return the word of a probe's state."""
    return shown("probe", value).word


@register.simple_tag
def load_probes(apis: Iterable[Any], origin: str = "", with_days: bool = False) -> str:
    """Count the probes of a list's APIs by state, for `probes_now`; those from one origin only, if one is given.

    `with_days` reads their last 24 hours too, for `bar`. A query each for the whole list, whichever room's page it is.
    """
    rows = list(apis)
    probes = Probe.objects.filter(api__in=[api.pk for api in rows], enabled=True)
    if origin:
        probes = probes.filter(origin=origin)
    counted: dict[int, dict[str, int]] = {}
    for api, value, count in probes.order_by().values_list("api", "state").annotate(count=Count("pk")):
        counted.setdefault(api, {})[value] = count
    days = day_bars.days_of("probe__api", list(counted)) if with_days else {}
    for api in rows:
        api.probe_states = counted.get(api.pk, {})
        api.day = days.get(api.pk, day_bars.NO_RUNS)
    return ""


@register.simple_tag
def probes_now(api: Any, origin: str = "") -> SafeString:
    """Return the state of an API's probes in one status, the worst first: "1 of 3 down"; `load_probes` comes before.

    Without any, and with an `origin`, the way to make one from there.
    """
    states: dict[str, int] = api.probe_states
    total = sum(states.values())
    for value in _WORST:
        if count := states.get(value, 0):
            kind, word = shown("probe", value)
            if total > 1:
                word = f"{count} {word.lower()}" if count == total else f"{count} of {total} {word.lower()}"
            address = reverse("api_probes", args=[api.pk])
            return format_html('<a class="quiet" href="{}">{}</a>', address, status(kind, word))
    if origin and not api.gone_at:
        address = f"{reverse('probe_add', args=[api.pk])}?{urlencode({'origin': origin})}"
        return format_html('<a class="small" href="{}" aria-label="Add probe for {}">Add probe</a>', address, api.name)
    return SafeString('<span class="muted">–</span>')
