"""Restore: from a moment, or from a change that is to be in force again, to the plan of the way back."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET

from apis.access.page_request import PageRequest, number_of
from apis.access.roles import needs
from apis.editing.apply import reverts
from apis.errors import AppError, InvalidInput
from apis.inventory.search import api_or_404
from apis.ui import local_time


@needs("edit")
@require_GET
def restore(request: PageRequest, pk: int) -> HttpResponse:
    """Find the change to revert (`?at=` with `zone=`, or `?change=`), and show its plan."""
    api = api_or_404(pk)
    number = number_of(request.GET.get("change", ""))
    try:
        if number is not None:
            found = reverts.find_revert_to_change(get_object_or_404(api.changes.select_related("api"), pk=number))
        else:
            moment = local_time.read(request.GET.get("at", ""), request.GET.get("zone", ""))
            if moment is None:
                raise InvalidInput("Enter a date and a time.", "at")
            found = reverts.find_revert_to_moment(api, moment)
    except (AppError, InvalidInput) as error:
        messages.error(request, str(error))
        return redirect("api_changes", api.pk)
    return redirect("revert", found.pk)
