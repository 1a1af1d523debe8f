"""How each state is shown: its kind (colour and icon) and its word, in one table.

Rooms look their states up here with `{% state "probe" probe.state %}`; no template and no other module repeats them.
"""

from __future__ import annotations

from typing import NamedTuple


class Shown(NamedTuple):
    """A state as pages show it. `kind` is a key of `KINDS`."""

    kind: str
    word: str


KINDS = {
    "success": "circle-check",
    "error": "circle-x",
    "warning": "triangle-alert",
    "info": "info",
    "pending": "clock",
    "stopped": "circle-minus",
    "running": "loader-circle",
}
"""The kinds of status and their icons; CSS gives each its colour."""

UNKNOWN = "stopped"

STATES: dict[str, dict[str, Shown]] = {
    "account": {"on": Shown("success", "Enabled"), "off": Shown("stopped", "Disabled")},
    "approval": {"on": Shown("info", "Required"), "off": Shown("stopped", "Not required")},
    "bulk": {
        "running": Shown("running", "Running"),
        "paused": Shown("stopped", "Paused"),
        "partly": Shown("warning", "Done with failures"),
        "done": Shown("success", "Done"),
    },
    "bulk item": {
        "waiting": Shown("pending", "Waiting"),
        "running": Shown("running", "Running"),
        "applied": Shown("success", "Applied"),
        "skipped": Shown("stopped", "Skipped"),
        "failed": Shown("error", "Failed"),
    },
    "change": {
        "pending": Shown("running", "Applying"),
        "failed": Shown("error", "Failed"),
        "applied": Shown("success", "Applied"),
        "reverted": Shown("warning", "Reverted automatically"),
    },
    "channel": {"on": Shown("success", "Enabled"), "off": Shown("stopped", "Disabled")},
    "cors": {"set": Shown("success", "On"), "empty": Shown("warning", "Empty"), "off": Shown("stopped", "Off")},
    "delivery": {
        "sent": Shown("success", "Delivered"),
        "failed": Shown("error", "Failed"),
        "retrying": Shown("pending", "Retrying"),
        "held": Shown("pending", "Waiting"),
        "waiting": Shown("running", "Sending"),
    },
    "finding": {
        "error": Shown("error", "Error"),
        "warning": Shown("warning", "Warning"),
        "note": Shown("info", "Note"),
        "fixed": Shown("success", "Fixed"),
    },
    "grant": {
        "waiting": Shown("pending", "Waiting for approval"),
        "adding": Shown("running", "Applying"),
        "active": Shown("success", "Active"),
        "ending": Shown("running", "Ending"),
        "ended": Shown("stopped", "Ended"),
        "void": Shown("stopped", "Never applied"),
        "removed": Shown("warning", "Removed early"),
        "stuck": Shown("warning", "Not removed"),
    },
    "incident": {"open": Shown("error", "Open"), "closed": Shown("success", "Closed")},
    "message": {
        "success": Shown("success", "Done"),
        "error": Shown("error", "Error"),
        "warning": Shown("warning", "Warning"),
        "info": Shown("info", "Note"),
    },
    "person": {
        "active": Shown("success", "Active"),
        "invited": Shown("pending", "Invited"),
        "off": Shown("stopped", "Disabled"),
    },
    "probe": {
        "off": Shown("stopped", "Paused"),
        "never_passed": Shown("error", "Never passed"),
        "down": Shown("error", "Down"),
        "flapping": Shown("warning", "Flapping"),
        "failing": Shown("warning", "Failing"),
        "new": Shown("pending", "Not run yet"),
        "up": Shown("success", "Passing"),
    },
    "proposal": {
        "waiting": Shown("pending", "Waiting for approval"),
        "scheduled": Shown("info", "Scheduled"),
        "applying": Shown("running", "Applying"),
        "applied": Shown("success", "Applied"),
        "suspended": Shown("warning", "Suspended"),
        "failed": Shown("error", "Failed"),
        "declined": Shown("stopped", "Declined"),
        "withdrawn": Shown("stopped", "Withdrawn"),
    },
    "region": {
        "waiting": Shown("pending", "Waiting"),
        "running": Shown("running", "Reading"),
        "done": Shown("success", "Done"),
        "partly": Shown("warning", "Partly done"),
        "failed": Shown("error", "Failed"),
    },
    "result": {
        "not_run": Shown("stopped", "Not run"),
        "passed": Shown("success", "Passed"),
        "failed": Shown("error", "Failed"),
    },
    "status page": {
        "passing": Shown("success", "Passing"),
        "failing": Shown("error", "Failing"),
        "unknown": Shown("stopped", "Unknown"),
    },
    "token": {
        "active": Shown("success", "Active"),
        "expired": Shown("stopped", "Expired"),
        "revoked": Shown("stopped", "Revoked"),
    },
    "verdict": {"allowed": Shown("success", "Allowed"), "blocked": Shown("error", "Blocked")},
}

POINTS: dict[str, dict[str, tuple[str, str]]] = {
    "change": {
        "failed": ("error", "x"),
        "pending": ("", "hourglass"),
        "drift": ("warning", "zap"),
        "discovered": ("info", "eye"),
        "revert": ("success", "undo-2"),
        "guard": ("success", "undo-2"),
        "": ("success", "check"),
    },
    "flip": {"up": ("success", "check"), "down": ("error", "x"), "": ("warning", "triangle-alert")},
    "proposal": {
        "approved": ("success", "check"),
        "applied": ("success", "check"),
        "declined": ("error", "x"),
        "failed": ("error", "x"),
        "suspended": ("warning", "triangle-alert"),
        "delayed": ("warning", "triangle-alert"),
        "scheduled": ("info", "calendar"),
        "commented": ("", "pencil"),
        "withdrawn": ("", "undo-2"),
        "": ("info", "git-compare"),
    },
}
"""The points of timelines: colour and icon of an event; "" is any other one."""


def shown(subject: str, value: str) -> Shown:
    """Return how a state is shown; an unknown one by its own name."""
    return STATES[subject].get(value) or Shown(UNKNOWN, value.replace("_", " ").capitalize())
