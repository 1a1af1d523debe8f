"""Create many probes at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from apis.access import audit
from apis.errors import InvalidFields, InvalidInput
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import Probe, ProbeSet
from apis.probing.sets.suggestions import identity

MOST = 1000
"""Probes that one action creates."""
_BATCH = 200


@dataclass(slots=True)
class Created:
    """The probes that were created, and those that were not, by their place in the list, with why."""

    probes: list[Probe] = field(default_factory=list)
    skipped: list[tuple[int, str]] = field(default_factory=list)


def create(
    bodies: Sequence[tuple[HttpApi | None, Mapping[str, Any]]],
    user: User | None,
    probe_sets: Mapping[int, ProbeSet] | None = None,
) -> Created:
    """Create the probes that are valid and do not exist yet, in one transaction; all are due at once.

    `probe_sets` has the sets that the new probes of an API belong to.
    """
    if len(bodies) > MOST:
        raise InvalidInput(f"At most {MOST} probes are created at once.", "probes")
    found = Created()
    apis = {api.pk: api for api, _ in bodies if api is not None}
    known: dict[int, dict[tuple[Any, ...], int]] = {pk: {} for pk in apis}
    for row in Probe.objects.filter(api__in=list(apis)).defer("beats", "secret"):
        row.api = apis[row.api_id]
        known[row.api_id][identity(row)] = row.pk
    at = timezone.now()
    now = int(at.timestamp())
    for index, (api, values) in enumerate(bodies):
        why, probe = _new(api, values)
        if probe is not None:
            same = identity(probe)
            if same in known[probe.api_id]:
                why = _exists(known[probe.api_id][same])
            else:
                known[probe.api_id][same] = 0
                probe.created_by, probe.due_at, probe.scheduled_since = user, now, at
                probe.probe_set = (probe_sets or {}).get(probe.api_id)
                found.probes.append(probe)
                continue
        found.skipped.append((index, why))
    if found.probes:
        with transaction.atomic():
            Probe.objects.bulk_create(found.probes, batch_size=_BATCH)
            names = sorted({probe.api.name for probe in found.probes})
            count = len(found.probes)
            audit.record(user, "added probes", f"{count} probe{'' if count == 1 else 's'}", apis=", ".join(names)[:500])
    return found


def _new(api: HttpApi | None, values: Mapping[str, Any]) -> tuple[str, Probe | None]:
    if api is None:
        return "There is no such API.", None
    if api.gone_at:
        return f"{api.name} is deleted in AWS.", None
    try:
        return "", probe_edits.prepare(api, dict(values))
    except InvalidFields as error:
        return "; ".join(f"{name}: {message}" for name, message in error.errors.items()), None


def _exists(pk: int) -> str:
    return f"Probe {pk} makes the same call." if pk else "An earlier one in this list makes the same call."
