"""The contents of notifications: a line for lists and subjects, and the data of the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import Model
from django.urls import reverse

from apis.alerting.incidents.outages import about_outage
from apis.alerting.models import Channel, Incident, IncidentProbe
from apis.cors.lint import Finding
from apis.cors.policy import summary
from apis.editing.bulk.models import BulkJob
from apis.editing.grants.models import Grant
from apis.editing.review.models import ProposalEvent
from apis.inventory.models import BaselineViolation, Change, HttpApi, SyncRegion
from apis.probing.models import HostCertificate, Probe, Result
from apis.probing.runs.runner import url_of

OPENED = "incident.opened"
CLOSED = "incident.closed"
REMINDER = "incident.reminder"
DEPARTED = "baseline.departed"
RESTORED = "baseline.restored"
TEST = "test"
DRIFTED = "change.drifted"
CHANGE_FAILED = "change.failed"
CHANGE_REVERTED = "change.reverted"
UNREADABLE = "region.unreadable"
GRANT_STUCK = "grant.not_ended"
CHANNEL_FAILING = "channel.failing"
CHANNEL_RECOVERED = "channel.recovered"
SCHEDULER_LATE = "scheduler.late"
SCHEDULER_RECOVERED = "scheduler.recovered"
CERTIFICATE_ENDING = "certificate.ending"
CERTIFICATE_RENEWED = "certificate.renewed"
FINDING = "finding.appeared"
VERIFICATION_FAILED = "verification.failed"
PROPOSAL = "proposal."
"""Begins the events of proposals; what happened follows, such as `proposal.waiting`."""

MOST_PROBES = 20
"""Probes that a message mentions; it says how many there are in all."""


def call_of(probe: Probe) -> str:
    """Return a probe's call in one phrase: from where, to what."""
    return f"{probe.origin} → {probe.method} {probe.path}"


def reason_of(probe: Probe, result: Result | None) -> str:
    """Return why a probe failed, in the words of one of its runs; empty when the run is not known any more."""
    if result is None:
        return ""
    if result.error:
        return result.error
    if result.allowed and probe.expect == Probe.Expect.BLOCKED:
        return "Browsers allow this call, but the probe expects it to be blocked."
    return str((result.verdict or {}).get("reason", ""))


def summary_of(incident: Incident, members: Sequence[IncidentProbe]) -> str:
    """Return the incident in one line: the first call that failed, and how many more."""
    if not members:
        return incident.summary
    more = len(members) - 1
    if outage := about_outage(incident, members):
        probes = f" ({more + 1} probe{'' if more == 0 else 's'})"
        return outage_words(outage)[: 500 - len(probes)] + probes
    others = f" and {more} more probe{'' if more == 1 else 's'}" if more else ""
    return call_of(members[0].probe)[: 500 - len(others)] + others


def outage_words(outage: Mapping[str, Any]) -> str:
    """Return an outage in one phrase."""
    hosts = outage["hosts_total"]
    return f"{outage['hosts'][0]} does not answer" if hosts == 1 else f"{hosts} hosts do not answer"


def about_incident(incident: Incident, members: Sequence[IncidentProbe]) -> dict[str, Any]:
    """Return the data of a message about an incident and its members. JSON; times in UTC, durations in seconds."""
    api = incident.api
    others = {member.probe.api_id: member.probe.api for member in members} or {api.pk: api}
    apis = [_api(one) for one in islice(others.values(), MOST_PROBES)]
    since = min((member.down_at for member in members), default=incident.opened_at)
    ended = incident.closed_at
    return {
        "incident": {
            "id": incident.pk,
            "state": incident.state,
            "summary": incident.summary,
            "failing_since": _time(since),
            "opened_at": _time(incident.opened_at),
            "closed_at": _time(ended),
            "down_seconds": round((ended - since).total_seconds()) if ended else None,
            # False when it closed because nothing watches any more: its probes were deleted or switched off.
            "recovered": bool(ended and members and all(member.up_at for member in members)),
            "url": page(incident),
        },
        "api": apis[0] if apis[0]["id"] == incident.api_id else _api(api),
        "apis": apis,
        "apis_total": len(others),
        "probes": [_member(member) for member in members[:MOST_PROBES]],
        "probes_total": len(members),
        "suspected_change": _change(incident.suspected_change),
        # What does not answer, when that is why they fail.
        "outage": about_outage(incident, members),
    }


