"""The report of a closed incident, as Markdown to file or to paste."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from apis.alerting.incidents import suspected_change
from apis.alerting.incidents.timeline import story
from apis.alerting.models import Incident, IncidentProbe
from apis.alerting.sending.events import call_of
from apis.errors import AppError
from apis.inventory.models import Change, HttpApi
from apis.ui.tags import duration

MOST_PROBES = 100
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#&~])")


def report_of(incident: Incident) -> str:
    """Return the report of a closed incident. Raises AppError while it is open."""
    if incident.closed_at is None:
        raise AppError("This incident is still open. Its report is ready when it closes.")
    members = list(incident.members.select_related("probe__api__account").order_by("down_at", "id"))
    since = min((member.down_at for member in members), default=incident.opened_at)
    fixed_by = suspected_change.fix_of(incident, since)
    recovered = bool(members) and all(member.up_at for member in members)
    lines = [
        f"# Incident {incident.pk}: {_plain(incident.summary)}",
        "",
        f"- State: {'Recovered' if recovered else 'Closed without recovery'}",
        f"- APIs: {', '.join(_api(api) for api in _apis(incident, members))}",
        f"- Failed from: {_utc(since)}",
        f"- Until: {_utc(incident.closed_at)}",
        f"- Duration: {duration((incident.closed_at - since).total_seconds())}",
        f"- Suspected change: {_change(incident.suspected_change)}",
        f"- Fixed by: {_change(fixed_by)}",
        f"- Acknowledged: {_acknowledged(incident)}",
        "",
        f"## Probes ({len(members)})",
        "",
        *(_member(member) for member in members[:MOST_PROBES]),
        "",
        "## Timeline",
        "",
    ]
    for entry in story(incident, fixed_by=fixed_by):
        note = f". {_plain(entry.note)}" if entry.note else ""
        lines.append(f"- {_utc(entry.at)}: {_plain(entry.what)}{note}")
    return "\n".join([*lines, ""])


def _apis(incident: Incident, members: list[IncidentProbe]) -> list[HttpApi]:
    return list({member.probe.api_id: member.probe.api for member in members}.values()) or [incident.api]


def _api(api: HttpApi) -> str:
    return f"{_plain(api.name)} ({_plain(api.account.name)}, {api.region}, {api.api_id})"


def _member(member: IncidentProbe) -> str:
    until = _utc(member.up_at) if member.up_at else "the end"
    reason = f": {_plain(member.reason)}" if member.reason else ""
    probe = member.probe
    return f"- {_plain(probe.name)}, {_plain(call_of(probe))}, from {_utc(member.down_at)} to {until}{reason}"


def _change(change: Change | None) -> str:
    if change is None:
        return "none"
    who = f" by {_plain(change.who)}" if change.who else ""
    when = _utc(change.settled_at or change.at)
    return f"#{change.pk}{who}, {when}: {_plain(change.summary) or 'no difference'}"


def _acknowledged(incident: Incident) -> str:
    if incident.acknowledged_at is None:
        return "no"
    who = incident.acknowledged_by.get_username() if incident.acknowledged_by else "someone"
    note = f": {_plain(incident.acknowledged_note)}" if incident.acknowledged_note else ""
    return f"by {_plain(who)}, {_utc(incident.acknowledged_at)}{note}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _plain(text: str) -> str:
    """Return a text on one line that Markdown shows as it is: no name makes an image or HTML."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
