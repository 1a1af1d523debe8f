"""What goes out of the API: rows as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apis.alerting.models import Channel, Delivery, Incident
from apis.cors.lint import findings
from apis.inventory.lint_context import context_of
from apis.inventory.models import Account, Change, HttpApi, SyncRun
from apis.inventory.origins import Origin
from apis.probing.models import Probe, Result


def time(at: datetime | None) -> str | None:
    """A time in UTC, ISO 8601."""
    return at.isoformat().replace("+00:00", "Z") if at else None


def account(row: Account) -> dict[str, Any]:
    """An account; how it is reached stays inside."""
    return {
        "id": row.pk,
        "name": row.name,
        "aws_account_id": row.aws_account_id,
        "regions": row.regions,
        "read_only": row.read_only,
        "enabled": row.enabled,
    }


def api(row: HttpApi) -> dict[str, Any]:
    """An API with its six fields as AWS gives them; found by origin, also the entry that admits it and since when."""
    found: Any = row
    through = {"through": found.through, "since": time(found.since)} if hasattr(row, "through") else {}
    return {
        "id": row.pk,
        "api_id": row.api_id,
        "name": row.name,
        "account": row.account.name,
        "region": row.region,
        "endpoint": row.endpoint,
        "cors": row.current.cors if row.current else None,
        "version": row.version,
        "gone_at": time(row.gone_at),
        "findings": [one.as_json() for one in findings(row.policy, context_of(row))],
        **through,
    }


def origin(row: Origin) -> dict[str, Any]:
    """An entry of AllowOrigins in use; `first` is the change that first brought it in where it still is."""
    return {
        "origin": row.value,
        "apis": row.apis,
        "accounts": row.accounts,
        "since": time(row.since),
        "flags": [one.name for one in row.flags],
        "first": {
            "api": row.change.api_id,
            "change": row.change.pk,
            "kind": row.change.kind,
            "actor": row.change.who or None,
        }
        if row.change
        else None,
    }


def change(row: Change) -> dict[str, Any]:
    """A row of the history."""
    return {
        "id": row.pk,
        "api": row.api_id,
        "kind": row.kind,
        "status": row.status,
        "at": time(row.at),
        "actor": row.who or None,
        "note": row.note,
        "summary": row.summary,
        "before": row.before.cors if row.before else None,
        "after": row.after.cors if row.after else (row.proposed if row.status != Change.Status.APPLIED else None),
        "group": str(row.group) if row.group else None,
        "error": row.error or None,
    }


def probe(row: Probe) -> dict[str, Any]:
    """A probe and its state."""
    return {
        "id": row.pk,
        "api": row.api_id,
        "name": row.name,
        "origin": row.origin,
        "method": row.method,
        "base_url": row.base_url,
        "path": row.path,
        "headers": row.headers,
        "credentials": row.credentials,
        "expect": row.expect,
        "interval": row.interval,
        "failures": row.failures,
        "enabled": row.enabled,
        "state": row.state,
        "last_passed_at": time(row.last_passed_at),
        "not_run": (row.last_result.not_run or None) if row.last_result else None,
    }


UNUSED_OF_LAST_RESULT = ("last_result__exchange", "last_result__verdict", "last_result__timings")


def result(row: Result) -> dict[str, Any]:
    """One run of a probe."""
    return {
        "id": row.pk,
        "at": time(row.at),
        "passed": row.passed,
        "verdict": row.verdict,
        "exchange": row.exchange,
        "timings": row.timings,
        "error": row.error or None,
        "not_run": row.not_run or None,
    }


def incident(row: Incident) -> dict[str, Any]:
    """An incident with its probes."""
    return {
        "id": row.pk,
        "api": row.api_id,
        "state": row.state,
        "summary": row.summary,
        "opened_at": time(row.opened_at),
        "closed_at": time(row.closed_at),
        "acknowledged_at": time(row.acknowledged_at),
        "probes": [member.probe_id for member in row.members.all()],
        "suspected_change": row.suspected_change_id,
    }


def channel(row: Channel) -> dict[str, Any]:
    """A channel; its secret and a webhook's address are never shown again."""
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "address": row.address,
        "enabled": row.enabled,
        "proposals": row.proposals,
    }


def delivery(row: Delivery) -> dict[str, Any]:
    """A message to a channel with its attempts."""
    return {
        "id": row.pk,
        "message_id": row.wire_id,
        "channel": row.channel_id,
        "incident": row.incident_id,
        "event": row.event,
        "state": row.state,
        "created_at": time(row.created_at),
        "sent_at": time(row.sent_at),
        "next_attempt_at": time(row.next_attempt_at),
        "attempts": [
            {"at": time(one.at), "status": one.status, "error": one.error or None, "took_ms": one.took_ms}
            for one in row.attempts.all()
        ],
    }


def sync_run(row: SyncRun) -> dict[str, Any]:
    """A sync and how far each region got."""
    regions = list(row.regions.select_related("account"))
    done = row.finished_at is not None
    failed = any(region.state == "failed" for region in regions)
    return {
        "run": row.pk,
        "state": ("failed" if failed else "done") if done else "running",
        "started_at": time(row.started_at),
        "finished_at": time(row.finished_at),
        "regions": [
            {
                "account": region.account.name,
                "region": region.region,
                "state": region.state,
                "found": region.found,
                "changed": region.changed,
                "drifted": region.drifted,
                "gone": region.gone,
                "error": region.error or None,
            }
            for region in regions
        ],
    }
