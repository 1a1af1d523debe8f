"""How probes and results are shown: `{% load probing %}`."""

from __future__ import annotations

from urllib.parse import urlencode

from django import template
from django.utils.safestring import SafeString

from apis.probing.calls import request_of
from apis.probing.history import beats
from apis.probing.models import Probe, Result
from apis.templatetags.look import heartbeat

register = template.Library()
_WORDS = {str(value): str(label) for value, label in Probe.State.choices}


@register.simple_tag
def bar(probe: Probe) -> SafeString:
    """A probe's last runs as a bar."""
    return heartbeat(beats(probe), 30, titled=False)


@register.filter
def explain_query(probe: Probe) -> str:
    """The probe's call as the query string of the Explain page."""
    call = request_of(probe)
    headers = "\n".join(f"{name}: {value}" for name, value in call.headers)
    values = {"origin": call.origin, "method": call.method, "url": call.url, "headers": headers}
    values["credentials"] = "on" if probe.credentials else ""
    return urlencode({name: value for name, value in values.items() if value})


@register.filter
def took(result: Result) -> str:
    """How long a result's calls took together."""
    total = sum(leg.get("total", 0) for leg in result.timings.values())
    return f"{total:.0f} ms" if total else "–"


@register.filter
def state_word(state: str) -> str:
    """A probe's state in the words of the pages."""
    return _WORDS.get(state, state)
