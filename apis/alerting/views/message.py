"""The page on which admins edit and preview what a channel's messages say."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apis.access.page_request import PageRequest
from apis.access.roles import needs
from apis.alerting.channels import InvalidFields, kind_of
from apis.alerting.forms import MessageForm
from apis.alerting.models import Channel
from apis.alerting.sending import message_templates as verbs
from apis.ui.form_errors import add_errors


@needs("admin")
def edit(request: PageRequest, pk: int) -> HttpResponse:
    """Edit a channel's own message: preview it with the last real event, save it, or restore the usual one."""
    row = get_object_or_404(Channel, pk=pk)
    if not kind_of(row).is_for_people:
        raise Http404
    if request.method == "POST" and "reset" in request.POST:
        verbs.save_templates(request.user, row, "", "")
        messages.success(request, f"{row.name} uses the usual message.")
        return redirect("channel_message", row.pk)
    stored = {"title_template": row.title_template, "body_template": row.body_template}
    form = MessageForm(request.POST or None, initial=stored)
    given = stored
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        if "preview" not in request.POST:
            try:
                verbs.save_templates(request.user, row, **given)
            except InvalidFields as error:
                add_errors(form, error)
            else:
                messages.success(request, f"The message of {row.name} is saved.")
                return redirect(row)
    context: dict[str, Any] = {
        "channel": row,
        "kind": kind_of(row),
        "form": form,
        "is_usual": not (row.title_template or row.body_template),
        "variables": verbs.VARIABLES,
        **_preview(row, given),
    }
    template = "alerting/deliveries/message.html#preview" if request.htmx else "alerting/deliveries/message.html"
    return render(request, template, context)


def _preview(row: Channel, given: dict[str, str]) -> dict[str, Any]:
    try:
        return {"preview": verbs.preview(row, **given), "errors": {}}
    except InvalidFields as error:
        return {"preview": None, "errors": error.errors}
