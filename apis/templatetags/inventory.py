"""What the frame and other rooms' pages show of the inventory: `{% load inventory %}`."""

from __future__ import annotations

from typing import Any

from django import template
from django.db.models import Count, Q
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apis.inventory import origins
from apis.inventory.models import HttpApi, SyncRegion, SyncRun
from apis.templatetags.look import status

register = template.Library()


@register.inclusion_tag("inventory/sync_status.html")
def sync_status() -> dict[str, Any]:
    """How the last sync went, for the top bar."""
    return {"run": latest_run()}


def latest_run() -> SyncRun | None:
    """The latest run with the number of its regions, of those done and of those that failed; one query."""
    done = Q(regions__state__in=[SyncRegion.State.DONE, SyncRegion.State.FAILED])
    failed = Q(regions__state=SyncRegion.State.FAILED)
    counted = SyncRun.objects.annotate(
        total=Count("regions"), settled=Count("regions", filter=done), failed=Count("regions", filter=failed)
    )
    return counted.order_by("-started_at", "-id").first()


@register.simple_tag
def finding_counts(api: HttpApi) -> SafeString:
    """The API's errors and warnings, each with its icon; a dash when there are none."""
    parts = []
    for kind, count, word in (("error", api.errors, "error"), ("warning", api.warnings, "warning")):
        if count:
            parts.append(status(kind, f"{count} {word}{'' if count == 1 else 's'}"))
    if not parts:
        return SafeString('<span class="muted">–</span>')
    return format_html('<span class="row">{}</span>', format_html_join(" ", "{}", ((part,) for part in parts)))


@register.filter
def is_origin(text: str) -> bool:
    """Whether a browser could send the text as an origin."""
    return origins.is_origin(text)
