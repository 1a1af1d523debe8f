"""The words of a message: what broke, for whom, since when, the likely cause, what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from apis.alerting import events
from apis.alerting.channels.message import Message
from apis.alerting.models import Delivery
from apis.ui.tags import duration

type Words = dict[str, Any]


def message_of(delivery: Delivery) -> Message:
    """Return the message of a delivery, from its data alone: the same at each attempt."""
    return build_message(delivery.wire_id, delivery.event, delivery.created_at, delivery.data)


def build_message(wire_id: str, event: str, at: datetime, data: dict[str, Any]) -> Message:
    """Return the message about an event with this data."""
    words = {"severity": data.get("severity", "error")} | _writer(event)(event, data)
    lines: dict[str, Any] = {name: _one_line(value) for name, value in words.items()}
    return Message(wire_id, event, at, data, **lines)


def _writer(event: str) -> Callable[[str, dict[str, Any]], Words]:
    if event.startswith(events.PROPOSAL):
        return _proposal
    return _WRITERS.get(event, _test)


def _opened(event: str, data: dict[str, Any]) -> Words:
    incident, first = data["incident"], (data["probes"] or [{}])[0]
    allowed = first.get("expect") == "blocked"
    change = data.get("suspected_change")
    still = "still " if event == events.REMINDER else ""
    broken = f"is {still}allowed but must stay blocked" if allowed else f"is {still}blocked" if first else "fails"
    more = data["probes_total"] - 1
    others = f", and {more} more probe{'' if more == 1 else 's'} fail{'s' if more == 1 else ''}" if more > 0 else ""
    call = f"{first['origin']} → {first['method']} {first['path']}" if first else incident["summary"]
    action = "Check the backend, its certificate and the routes."
    if change:
        group = change.get("group")
        action = f"Revert the bulk change: {group['url']}" if group else f"Revert the change: {change['url']}"
    return _api(data) | {
        "status": "problem",
        "severity": "critical" if allowed else data.get("severity", "error"),
        "key": f"incident-{incident['id']}",
        "title": f"{_named(data)}: {call} {broken} since {_utc(incident['failing_since'])}{others}",
        "reason": first.get("reason", ""),
        "cause": _changed(change, incident["failing_since"]) or "No change came right before the first failure.",
        "action": action,
        "url": incident["url"],
    }


def _closed(event: str, data: dict[str, Any]) -> Words:
    incident = data["incident"]
    down = duration(incident["down_seconds"])
    if incident["recovered"]:
        title = f"{_named(data)}: recovered after {down} ({incident['summary']})"
        reason = f"It failed from {_utc(incident['failing_since'])} to {_utc(incident['closed_at'])}."
    else:
        title = f"{_named(data)}: no longer watched, without having recovered ({incident['summary']})"
        reason = "Its probes were deleted or disabled, or the API is gone from AWS."
    return _api(data) | {
        "status": "resolved",
        "severity": "info",
        "key": f"incident-{incident['id']}",
        "title": title,
        "reason": reason,
        "cause": _changed(data.get("suspected_change"), incident["failing_since"]),
        "url": incident["url"],
    }


def _departed(event: str, data: dict[str, Any]) -> Words:
    baseline, departure = data["baseline"], data["departure"]
    return _api(data) | {
        "status": "problem",
        "severity": "warning",
        "key": f"departure-{departure['id']}",
        "title": f"{_named(data)}: differs from its baseline since {_utc(departure['at'])}: {data['difference']}",
        "cause": _changed(data["change"]),
        "action": f"Revert the change, or ask {baseline['locked_by']}, who locked the API.",
        "url": data["api"]["url"],
    }


def _restored(event: str, data: dict[str, Any]) -> Words:
    back = data["departure"]["restored"]
    title = "is back on its baseline" if back else "is no longer locked to the baseline that it differed from"
    return _api(data) | {
        "status": "resolved",
        "key": f"departure-{data['departure']['id']}",
        "severity": "info",
        "title": f"{_named(data)}: {title}",
        "cause": _changed(data["change"]) if back else "",
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
    return _api(data) | {
        "severity": "error" if what == "failed" else "info",
        "key": f"proposal-{proposal['id']}",
        "title": f"{_named(data)}: a change by {proposal['by']} {_PROPOSALS.get(what, what)}{actor}: "
        f"{proposal['summary']}",
        "reason": text or proposal["note"],
        "action": "Review and approve or decline it." if what == "waiting" else "",
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


def _change_words(event: str, data: dict[str, Any]) -> Words:
    change = data["change"]
    who = (change["actor"] or "").rpartition(":")[2]
    by = f" by {who}" if who else ""
    what = {
        events.DRIFTED: f"was changed outside corsdash{by}",
        events.CHANGE_FAILED: f"a change{by} failed",
        events.CHANGE_REVERTED: "a change was reverted automatically, because probes failed",
    }[event]
    return _api(data) | {
        "key": f"change-{change['id']}",
        "title": f"{_named(data)}: {what}, {_utc(change['at'])}: {change['summary'] or 'no difference'}",
        "reason": change["error"] or change["note"],
        "action": "Review the change: accept it or revert it." if event == events.DRIFTED else "Review the change.",
        "url": change["url"],
    }


def _finding_words(event: str, data: dict[str, Any]) -> Words:
    change, first = data["change"], data["findings"][0]
    more = data["findings_total"] - 1
    others = f", and {more} more finding{'' if more == 1 else 's'}" if more else ""
    return _api(data) | {
        "key": f"finding-{change['id']}",
        "title": f"{_named(data)}: new {first['severity']}: {first['title']}{others}",
        "reason": first["why"],
        "cause": _changed(change),
        "action": first["todo"],
        "url": change["url"],
    }


def _verification_words(event: str, data: dict[str, Any]) -> Words:
    change, first = data["change"], data["probes"][0]
    more = data["probes_total"] - 1
    others = f" and {more} more probe{'' if more == 1 else 's'}" if more else ""
    group = change.get("group")
    return _api(data) | {
        "key": f"verification-{change['id']}",
        "title": f"{_named(data)}: verification failed: {first['call']}{others}",
        "reason": "Probes that passed before the change fail with it.",
        "cause": _changed(change),
        "action": f"Revert the bulk change: {group['url']}" if group else f"Revert the change: {change['url']}",
        "url": change["url"],
    }


def _region_words(event: str, data: dict[str, Any]) -> Words:
    account = data["account"]
    return {
        "key": f"region-{account['id']}-{data['region']}",
        "title": f"{account['name']}, {data['region']}: cannot be read since {_utc(data['at'])}",
        "reason": data["error"],
        "action": "Check the account's credentials and permissions.",
        "url": account["url"],
        "source": account["name"],
        "group": data["region"],
    }


def _certificate_words(event: str, data: dict[str, Any]) -> Words:
    certificate = data["certificate"]
    host, ends = certificate["host"], _utc(certificate["expires_at"])
    words = (_api(data) if data["api"] else {}) | {
        "key": f"certificate-{host}",
        "url": data["api"]["url"] if data["api"] else "",
        "source": host,
    }
    if event == events.CERTIFICATE_RENEWED:
        until = certificate["renewed_until"]
        title = f"certificate renewed, valid until {_utc(until)}" if until else "is no custom domain of an API any more"
        return words | {"status": "resolved", "severity": "info", "title": f"{host}: {title}"}
    days = certificate["days_left"]
    left = f"ends in {days} day{'' if days == 1 else 's'}, {ends}"
    return words | {
        "status": "problem",
        "title": f"{host}: the certificate {f'expired {ends}' if certificate['expired'] else left}",
        "reason": f"Browsers refuse every call to {host} once it has expired.",
        "action": "Renew it. In AWS Certificate Manager, check that its DNS validation record still exists.",
    }


def _grant_words(event: str, data: dict[str, Any]) -> Words:
    grant = data["grant"]
    return _api(data) | {
        "key": f"grant-{grant['id']}",
        "title": f"{_named(data)}: {grant['origin']} is still allowed; its access ended {_utc(grant['ends_at'])}",
        "reason": grant["error"],
        "action": "Remove the origin, or end the grant again.",
        "url": data["api"]["url"],
    }


def _channel_words(event: str, data: dict[str, Any]) -> Words:
    channel = data["channel"]
    words = {"key": f"channel-{channel['id']}", "url": channel["url"], "source": channel["name"]}
    if event == events.CHANNEL_FAILING:
        since = f" since {_utc(channel['failing_since'])}" if channel["failing_since"] else ""
        return words | {
            "status": "problem",
            "title": f"Channel {channel['name']}: delivers no messages{since}",
            "reason": channel["error"],
            "action": "Check the channel's address and secret, then send a test.",
        }
    ends = {"on": "delivers messages again", "off": "is disabled", "deleted": "was deleted"}
    title = f"Channel {channel['name']}: {ends[channel['state']]}"
    return words | {"status": "resolved", "severity": "info", "title": title}


def _scheduler_words(event: str, data: dict[str, Any]) -> Words:
    scheduler = data["scheduler"]
    words = {"key": "scheduler", "url": scheduler["url"]}
    if event == events.SCHEDULER_RECOVERED:
        title = f"Scheduler: runs again; probes were late from {_utc(scheduler['since'])}"
        return words | {"status": "resolved", "severity": "info", "title": title}
    late = scheduler["late_probes"]
    title = f"Scheduler: {late} probe{'' if late == 1 else 's'} run{'s' if late == 1 else ''} late"
    if not late:
        last = scheduler["last_tick"]
        title = f"Scheduler: stopped since {_utc(last)}" if last else "Scheduler: has never run"
    return words | {
        "status": "problem",
        "title": title,
        "reason": "Failing calls are noticed late or not at all.",
        "action": "Check that the worker and the scheduler (celery beat) run and reach the broker.",
    }


_WRITERS = {
    events.FINDING: _finding_words,
    events.VERIFICATION_FAILED: _verification_words,
    events.CERTIFICATE_ENDING: _certificate_words,
    events.CERTIFICATE_RENEWED: _certificate_words,
    events.CHANNEL_FAILING: _channel_words,
    events.CHANNEL_RECOVERED: _channel_words,
    events.SCHEDULER_LATE: _scheduler_words,
    events.SCHEDULER_RECOVERED: _scheduler_words,
    events.DRIFTED: _change_words,
    events.CHANGE_FAILED: _change_words,
    events.CHANGE_REVERTED: _change_words,
    events.UNREADABLE: _region_words,
    events.GRANT_STUCK: _grant_words,
    events.OPENED: _opened,
    events.REMINDER: _opened,
    events.CLOSED: _closed,
    events.DEPARTED: _departed,
    events.RESTORED: _restored,
    events.TEST: _test,
}


def _api(data: dict[str, Any]) -> Words:
    api = data["api"]
    return {"source": api["name"] or api["api_id"], "group": f"{api['account']}, {api['region']}"}


def _named(data: dict[str, Any]) -> str:
    api, total = data["api"], data.get("apis_total", 1)
    more = f" and {total - 1} more API{'' if total == 2 else 's'}" if total > 1 else ""
    return f"{api['name'] or api['api_id']} ({api['account']}, {api['region']}){more}"


def _changed(change: dict[str, Any] | None, since: str | None = None) -> str:
    """A change in one phrase: what, by whom, and how long before the first failure."""
    if not change:
        return ""
    actor = (change["actor"] or "").rpartition(":")[2]
    who = f" by {actor}" if actor else ""
    when = f", {_utc(change['at'])}"
    if since and change["at"] and change["at"] <= since:
        seconds = (datetime.fromisoformat(since) - datetime.fromisoformat(change["at"])).total_seconds()
        when += f" ({duration(seconds)} before the first failure)"
    group = change.get("group")
    if group:
        return f"bulk change “{group['title'] or group['id']}”{who}{when}"
    return f"change #{change['id']}{who}: {change['summary'] or 'no difference'}{when}"


def _utc(text: str | None) -> str:
    if not text:
        return ""
    at = datetime.fromisoformat(text)
    return f"{at.day} {at:%b %Y, %H:%M:%S} UTC"


def _one_line(value: str) -> str:
    """A text on one line, so that no name can add lines to a message."""
    return "".join(sign for sign in " ".join(value.split()) if sign.isprintable())
