"""Live read: one API's configuration, read from AWS by a worker while someone waits for it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from apis.aws import AwsError, NotFound
from apis.cors.policy import PolicyError
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.jobs import clock

GONE = "This API no longer exists in AWS."


def carry_out(pk: int, asked_at: datetime) -> None:
    """Read the API, and store in `looked_at` and `look_error` when that was and what AWS answered instead.

    One read serves all who asked before it began.
    """
    api = HttpApi.objects.select_related("account").filter(pk=pk).first()
    if api is None or is_done(api, asked_at):
        return
    began, error = timezone.now(), ""
    try:
        sync.reread_api(api)
    except NotFound:
        HttpApi.objects.filter(pk=pk, gone_at=None).update(gone_at=began)
        error = GONE
    except (AwsError, PolicyError) as failure:
        error = str(failure)
    nonsense = Q(looked_at__gt=timezone.now() + clock.AHEAD)
    rows = HttpApi.objects.filter(Q(looked_at=None) | Q(looked_at__lt=began) | nonsense, pk=pk)
    # Clocks differ between machines: a request always accepts its own read.
    rows.update(looked_at=max(began, asked_at), look_error=error)


def is_done(api: HttpApi, asked_at: datetime) -> bool:
    """Return whether the API was read since `asked_at`, with or without success."""
    return api.looked_at is not None and api.looked_at >= asked_at and not clock.is_ahead(api.looked_at)


def done(pk: int, asked_at: datetime) -> bool:
    """Look up whether the API was read since `asked_at`."""
    api = HttpApi.objects.filter(pk=pk).only("looked_at").first()
    return api is None or is_done(api, asked_at)
