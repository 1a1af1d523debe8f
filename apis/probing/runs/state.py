"""A probe's state: what one more result makes of it, and when going down is flapping."""

from __future__ import annotations

from datetime import datetime, timedelta

from apis.probing.history import beats
from apis.probing.models import Probe, Result

# A probe that went down this often within the window is flapping: people are notified once, not each time.
FLAPPING_AFTER = 3
FLAPPING_WINDOW = timedelta(hours=1)
SETTLED_AFTER = 5
"""Runs in a row with one outcome after which a flapping probe counts as settled."""
ONE_RUN = timedelta(seconds=5)
"""A person's run and a scheduled one so close together, with one outcome, count once.

Half the shortest interval, so that a person's run can stand for one scheduled run only.
"""


def counts_already(probe: Probe, result: Result) -> bool:
    """Return whether the probe's last result, requested at the same moment by another, has counted for this one."""
    last = probe.last_result
    if last is None or last.passed != result.passed or abs(result.at - last.at) >= ONE_RUN:
        return False
    return {last.cause, result.cause} == {"schedule", "person"}


def advance(probe: Probe, result: Result) -> None:
    """Take one more result into the probe. Whether it flaps is for the caller to see (`flaps`)."""
    counted = counts_already(probe, result)
    probe.last_result = result
    probe.beats = beats.add(probe.beats, result.at, result.passed, bool(result.error))
    if result.passed is None or counted:
        return
    if result.passed:
        probe.passed_in_a_row, probe.failed_in_a_row = probe.passed_in_a_row + 1, 0
        probe.last_passed_at, probe.failing_since = result.at, None
    else:
        probe.passed_in_a_row, probe.failed_in_a_row = 0, probe.failed_in_a_row + 1
        probe.failing_since = probe.failing_since or result.at
    if probe.enabled:
        _move(probe, result.passed, result.at)


def is_undecided(probe: Probe) -> bool:
    """Return whether the next run may take it down, or up again: it need not wait for its interval."""
    if probe.state == Probe.State.FAILING:
        return True
    return probe.state == Probe.State.DOWN and 0 < probe.passed_in_a_row < probe.recoveries


def _move(probe: Probe, passed: bool, at: datetime) -> None:
    before = probe.state
    if probe.state == Probe.State.FLAPPING:
        if probe.passed_in_a_row >= max(SETTLED_AFTER, probe.recoveries):
            probe.state = Probe.State.UP
        elif probe.failed_in_a_row >= max(SETTLED_AFTER, probe.failures):
            probe.state = Probe.State.DOWN
    elif passed:
        if probe.state != Probe.State.DOWN or probe.passed_in_a_row >= probe.recoveries:
            probe.state = Probe.State.UP
    elif probe.state != Probe.State.DOWN:
        failing = probe.failed_in_a_row < probe.failures
        probe.state = Probe.State.FAILING if failing else Probe.State.DOWN
    if probe.state != before:
        probe.state_since = at
