"""One call, tried once because a person asks for it. It is kept for an hour and opens no incident."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone

from apis.access import audit
from apis.access.secrets import decrypt, encrypt
from apis.inventory.models import HttpApi
from apis.outbound import Guard, from_settings
from apis.probing import probe_edits
from apis.probing.models import Probe
from apis.probing.probe_edits import FIELDS
from apis.probing.runs import connectivity, expectations
from apis.probing.runs.calls import make_calls, with_likely_response

KEPT = timedelta(hours=1)
PATIENCE = timedelta(seconds=60)
"""After this time without a result no worker will bring one."""


@dataclass(slots=True)
class LiveCheck:
    """A call and what came of it. `not_run` names what this machine lacked, `error` says why there was no answer.

    `is_preflight_only`: the call itself could change data, so only its preflight was sent. `unmet` has the
    expectations besides the verdict that were not met. `secret` is encrypted, and dropped once the call was sent.
    """

    key: str
    api: int
    call: dict[str, Any]
    asked_at: datetime
    is_done: bool = False
    exchange: dict[str, Any] | None = None
    judged: dict[str, Any] | None = None
    verdict: dict[str, Any] | None = None
    timings: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    not_run: str = ""
    is_preflight_only: bool = False
    unmet: list[list[str]] = field(default_factory=list)
    secret: str = ""

    @property
    def is_lost(self) -> bool:
        """Whether its result is overdue."""
        return not self.is_done and timezone.now() > self.asked_at + PATIENCE


def prepare(api: HttpApi, values: Mapping[str, Any], user: User) -> LiveCheck:
    """Store a call to be tried by a worker. Raises InvalidFields for one that no probe may make."""
    probe = probe_edits.prepare(api, dict(values))
    call = {name: getattr(probe, name) for name in FIELDS}
    check = LiveCheck(secrets.token_urlsafe(16), api.pk, call, timezone.now(), secret=encrypt(probe.secret))
    _keep(check)
    target = f"{probe.method} {probe.base_url}{probe.path}"
    audit.record(user, "checked a call live", target, api=api.name)
    return check


def find(key: str) -> LiveCheck | None:
    """Return a check by its key; None when it is not kept any more."""
    kept = cache.get(_name(key))
    return LiveCheck(**kept) if kept else None


def run(key: str, guard: Guard | None = None) -> None:
    """Send the call and keep what came of it."""
    check = find(key)
    api = HttpApi.objects.filter(pk=check.api).first() if check else None
    if check is None or api is None or check.is_done:
        return
    probe = Probe(api=api, secret=decrypt(check.secret), **check.call)
    check.secret = ""
    guard = guard or from_settings()
    outcomes = make_calls([probe], guard)
    if connectivity.is_connected([probe], outcomes, guard) is False:
        outcomes = connectivity.without_network(outcomes)
    [outcome] = outcomes
    check.unmet = [list(one) for one in expectations.unmet(probe, outcome, timezone.now())]
    check.timings, check.error, check.not_run = outcome.timings, outcome.error, str(outcome.lack or "")
    if outcome.exchange and outcome.verdict:
        check.exchange, check.verdict = outcome.exchange.as_json(), outcome.verdict.as_json()
        check.is_preflight_only = outcome.exchange.response is None and outcome.verdict.allowed
        judged = with_likely_response(outcome.exchange) if check.is_preflight_only else outcome.exchange
        check.judged = judged.as_json()
    check.is_done = True
    _keep(check)


def _keep(check: LiveCheck) -> None:
    cache.set(_name(check.key), asdict(check), KEPT.total_seconds())


def _name(key: str) -> str:
    return f"live-check:{key}"
