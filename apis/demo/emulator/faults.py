"""What went through the demo AWS, and what is to go wrong with it: for tests, and for trying the dashboard out."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from apis.demo.emulator.clock import CLOCK

KINDS = {
    "slow": "answers after `seconds`",
    "throttle": "429 TooManyRequestsException",
    "refuse": "403 AccessDeniedException",
    "expired": "403 ExpiredTokenException",
    "broken": "503 ServiceUnavailableException",
    "missing": "501, as of an endpoint that lacks the operation",
    "garbage": "200 with a page of HTML",
    "drop": "closes the connection without a response",
    "lose": "does the operation, then closes the connection",
}
INVOKE = "Invoke"
"""The operation under which the gateway's own requests go."""


@dataclass
class Fault:
    """One thing that goes wrong: where, and how many more `times` (None: until taken away). `*` matches all."""

    kind: str
    operation: str = "*"
    account: str = "*"
    region: str = "*"
    api: str = "*"
    seconds: float = 0.0
    times: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"kind: is one of {', '.join(KINDS)}")

    def matches(self, operation: str, account: str, region: str, api: str) -> bool:
        """Return whether this goes wrong with such a call."""
        pairs = ((self.operation, operation), (self.account, account), (self.region, region), (self.api, api))
        return all(wanted in ("*", given) for wanted, given in pairs)


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Fault] = []

    def add(self, kind: str, **where: Any) -> Fault:
        """Let something go wrong from now on. Raises ValueError for what a Fault cannot be."""
        unknown = sorted(set(where) - {field.name for field in fields(Fault)})
        if unknown:
            raise ValueError(f"{', '.join(unknown)}: unknown")
        fault = Fault(kind, **where)
        with self._lock:
            self._all.append(fault)
        return fault

    def clear(self) -> None:
        """Clear all faults."""
        with self._lock:
            self._all.clear()

    def take(self, operation: str, account: str, region: str, api: str) -> list[str]:
        """Return the kinds of fault that this call meets; the slow ones are waited for here."""
        with self._lock:
            met = [fault for fault in self._all if fault.matches(operation, account, region, api)]
            for fault in met:
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._all.remove(fault)
        delay = sum(fault.seconds for fault in met if fault.kind == "slow")
        if delay:
            time.sleep(delay)
        return [fault.kind for fault in met if fault.kind != "slow"]

    def as_json(self) -> list[dict[str, Any]]:
        """Return the faults for the page at /_demo/faults."""
        with self._lock:
            return [asdict(fault) for fault in self._all]


@dataclass
class Call:
    """One control-plane call: when it came (seconds since 1970), with which key, what was answered (0: nothing)."""

    at: float
    operation: str
    account: str
    region: str
    api: str
    key: str
    agent: str = ""
    source: str = ""
    status: int = 0
    parameters: tuple[str, ...] = ()


class Calls:
    """The last control-plane calls, oldest first."""

    def __init__(self, keep: int = 50_000) -> None:
        self._all: deque[Call] = deque(maxlen=keep)

    def note(
        self,
        operation: str,
        account: str,
        region: str,
        api: str,
        key: str,
        agent: str = "",
        source: str = "",
        parameters: tuple[str, ...] = (),
    ) -> Call:
        """Write down a call that has just come, with the caller's program and address; its status comes later.

        `parameters` are the names of its body's members.
        """
        call = Call(CLOCK.time(), operation, account, region, api, key, agent, source, parameters=parameters)
        self._all.append(call)
        return call

    def clear(self) -> None:
        """Forget all calls."""
        self._all.clear()

    def __iter__(self) -> Iterator[Call]:
        return iter(list(self._all))

    def as_json(self) -> list[dict[str, Any]]:
        """Return the calls for the page at /_demo/calls."""
        return [asdict(call) for call in self]
