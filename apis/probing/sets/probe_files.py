"""Probes as YAML: written for review and version control, and applied with a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from django.contrib.auth.models import User
from django.db import transaction

from apis.errors import InvalidFields, InvalidInput
from apis.inventory.models import HttpApi
from apis.probing import probe_edits
from apis.probing.models import Probe

VERSION = 1
LONGEST = 5_000_000
"""Characters of a file that is read."""
_DEFAULTS = {name: getattr(Probe(), name) for name in probe_edits.FIELDS}
_API = ("account", "region", "api_id")


def export(probes: Iterable[Probe]) -> str:
    """Return probes as YAML, by API; fields with their default value are left out, and so are secrets."""
    by_api: dict[int, dict[str, Any]] = {}
    for probe in probes:
        api = probe.api
        entry = by_api.setdefault(
            api.pk,
            {
                "account": api.account.name,
                "region": api.region,
                "api_id": api.api_id,
                "name": api.name,
                "probes": [],
            },
        )
        entry["probes"].append(_written(probe))
    document = {"version": VERSION, "apis": list(by_api.values())}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=110)


def _written(probe: Probe) -> dict[str, Any]:
    values = {name: getattr(probe, name) for name in probe_edits.FIELDS}
    return {name: value for name, value in values.items() if name in ("name", "origin") or value != _DEFAULTS[name]}


@dataclass(slots=True)
class Step:
    """One probe that a file creates, changes or leaves out; `changes` has (field, from, to)."""

    action: str
    api: HttpApi
    name: str
    values: dict[str, Any] = field(default_factory=dict)
    probe: Probe | None = None
    changes: list[tuple[str, Any, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """What a file would do: probes to create, to change and to delete, how many stay, and those it does not name."""

    steps: list[Step] = field(default_factory=list)
    unchanged: int = 0
    unnamed: int = 0


def plan(text: str, prune: bool = False) -> Plan:
    """Compare a file with the stored probes of the APIs that it names. Raises InvalidInput that names the place.

    A probe is found by its name within its API. With `prune`, probes that the file does not name are deleted.
    """
    made = Plan()
    for place, api, entries in _read(text):
        stored: dict[str, list[Probe]] = defaultdict(list)
        for probe in Probe.objects.filter(api=api).select_related("api").order_by("pk"):
            probe.api = api
            stored[probe.name].append(probe)
        for index, values in enumerate(entries):
            step = _step(f"{place}.probes[{index}]", api, values, stored)
            if step is None:
                made.unchanged += 1
            else:
                made.steps.append(step)
        rest = [probe for probes in stored.values() for probe in probes]
        if prune:
            made.steps += [Step("delete", api, probe.name, probe=probe) for probe in rest]
        else:
            made.unnamed += len(rest)
    return made


def _step(place: str, api: HttpApi, values: dict[str, Any], stored: dict[str, list[Probe]]) -> Step | None:
    """Return what becomes of one entry, and take its stored probe out of `stored`; None where nothing changes."""
    given = _DEFAULTS | values
    secret = given.pop("secret", None)
    try:
        wanted = probe_edits.prepare(api, given | {"secret": secret or ""})
    except InvalidFields as error:
        name, message = next(iter(error.errors.items()))
        raise InvalidInput(f"{place}.{name}: {message}", name) from error
    found = stored.get(wanted.name) or []
    probe = found.pop(0) if found else None
    checked = {name: getattr(wanted, name) for name in probe_edits.FIELDS}
    if secret is not None:
        checked["secret"] = secret
    if probe is None:
        return Step("create", api, wanted.name, checked)
    changes = [(name, getattr(probe, name), checked[name]) for name in probe_edits.FIELDS]
    changes = [(name, old, new) for name, old, new in changes if old != new]
    if secret is not None and probe.secret != secret:
        changes.append(("secret", "***", "***"))
    return Step("change", api, wanted.name, checked, probe, changes) if changes else None


def carry_out(made: Plan, user: User | None) -> None:
    """Do what was planned, all or nothing."""
    with transaction.atomic():
        for step in made.steps:
            if step.action == "delete" and step.probe is not None:
                probe_edits.delete(step.probe, user)
            else:
                probe_edits.save(step.api, dict(step.values), user, step.probe)


def _read(text: str) -> Iterator[tuple[str, HttpApi, list[dict[str, Any]]]]:
    if len(text) > LONGEST:
        raise InvalidInput(f"The file has more than {LONGEST:,} characters.")
    try:
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise InvalidInput(f"The file is not YAML: {error}") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise InvalidInput(f"version: must be {VERSION}.")
    apis = document.get("apis")
    if not isinstance(apis, list):
        raise InvalidInput("apis: must be a list.")
    known: set[int] = set()
    for index, entry in enumerate(apis):
        place = f"apis[{index}]"
        api = _api(place, entry)
        if api.pk in known:
            raise InvalidInput(f"{place}: {api.api_id} is listed twice.")
        known.add(api.pk)
        probes = entry.get("probes", [])
        if not isinstance(probes, list) or not all(isinstance(one, dict) for one in probes):
            raise InvalidInput(f"{place}.probes: must be a list of probes.")
        for number, one in enumerate(probes):
            unknown = sorted(map(str, one.keys() - {*probe_edits.FIELDS, "secret"}))
            if unknown:
                raise InvalidInput(f"{place}.probes[{number}].{unknown[0]}: unknown field.")
        yield place, api, probes


def _api(place: str, entry: Any) -> HttpApi:
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in _API):
        raise InvalidInput(f"{place}: must have account, region and api_id.")
    found = HttpApi.objects.filter(
        account__name=entry["account"], region=entry["region"], api_id=entry["api_id"], gone_at=None
    ).select_related("account", "current")
    api = found.first()
    if api is None:
        names = ", ".join(entry[name] for name in _API)
        raise InvalidInput(f"{place}: there is no API {names}. Sync the account first.")
    return api
