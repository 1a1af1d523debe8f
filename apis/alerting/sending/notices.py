"""The words of messages about all but incidents, baselines and proposals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apis.alerting.sending import events
from apis.alerting.sending.phrases import Words, api_words, change_phrase, named, utc

MOST_FINDINGS = 3
"""Findings that a message about drift names."""

type Writer = Callable[[str, dict[str, Any]], Words]


def _change_words(event: str, data: dict[str, Any]) -> Words:
    change = data["change"]
    who = (change["actor"] or "").rpartition(":")[2]
    by = f" by {who}" if who else ""
    what = {
        events.DRIFTED: f"was changed outside corsdash{by}",
        events.CHANGE_FAILED: f"a change{by} failed",
        events.CHANGE_REVERTED: "a change was reverted automatically because probes failed",
    }[event]
    brought, action = data.get("findings") or [], "Review the change."
    if event == events.DRIFTED:
        action = "Review the change: accept it or revert it."
    return api_words(data) | {
        "key": f"change-{change['id']}",
        "title": f"{named(data)}: {what}, {utc(change['at'])}: {change['summary'] or 'no difference'}",
        "reason": change["error"] or change["note"] or _findings(brought, data.get("findings_total", 0)),
        "action": f"{brought[0]['todo']} {action}" if brought else action,
        "url": change["url"],
    }


def _findings(found: list[dict[str, Any]], total: int) -> str:
    """Return the findings that a change brought, in one line."""
    named = "; ".join(one["title"] for one in found[:MOST_FINDINGS])
    more = total - min(total, MOST_FINDINGS)
    return f"New findings: {named}{f'; and {more} more' if more else ''}." if found else ""


def _finding_words(event: str, data: dict[str, Any]) -> Words:
    change, first = data["change"], data["findings"][0]
    more = data["findings_total"] - 1
    others = f", and {more} more finding{'' if more == 1 else 's'}" if more else ""
    return api_words(data) | {
        "key": f"finding-{change['id']}",
        "title": f"{named(data)}: new {first['severity']}: {first['title']}{others}",
        "reason": first["why"],
        "cause": change_phrase(change),
        "action": first["todo"],
        "url": change["url"],
    }


def _verification_words(event: str, data: dict[str, Any]) -> Words:
    change, first = data["change"], data["probes"][0]
    more = data["probes_total"] - 1
    others = f" and {more} more probe{'' if more == 1 else 's'}" if more else ""
    group = change.get("group")
    return api_words(data) | {
        "key": f"verification-{change['id']}",
        "title": f"{named(data)}: verification failed: {first['call']}{others}",
        "reason": "Probes that passed before the change fail with it.",
        "cause": change_phrase(change),
        "action": f"Revert the bulk change: {group['url']}" if group else f"Revert the change: {change['url']}",
        "url": change["url"],
    }


def _region_words(event: str, data: dict[str, Any]) -> Words:
    account, more = data["account"], len(data.get("regions", ())) - 1
    others = f" and {more} more region{'' if more == 1 else 's'}" if more > 0 else ""
    return {
        "key": f"region-{account['id']}-{data['region']}",
        "title": f"{account['name']}, {data['region']}{others}: cannot be read (since {utc(data['at'])})",
        "reason": data["error"],
        "action": "Check the account's credentials and permissions.",
        "url": account["url"],
        "source": account["name"],
        "group": data["region"],
    }


def _certificate_words(event: str, data: dict[str, Any]) -> Words:
    certificate = data["certificate"]
    host, ends = certificate["host"], utc(certificate["expires_at"])
    words = (api_words(data) if data["api"] else {}) | {
        "key": f"certificate-{host}",
        "url": data["api"]["url"] if data["api"] else "",
        "source": host,
    }
    if event == events.CERTIFICATE_RENEWED:
        until = certificate["renewed_until"]
        title = f"certificate renewed, valid until {utc(until)}" if until else "no longer a custom domain of any API"
        return words | {"status": "resolved", "severity": "info", "title": f"{host}: {title}"}
    days = certificate["days_left"]
    left = f"expires in {days} day{'' if days == 1 else 's'}, on {ends}"
    return words | {
        "status": "problem",
        "title": f"{host}: the certificate {f'expired on {ends}' if certificate['expired'] else left}",
        "reason": f"Browsers block every call to {host}{'' if certificate['expired'] else ' once it has expired'}.",
        "action": "Renew it. In AWS Certificate Manager, check that its DNS validation record still exists.",
    }


def _grant_words(event: str, data: dict[str, Any]) -> Words:
    grant = data["grant"]
    return api_words(data) | {
        "key": f"grant-{grant['id']}",
        "title": f"{named(data)}: {grant['origin']} is still allowed; "
        f"its temporary access ended on {utc(grant['ends_at'])}",
        "reason": grant["error"],
        "action": "Remove the origin, or end its temporary access again.",
        "url": data["api"]["url"],
    }


def _channel_words(event: str, data: dict[str, Any]) -> Words:
    channel = data["channel"]
    words = {"key": f"channel-{channel['id']}", "url": channel["url"], "source": channel["name"]}
    if event == events.CHANNEL_FAILING:
        since = f" (since {utc(channel['failing_since'])})" if channel["failing_since"] else ""
        return words | {
            "status": "problem",
            "title": f"Channel {channel['name']}: cannot deliver messages{since}",
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
        title = f"Scheduler: running again; probes were late from {utc(scheduler['since'])}"
        return words | {"status": "resolved", "severity": "info", "title": title}
    late = scheduler["late_probes"]
    title = f"Scheduler: {late} probe{' is' if late == 1 else 's are'} late"
    if not late:
        last = scheduler["last_tick"]
        title = f"Scheduler: not running (since {utc(last)})" if last else "Scheduler: has never run"
    return words | {
        "status": "problem",
        "title": title,
        "reason": "Failing calls are detected late or not at all.",
        "action": "Check that the worker and the scheduler (celery beat) run and reach the broker.",
    }


NOTICES: dict[str, Writer] = {
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
}
