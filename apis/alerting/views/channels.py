"""Pages of channels and of what was sent to them; for admins, as an address is often a secret."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apis.access.page_request import number_of
from apis.access.roles import needs
from apis.alerting import channels as verbs
from apis.alerting.alerts.channel_health import alert_of
from apis.alerting.channels.apprise import acceptance
from apis.alerting.channels.setup import setup_of
from apis.alerting.forms import ChannelForm
from apis.alerting.models import Channel, Delivery
from apis.errors import InvalidFields
from apis.inventory.search import Pages
from apis.ui.states import STATES

PER_PAGE = 50


@needs("admin")
def channels(request: HttpRequest) -> HttpResponse:
    """Show every channel with how its last message went."""
    latest = Delivery.objects.filter(channel=OuterRef("pk")).order_by("-created_at", "-id").values("pk")[:1]
    page = Pages(Channel.objects.annotate(latest=Subquery(latest)), PER_PAGE).get_page(request.GET.get("page"))
    rows: list[Any] = list(page.object_list)
    known = Delivery.objects.prefetch_related("attempts").in_bulk([row.latest for row in rows if row.latest])
    for row in rows:
        row.about, row.last = verbs.kind_of(row), known.get(row.latest)
        row.destination = row.about.destination(row)
    context = {
        "page": page,
        "rows": rows,
        "has_enabled": Channel.objects.filter(enabled=True).exists(),
        "warnings": sorted({row.about.warning() for row in rows} - {""}),
    }
    return render(request, "alerting/channels.html", context)


@needs("admin")
@never_cache
def channel_add(request: HttpRequest) -> HttpResponse:
    """Add a channel of the kind in the query. A secret that was made for it is shown once, in the response."""
    kind = request.GET.get("kind", "")
    about = verbs.kinds().get(kind)
    if about is None:
        groups = [(name, [one for one in verbs.kinds().values() if one.group == name]) for name in verbs.GROUPS]
        return render(request, "alerting/channel_kinds.html", {"groups": groups})
    form = ChannelForm(request.POST or None, kind=kind)
    if request.method == "POST" and form.is_valid():
        try:
            row = verbs.create(request.user, kind, **form.cleaned_data)
        except InvalidFields as error:
            form.refuse(error.errors)
        else:
            if about.makes_secret and not form.cleaned_data.get("secret"):
                return render(request, "alerting/channel_secret.html", {"channel": row, "new": True})
            messages.success(request, f"{row.name} is added. Send a test to check that messages arrive.")
            return redirect(row)
    context = {"form": form, "kind": about, "warning": about.warning()}
    return render(request, "alerting/channel_add.html", context | _setup(kind))


@needs("admin")
def apprise(request: HttpRequest) -> HttpResponse:
    """Turn Apprise on, which does not pass the outbound guard, or off."""
    if request.method == "POST":
        (acceptance.accept if request.POST.get("on") == "1" else acceptance.withdraw)(request.user)
        return redirect("apprise")
    return render(request, "alerting/apprise.html", {"acceptance": acceptance.acceptance()})


@needs("admin")
def channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Change one channel, and show what was sent to it recently."""
    row = get_object_or_404(Channel, pk=pk)
    form = ChannelForm(request.POST or None, kind=row.kind, channel=row)
    if request.method == "POST" and form.is_valid():
        try:
            verbs.change(request.user, row, **form.cleaned_data)
        except InvalidFields as error:
            form.refuse(error.errors)
            row.refresh_from_db()
        else:
            messages.success(request, f"Channel {row.name} saved.")
            return redirect(row)
    kind = verbs.kind_of(row)
    context = {
        "channel": row,
        "alert": alert_of(row),
        "kind": kind,
        "form": form,
        "destination": kind.destination(row),
        "deliveries": _latest(row),
        "warning": kind.warning(),
    }
    return render(request, "alerting/channel.html", context)


@require_POST
@needs("admin")
def channel_test(request: HttpRequest, pk: int) -> HttpResponse:
    """Request a test message; its result appears automatically."""
    row = get_object_or_404(Channel, pk=pk)
    delivery = verbs.test(row, request.user)  # type: ignore[arg-type]
    if request.htmx:  # type: ignore[attr-defined]
        if request.headers.get("HX-Target", "").endswith(f"#last-{row.pk}"):
            row.last = delivery  # type: ignore[attr-defined]
            return render(request, "alerting/channels.html#last", {"channel": row})
        context = {"channel": row, "deliveries": _latest(row)}
        return render(request, "alerting/channel.html#deliveries", context)
    return redirect("delivery", delivery.pk)


@require_POST
@needs("admin")
def channel_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a channel on or off."""
    row = get_object_or_404(Channel, pk=pk)
    on = request.POST.get("on") == "1"
    verbs.enable(request.user, row, on)
    messages.success(request, f"{row.name} is enabled." if on else f"{row.name} is disabled.")
    return redirect(row)


@require_POST
@needs("admin")
@never_cache
def channel_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new signing secret and show it once."""
    row = get_object_or_404(Channel, pk=pk)
    try:
        verbs.rotate(request.user, row)
    except InvalidFields as error:
        messages.error(request, next(iter(error.errors.values())))
        return redirect(row)
    return render(request, "alerting/channel_secret.html", {"channel": row, "new": False})


@require_POST
@needs("admin")
def channel_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a channel."""
    row = get_object_or_404(Channel, pk=pk)
    verbs.delete(request.user, row)
    messages.success(request, f"Channel {row.name} deleted.")
    return redirect("channels")


@needs("admin")
def deliveries(request: HttpRequest) -> HttpResponse:
    """Show every message to every channel, newest first."""
    state, channel_id = request.GET.get("state", ""), request.GET.get("channel", "")
    rows = _with_what_is_shown(Delivery.objects.select_related("channel"))
    if state in Delivery.State.values:
        rows = rows.filter(state=state)
    if (pk := number_of(channel_id)) is not None:
        rows = rows.filter(channel=pk)
    context = {
        "page": Pages(rows, PER_PAGE).get_page(request.GET.get("page")),
        "state": state,
        "states": [("waiting", "Waiting"), *((end, STATES["delivery"][end].word) for end in ("sent", "failed"))],
        "channel_id": channel_id,
        "channels": Channel.objects.all()[:200],
    }
    return render(request, "alerting/deliveries/deliveries.html", context)


@needs("admin")
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one delivery: its state, attempts and message."""
    rows = _with_what_is_shown(Delivery.objects.select_related("channel"))
    row = get_object_or_404(rows, pk=pk)
    template = "alerting/deliveries/delivery_status.html" if request.htmx else "alerting/deliveries/delivery.html"  # type: ignore[attr-defined]
    return render(request, template, {"delivery": row})


def _setup(kind: str) -> dict[str, Any]:
    """Return how a kind is set up, and its own template for that, if it has one, before the one of all kinds."""
    names = (f"alerting/channels/{kind}/setup.html", "alerting/channels/setup.html")
    return {"setup": setup_of(kind), "setup_templates": names}


def _latest(row: Channel) -> QuerySet[Delivery]:
    return _with_what_is_shown(row.deliveries.all())[:10]


def _with_what_is_shown(rows: QuerySet[Delivery]) -> QuerySet[Delivery]:
    return rows.select_related("incident__api", "violation__api").prefetch_related("attempts")