def about_proposal(event: ProposalEvent) -> dict[str, Any]:
    """Return the data of a message about a row of a proposal's timeline, with the proposal as it is now."""
    proposal = event.proposal
    api = proposal.api
    return {
        "proposal": {
            "id": proposal.pk,
            "state": proposal.state,
            "summary": proposal.summary,
            "note": proposal.note,
            "by": proposal.proposer_name,
            "approved_by": proposal.approver_name or None,
            "due_at": _time(proposal.due_at),
            "change": proposal.change_id,
            "url": page(proposal),
        },
        "happened": {"at": _time(event.at), "by": event.actor_name, "text": event.text},
        "api": _api(api),
    }


def about_violation(violation: BaselineViolation) -> dict[str, Any]:
    """Return the data of a message about an API that is configured otherwise than it is locked to, or is so again."""
    api, baseline = violation.api, violation.baseline
    return {
        "departure": {
            "id": violation.pk,
            "at": _time(violation.at),
            "ended_at": _time(violation.ended_at),
            # False when the API was unlocked, or locked again to what it has now.
            "restored": violation.ended_by_id is not None,
        },
        "baseline": {
            "locked_at": _time(baseline.at),
            "locked_by": baseline.by_name,
            "note": baseline.note,
            "cors": baseline.configuration.cors,
        },
        "api": _api(api),
        "difference": summary(baseline.configuration.policy, api.policy),
        "change": _change(violation.ended_by or violation.change),
    }


def about_change(change: Change) -> dict[str, Any]:
    """Return the data of a message about a change: drift, or one that failed or was reverted."""
    return {"api": _api(change.api), "change": (_change(change) or {}) | {"error": change.error or None}}


def about_findings(change: Change, found: Sequence[Finding], apis: Sequence[HttpApi]) -> dict[str, Any]:
    """Return the data of a message about findings that a change brought; of a bulk change, its first API's."""
    return about_change(change) | {
        "findings": [finding.as_json() for finding in found[:MOST_PROBES]],
        "findings_total": len(found),
        "apis": [_api(one) for one in apis[:MOST_PROBES]],
        "apis_total": len(apis),
    }


def about_verification(change: Change, probes: Sequence[Probe], apis: Sequence[HttpApi]) -> dict[str, Any]:
    """Return the data of a message about a change after which probes fail that passed before."""
    return about_change(change) | {
        "probes": [
            {"id": probe.pk, "name": probe.name, "call": call_of(probe), "url": page(probe)}
            for probe in probes[:MOST_PROBES]
        ],
        "probes_total": len(probes),
        "apis": [_api(one) for one in apis[:MOST_PROBES]],
        "apis_total": len(apis),
    }


def about_regions(rows: Sequence[SyncRegion]) -> dict[str, Any]:
    """Return the data of a message about regions of one account that cannot be read."""
    row = rows[0]
    return {
        "account": {"id": row.account_id, "name": row.account.name, "url": page(row.account)},
        "region": row.region,
        "regions": [one.region for one in rows],
        "at": _time(row.finished_at),
        "error": row.error,
    }


def about_grant(grant: Grant) -> dict[str, Any]:
    """Return the data of a message about a grant that could not be ended."""
    about = {"id": grant.pk, "origin": grant.origin, "ends_at": _time(grant.ends_at), "error": grant.error}
    return {"api": _api(grant.api), "grant": about}


