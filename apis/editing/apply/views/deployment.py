"""The stages of an API that do not deploy automatically: what waits for them, and deploying one."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from apis.access.page_request import PageRequest, next_page
from apis.access.roles import needs
from apis.editing.apply import deployments
from apis.editing.apply.tasks import deploy_stage
from apis.editing.plan.editability import refusal_reason
from apis.inventory.models import HttpApi
from apis.inventory.search import api_or_404
from apis.jobs.queue import NOTHING_SENT, enqueue_task


@require_http_methods(["GET", "POST"])
def api_deployment(request: PageRequest, pk: int) -> HttpResponse:
    """Show a part of an API's pages, fetched until what is on its way is done; POST deploys a stage."""
    api = api_or_404(pk)
    if request.method == "POST":
        return _start(request, api)
    if not request.htmx:
        return redirect("api", pk)
    stages = deployments.stages_by_hand(api)
    context = {"api": api, "stages": stages, "refusal": refusal_reason(api), "offer": True}
    return render(request, "editing/apply/deploy.html", context | {"busy": any(stage.busy for stage in stages)})


@needs("edit")
def _start(request: PageRequest, api: HttpApi) -> HttpResponse:
    row = deployments.request_deployment(api, request.POST.get("stage", ""), request.user)
    if not enqueue_task(deploy_stage, row.pk):
        deployments.give_up(row, NOTHING_SENT)
    return next_page(request) or redirect("api", api.pk)
