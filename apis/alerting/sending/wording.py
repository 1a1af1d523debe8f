"""The words of a message: what broke, for whom, since when, the likely cause, what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apis.alerting.channels.message import Message
from apis.alerting.models import Delivery
from apis.alerting.sending import events
from apis.alerting.sending.notices import NOTICES, Writer
from apis.alerting.sending.phrases import Words, api_words, change_phrase, named, utc
from apis.ui.tags import duration

_EVENT_WORDS = {
    "incident.opened": "Incident opened",
    "incident.closed": "Incident closed",
    "incident.reminder": "Reminder",
    "test": "Test",
    "change.drifted": "Drift",
    "change.failed": "Change failed",
    "change.reverted": "Change reverted",
    "region.unreadable": "Region unreadable",
    "grant.not_ended": "Temporary access not removed",
    "finding.appeared": "New finding",
    "certificate.ending": "Certificate expires soon",
    "certificate.renewed": "Certificate renewed",
    "verification.failed": "Verification failed",
    "channel.failing": "Channel failing",
    "channel.recovered": "Channel recovered",
    "scheduler.late": "Scheduler late",
    "scheduler.recovered": "Scheduler recovered",
    "proposal.waiting": "Approval requested",
    "proposal.approved": "Proposal approved",
    "proposal.declined": "Proposal declined",
    "proposal.suspended": "Proposal suspended",
    "proposal.applied": "Proposal applied",
    "proposal.failed": "Proposal failed",
    "baseline.departed": "Baseline violation",
    "baseline.restored": "Baseline restored",
}


def words_of(event: str) -> str:
    """Return what people call an event."""
    return _EVENT_WORDS.get(event, event)


def message_of(delivery: Delivery) -> Message:
    """Return the message of a delivery, from its data alone: the same at each attempt."""
    return build_message(delivery.wire_id, delivery.event, delivery.created_at, delivery.data)


def build_message(wire_id: str, event: str, at: datetime, data: dict[str, Any]) -> Message:
    """Return the message about an event with this data."""
    words = {"severity": data.get("severity", "error")} | _writer(event)(event, data)
    lines: dict[str, Any] = {name: _one_line(value) for name, value in words.items()}
    return Message(wire_id, event, at, data, **lines)


def _writer(event: str) -> Writer:
    if event.startswith(events.PROPOSAL):
        return _proposal
    return _WRITERS.get(event, _test)


def _opened(event: str, data: dict[str, Any]) -> Words:
    if data.get("outage"):
        return _outage(event, data)
    incident, first = data["incident"], (data["probes"] or [{}])[0]
    allowed = first.get("expect") == "blocked"
    change = data.get("suspected_change")
    still = "still " if event == events.REMINDER else ""
    broken = f"is {still}{'allowed but must stay blocked' if allowed else 'blocked'}" if first else f"{still}fails"
    more = data["probes_total"] - 1
    others = f", and {more} more probe{'' if more == 1 else 's'} fail{'s' if more == 1 else ''}" if more > 0 else ""
    call = f"{first['origin']} → {first['method']} {first['path']}" if first else incident["summary"]
    action = "Check the backend, its certificate and the routes."
    if change:
        group = change.get("group")
        action = f"Revert the bulk change: {group['url']}" if group else f"Revert the change: {change['url']}"
    return api_words(data) | {
        "status": "problem",
        "severity": "critical" if allowed else data.get("severity", "error"),
        "key": f"incident-{incident['id']}",
        "title": f"{named(data)}: {call} {broken} (since {utc(incident['failing_since'])}){others}",
        "reason": first.get("reason", ""),
        "cause": change_phrase(change, incident["failing_since"]) or "No change right before the first failure.",
        "action": action,
        "url": incident["url"],
    }


def _outage(event: str, data: dict[str, Any]) -> Words:
    incident, outage, probes = data["incident"], data["outage"], data["probes_total"]
    still = "still failing: " if event == events.REMINDER else ""
    failing = f"{probes} probe{'' if probes == 1 else 's'} fail{'s' if probes == 1 else ''}"
    since, is_one = utc(incident["failing_since"]), outage["hosts_total"] == 1
    return api_words(data) | {
        "status": "problem",
        "key": f"incident-{incident['id']}",
        "title": f"{named(data)}: {still}{events.outage_words(outage)} (since {since}); {failing}",
        "reason": data["probes"][0]["reason"],
        "cause": "" if is_one else "Hosts of one account fail together: DNS, the network or the account.",
        "action": "Check the host's DNS, certificate and network."
        if is_one
        else "Check DNS and the network, here and in the account.",
        "url": incident["url"],
    }


def _closed(event: str, data: dict[str, Any]) -> Words:
    incident = data["incident"]
    down = duration(incident["down_seconds"])
    if incident["recovered"]:
        title = f"{named(data)}: recovered after {down} ({incident['summary']})"
        reason = f"Failed from {utc(incident['failing_since'])} to {utc(incident['closed_at'])}."
    else:
        title = f"{named(data)}: closed without recovery ({incident['summary']})"
        reason = "Its probes were deleted or disabled, or the API was deleted in AWS."
    return api_words(data) | {
        "status": "resolved",
        "severity": "info",
        "key": f"incident-{incident['id']}",
        "title": title,
        "reason": reason,
        "cause": change_phrase(data.get("suspected_change"), incident["failing_since"]),
        "url": incident["url"],
    }


def _departed(event: str, data: dict[str, Any]) -> Words:
    baseline, violation = data["baseline"], data["departure"]
    return api_words(data) | {
        "status": "problem",
        "severity": "warning",
        "key": f"departure-{violation['id']}",
        "title": f"{named(data)}: differs from its baseline (since {utc(violation['at'])}): {data['difference']}",
        "cause": change_phrase(data["change"]),
        "action": f"Revert the change, or ask {baseline['locked_by']}, who locked the API.",
        "url": data["api"]["url"],
    }


def _restored(event: str, data: dict[str, Any]) -> Words:
    back = data["departure"]["restored"]
    title = "matches its baseline again" if back else "is no longer locked to the baseline that it violated"
    return api_words(data) | {
        "status": "resolved",
        "key": f"departure-{data['departure']['id']}",
        "severity": "info",
        "title": f"{named(data)}: {title}",
        "cause": change_phrase(data["change"]) if back else "",
        "url": data["api"]["url"],
    }


_PROPOSALS = {
    "waiting": "waits for approval",
    "approved": "was approved",
    "declined": "was declined",
    "suspended": "was suspended",
    "applied": "was applied",
    "failed": "could not be applied",
}


def _proposal(event: str, data: dict[str, Any]) -> Words:
    proposal, what = data["proposal"], event.removeprefix(events.PROPOSAL)
    by = data["happened"]["by"]
    actor = f" by {by}" if what not in ("waiting", "failed") and by != "corsdash" else ""
    text = data["happened"]["text"]
    return api_words(data) | {
        "severity": "error" if what == "failed" else "info",
        "key": f"proposal-{proposal['id']}",
        "title": f"{named(data)}: a change by {proposal['by']} {_PROPOSALS.get(what, what)}{actor}: "
        f"{proposal['summary']}",
        "reason": text or proposal["note"],
        "action": "Review it, then approve or decline it." if what == "waiting" else "",
        "url": proposal["url"],
    }


def _test(event: str, data: dict[str, Any]) -> Words:
    asked = data.get("asked_by", "")
    return {
        "severity": "info",
        "key": "",
        "title": data.get("message", event),
        "reason": f"{asked} sent this test." if asked else "",
        "url": data.get("channel", {}).get("url", ""),
    }


_WRITERS: dict[str, Writer] = {
    **NOTICES,
    events.OPENED: _opened,
    events.REMINDER: _opened,
    events.CLOSED: _closed,
    events.DEPARTED: _departed,
    events.RESTORED: _restored,
    events.TEST: _test,
}


def _one_line(value: str) -> str:
    """Return a text on one line, so that no name can add lines to a message."""
    return "".join(sign for sign in " ".join(value.split()) if sign.isprintable())