def about_channel(channel: Channel) -> dict[str, Any]:
    """Return the data of a message about a channel that fails or delivers again; errors never hold an address."""
    state = "deleted" if channel.deleted_at else "on" if channel.enabled else "off"
    return {
        "channel": {
            "id": channel.pk,
            "name": channel.name,
            "kind": channel.kind,
            "state": state,
            "failing_since": _time(channel.failing_since),
            "error": channel.disabled_reason or channel.last_error,
            "url": page(channel),
        }
    }


def about_scheduler(opened_at: datetime, last_tick: datetime | None, late_probes: int) -> dict[str, Any]:
    """Return the data of a message about the scheduler: its last sign of life and the probes that are late."""
    return {
        "scheduler": {
            "since": _time(opened_at),
            "last_tick": _time(last_tick),
            "late_probes": late_probes,
            "url": settings.CORSDASH_URL + reverse("probes"),
        }
    }


def about_certificate(
    row: HostCertificate, current: HostCertificate, apis: Sequence[HttpApi], now: datetime
) -> dict[str, Any]:
    """Return the data of a message about a custom domain's certificate, with the one that the host has now."""
    return {
        "certificate": {
            "host": row.host,
            "expires_at": _time(row.expires_at),
            "days_left": max(0, (row.expires_at - now).days),
            "expired": row.expires_at <= now,
            # None while the host still has it; then until when the one after it is valid.
            "renewed_until": _time(current.expires_at) if current.pk != row.pk else None,
        },
        "api": _api(apis[0]) if apis else None,
        "apis": [_api(one) for one in apis[:MOST_PROBES]],
        "apis_total": len(apis),
    }


def about_test(channel: Channel, asked_by: str) -> dict[str, Any]:
    """Return the data of a test message."""
    return {
        "channel": {"id": channel.pk, "name": channel.name, "kind": channel.kind, "url": page(channel)},
        "message": f"Test notification for channel {channel.name}. No action needed.",
        "asked_by": asked_by,
    }


def page(row: Model) -> str:
    """Return the full address of a row's page."""
    return settings.CORSDASH_URL + _path(type(row)).format(row.pk)


@cache
def _path(table: type[Model]) -> str:
    """Return the path of a table's pages, with {} for the key: resolving each costs as much as a whole message."""
    return str(table(pk=0).get_absolute_url()).replace("/0/", "/{}/")  # type: ignore[attr-defined]


def _api(api: HttpApi) -> dict[str, Any]:
    return {
        "id": api.pk,
        "api_id": api.api_id,
        "name": api.name,
        "account": api.account.name,
        "region": api.region,
        "url": page(api),
    }


def _member(member: IncidentProbe) -> dict[str, Any]:
    probe = member.probe
    return {
        "id": probe.pk,
        "name": probe.name,
        "origin": probe.origin,
        "method": probe.method,
        "path": probe.path,
        "target": url_of(probe),
        "expect": probe.expect,
        "down_at": _time(member.down_at),
        "up_at": _time(member.up_at),
        "reason": member.reason,
        "url": page(probe),
    }


def _change(change: Change | None) -> dict[str, Any] | None:
    if change is None:
        return None
    return {
        "id": change.pk,
        "kind": change.kind,
        "how": change.get_kind_display(),
        "at": _time(change.settled_at or change.at),
        "actor": change.who or None,
        "note": change.note,
        "summary": change.summary,
        "group": _group(change),
        "url": page(change),
    }


def _group(change: Change) -> dict[str, Any] | None:
    """Return the bulk change that a change is part of."""
    if change.group is None:
        return None
    job = BulkJob.objects.filter(group=change.group).only("title").first()
    url = settings.CORSDASH_URL + reverse("bulk_group", args=[change.group])
    return {"id": str(change.group), "title": job.title if job else "", "url": url}


@lru_cache(maxsize=100)
def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
