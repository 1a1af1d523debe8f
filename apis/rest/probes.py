"""Probes and their results."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from apis.access import audit
from apis.inventory.models import HttpApi
from apis.probing import probe_edits, tasks
from apis.probing.models import Probe
from apis.rest import request_schemas, response_schemas, serializers
from apis.rest.api import ERRORS, allow
from apis.rest.paging import page
from apis.rest.problems import Problem, missing, queue_unreachable

router = Router(tags=["probes"])
Answer = dict[str, Any]


@router.get("probes", response={200: response_schemas.Page[response_schemas.Probe], **ERRORS})
def probes(request: HttpRequest, listing: Query[request_schemas.ProbeListing]) -> Answer:
    """Every probe, or those of one API, oldest first."""
    rows = Probe.objects.select_related("last_result").defer(*serializers.UNUSED_OF_LAST_RESULT)
    if listing.api is not None:
        rows = rows.filter(api=listing.api)
    return page(request, rows, ("id",), serializers.probe, listing.limit, listing.cursor)


@router.post("probes", response={201: response_schemas.Probe, **ERRORS})
def make(request: HttpRequest, payload: request_schemas.ProbeBody) -> Status[Any]:
    """Make a probe; it is run at once."""
    user = allow(request, "edit")
    api = HttpApi.objects.filter(pk=payload.api).first()
    if api is None:
        raise Problem(422, "api: there is no such API", [{"field": "api", "message": "there is no such API"}])
    values = payload.model_dump(exclude={"api"})
    made = _saved(lambda: probe_edits.save(api, values, user))
    audit.record(request, "added a probe", str(made), api=api.name)
    return Status(201, serializers.probe(made))


@router.get("probes/{int:pk}", response={200: response_schemas.Probe, **ERRORS})
def probe(request: HttpRequest, pk: int) -> Answer:
    """One probe."""
    return serializers.probe(_probe(pk))


@router.patch("probes/{int:pk}", response={200: response_schemas.Probe, **ERRORS})
def change(request: HttpRequest, pk: int, payload: request_schemas.ProbePatch) -> Answer:
    """Change what is given of a probe."""
    allow(request, "edit")
    row = _probe(pk)
    values = payload.model_dump(exclude_unset=True)
    changed = _saved(lambda: probe_edits.save(row.api, values, probe=row))
    audit.record(request, "changed a probe", str(changed), api=row.api.name)
    return serializers.probe(changed)


@router.delete("probes/{int:pk}", response={204: None, **ERRORS})
def delete(request: HttpRequest, pk: int) -> Status[Any]:
    """Delete a probe; what it found stays in the history of incidents."""
    allow(request, "edit")
    row = _probe(pk)
    audit.record(request, "deleted a probe", str(row), api=row.api.name)
    probe_edits.delete(row)
    return Status(204, None)


@router.post("probes/{int:pk}/run", response={202: response_schemas.Asked, **ERRORS})
def run(request: HttpRequest, pk: int) -> Status[Any]:
    """Run a probe now; its result comes to `probes/{id}/results`."""
    allow(request, "edit")
    row = _probe(pk)
    if not tasks.run_now(row):
        raise queue_unreachable()
    return Status(202, {"probe": row.pk})


@router.get("probes/{int:pk}/results", response={200: response_schemas.Page[response_schemas.Result], **ERRORS})
def results(request: HttpRequest, pk: int, listing: Query[request_schemas.Listing]) -> Answer:
    """A probe's results, newest first."""
    return page(request, _probe(pk).results.all(), ("-at", "-id"), serializers.result, listing.limit, listing.cursor)


def _probe(pk: int) -> Probe:
    found = Probe.objects.select_related("api", "last_result").filter(pk=pk).first()
    if found is None:
        raise missing("probe")
    return found


def _saved(save: Any) -> Probe:
    try:
        return save()
    except probe_edits.ProbeInvalid as error:
        fields = [{"field": field, "message": message} for field, message in error.errors.items()]
        raise Problem(422, str(error), fields) from error
