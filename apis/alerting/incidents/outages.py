"""Outages: probes that fail because a host does not answer at all. One host, or one account, is one incident."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apis.alerting.models import Incident, IncidentProbe
from apis.inventory.models import Account
from apis.probing.models import Flip
from apis.probing.runs.certificates import host_of

TOGETHER = timedelta(minutes=10)
"""APIs of one account that fail the same way within so long fail by one cause: two rounds of most probes."""
PREFIX = "outage:"
MOST_HOSTS = 20


@dataclass(frozen=True, slots=True)
class Outage:
    """A host of an account that does not answer since a time; `failure` is the way: resolve, connect, tls, timeout."""

    account: int
    host: str
    failure: str
    since: datetime

    @property
    def key(self) -> str:
        """The `cause_key` of an incident that it opens."""
        return f"{PREFIX}{self.account}:{self.failure}:{self.since.timestamp():.3f}"

    def belongs_to(self, incident: Incident, members: Iterable[IncidentProbe]) -> bool:
        """Return whether an open incident with these members is about the same outage."""
        other = _read(incident.cause_key)
        if other is None or other[0] != self.account:
            return False
        if other[1] == self.failure and abs(self.since - other[2]) <= TOGETHER:
            return True
        return any(host_of(member.probe) == self.host for member in members)


def outage_of(flip: Flip) -> Outage | None:
    """Return the outage that a flip comes from; None when its host answered."""
    if flip.result is None or not flip.result.unreachable:
        return None
    probe = flip.probe
    return Outage(probe.api.account_id, host_of(probe), flip.result.unreachable, flip.failing_since or flip.at)


def prefix_of(account: int) -> str:
    """Return how the `cause_key` of an account's outages begins."""
    return f"{PREFIX}{account}:"


def lock_accounts(outages: Iterable[Outage]) -> None:
    """Let one process at a time open the outages of an account, so that two do not make two incidents of one."""
    accounts = {outage.account for outage in outages}
    if accounts:
        list(Account.objects.select_for_update(no_key=True).filter(pk__in=accounts).order_by("pk").values_list("pk"))


def hosts_of(members: Sequence[IncidentProbe]) -> list[str]:
    """Return the hosts that an incident's probes call, in the order in which they began to fail."""
    return list(dict.fromkeys(host_of(member.probe) for member in members))


def about_outage(incident: Incident, members: Sequence[IncidentProbe]) -> dict[str, Any] | None:
    """Return what a message says about an outage; None for other incidents."""
    read = _read(incident.cause_key)
    if read is None:
        return None
    hosts = hosts_of(members)
    return {"failure": read[1], "hosts": hosts[:MOST_HOSTS], "hosts_total": len(hosts)}


def _read(key: str) -> tuple[int, str, datetime] | None:
    if not key.startswith(PREFIX):
        return None
    account, failure, since = key.removeprefix(PREFIX).split(":")
    return int(account), failure, datetime.fromtimestamp(float(since), UTC)
