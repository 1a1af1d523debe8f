"""The banner on the overview of a demo: whether its past day is being made, then three things to try."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from apis.alerting.models import Incident
from apis.demo.breaking import break_command
from apis.demo.history.making import incomplete_reason
from apis.demo.models import DemoHistory
from apis.inventory.models import HttpApi
from apis.probing.models import Probe
from apis.probing.runs.calls import url_of

FIX, BREAK = "orders-api", "shop-checkout"
_CHROME = (
    "Access to fetch at '{url}' from origin '{origin}' has been blocked by CORS policy: Response to preflight request "
    "doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource."
)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """What to try: the page that explains an error, the page from which to fix an API, and a command that breaks one.

    Each is empty when its API is gone.
    """

    explain_url: str = ""
    error: str = ""
    fix_url: str = ""
    has_incident: bool = False
    command: str = ""
    watch_url: str = ""


def render(request: HttpRequest) -> str:
    """Return the banner for the person who asks; empty without a demo, and for those who dismissed it."""
    history = DemoHistory.objects.first() if settings.CORSDASH_DEMO_ENDPOINT else None
    if history is None:
        return ""
    is_making = history.state == DemoHistory.State.MAKING
    if not is_making and history.dismissed_by.filter(pk=request.user.pk or 0).exists():
        return ""
    context = {"is_making": is_making, "incomplete": incomplete_reason(), "fix": FIX, "break": BREAK}
    context |= {} if is_making else {"suggestions": suggestions()}
    return render_to_string("demo/banner.html", context, request)


def suggestions() -> Suggestions:
    """Return what to try on the APIs as they are now."""
    apis = HttpApi.objects.filter(account__endpoint_url=settings.CORSDASH_DEMO_ENDPOINT, gone_at=None)
    by_name = {api.name: api for api in apis.filter(name__in=(FIX, BREAK)).select_related("account", "current")}
    fix, broken = by_name.get(FIX), by_name.get(BREAK)
    probes = Probe.objects.filter(api=fix, origin__startswith="https:", expect=Probe.Expect.ALLOWED)
    probe = probes.select_related("api").order_by("pk").first() if fix else None
    error = _CHROME.format(url=url_of(probe), origin=probe.origin) if probe else ""
    incident = Incident.objects.filter(api=fix, state=Incident.State.OPEN).first() if fix else None
    return Suggestions(
        explain_url=f"{reverse('explain')}?{urlencode({'pasted': error})}" if error else "",
        error=error,
        fix_url=(incident or fix).get_absolute_url() if fix else "",
        has_incident=incident is not None,
        command=break_command(broken) if broken else "",
        watch_url=reverse("api_probes", args=[broken.pk]) if broken else "",
    )


def dismiss(user: User) -> None:
    """Show the suggestions to this person no more."""
    for history in DemoHistory.objects.all():
        history.dismissed_by.add(user)
