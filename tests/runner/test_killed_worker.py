"""A worker that is killed in the middle of a batch of probes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from apis.probing.runs.schedule import SPREAD
from tests.runner.test_up import children, rest
from tests.runner.test_waiting import NAME, slow
from tests.support.servers import until
from tests.support.up import Up

INTERVAL_S = 10
WORKER = "-Q celery "


@pytest.mark.once
def test_each_probe_runs_again_within_an_interval_and_none_twice(up: Up) -> None:
    token = up.manage("token", "admin").strip()
    [api] = rest(up, token, f"apis?search={NAME}")["items"]
    call = {"api": api["id"], "method": "PUT", "interval": INTERVAL_S, "retry_interval": 0}
    probes = [rest(up, token, "probes", {**call, "origin": f"https://{n}.example"})["id"] for n in range(3)]
    [worker] = children(up, WORKER)
    with slow(up, 5, "Invoke"):
        # One is claimed: its due time is the next one, and its request waits for the response.
        first, due = probes[0], due_time(up, probes[0])
        until(lambda: due_time(up, first) > due, "the next run is claimed", 2 * INTERVAL_S)
        until(lambda: time.time() > due + 0.5, "it has started")
        worker.kill()
    killed = datetime.fromtimestamp(due, UTC)
    until(lambda: all(len(times(up, pk, killed)) > 1 for pk in probes), "each has run", 4 * INTERVAL_S)
    for pk in probes:
        found = times(up, pk, killed)
        assert found[0] < killed + timedelta(seconds=2 * INTERVAL_S), pk
        # A probe has a place in each interval, and one run from each place to the next.
        runs = [int(at.timestamp() - pk * SPREAD) // INTERVAL_S for at in found]
        assert len(set(runs)) == len(runs), pk
        rest(up, token, f"probes/{pk}", method="DELETE")


def due_time(up: Up, probe: int) -> int:
    """When a probe is due next, in Unix time."""
    return int(up.query("SELECT due_at FROM apis_probe WHERE id = ?", probe)[0][0])


def times(up: Up, probe: int, since: datetime) -> list[datetime]:
    """When a probe ran since, oldest first."""
    rows = up.query("SELECT at FROM apis_result WHERE probe_id = ? ORDER BY at", probe)
    found = [datetime.fromisoformat(at).replace(tzinfo=UTC) for (at,) in rows]
    return [at for at in found if at >= since]
