"""The values that go in and out: Call, Reply, Failure and Timings. Plain data, no network."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from apis.outbound.local import SENTENCES, Lack

Headers = tuple[tuple[str, str], ...]
Kind = Literal["refused-address", "bad-url", "resolve", "connect", "tls", "timeout", "too-large", "protocol", "local"]

MAX_HEADERS = 16 * 1024
MAX_BODY = 4 * 1024


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to someone else's host.

    `timeout_s` bounds the whole call, looking the name up included; `connect_timeout_s` bounds the look-up, and again
    the TCP and TLS handshakes together. A redirect is an answer like any other: it is never followed. Of the body
    `max_body` bytes are read. With `certificate_days` the reply may tell a certificate's end as it was read within the
    last hour, if that is so many days away; without, each handshake reads it. A call that is not `confidential` carries
    nothing that anyone may not read one day: its TLS handshake does without the costly keys that withstand quantum
    computers.
    """

    method: str
    url: str
    headers: Headers = ()
    body: bytes | None = None
    timeout_s: float = 10
    connect_timeout_s: float = 5
    max_body: int = MAX_BODY
    certificate_days: int | None = None
    confidential: bool = True


@dataclass(frozen=True, slots=True)
class Timings:
    """How long each phase took, in milliseconds; 0 for one that did not happen (a kept connection has no `connect`).

    `first_byte` is the wait from the sent request to the first byte of the answer; `total` spans everything.
    """

    resolve: float = 0.0
    connect: float = 0.0
    tls: float = 0.0
    first_byte: float = 0.0
    total: float = 0.0

    def as_json(self) -> dict[str, float]:
        """Return the form in which results keep it: milliseconds with two decimals."""
        return {
            "resolve": round(self.resolve, 2),
            "connect": round(self.connect, 2),
            "tls": round(self.tls, 2),
            "first_byte": round(self.first_byte, 2),
            "total": round(self.total, 2),
        }


@dataclass(frozen=True, slots=True)
class Reply:
    """What the host answered: the final status and its header lines in order, names and values as sent (Latin-1).

    Interim (1xx) answers and trailers are left out. `body` holds at most the call's `max_body`; `cut` is true when
    there was more, or when the connection broke or the time was up after the headers. `address` is the IP address
    that answered, `http_version` "1.0", "1.1" or "2", `certificate_expires` the end of the host's own certificate,
    None for http; `certificate_remembered` when an earlier connection showed it.
    """

    status: int
    headers: Headers
    body: bytes
    timings: Timings
    address: str
    http_version: str
    certificate_expires: datetime | None = None
    certificate_remembered: bool = False
    cut: bool = False

    def with_certificate(self, expires: datetime | None, is_remembered: bool) -> Reply:
        """Return the same reply with the end of the host's certificate."""
        # At a fraction of what `replace` costs, which looks at each field.
        return Reply(
            self.status, self.headers, self.body, self.timings, self.address, self.http_version, expires,
            is_remembered, self.cut,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no answer. `message` is one sentence that says what happened and what can be done.

    With the kind `local` the call was not made, for a reason on this machine that `lack` names: nothing is known of
    the host. `accepted`: the host took the connection, with TLS where the URL says so, and failed later.
    """

    kind: Kind
    message: str
    timings: Timings = Timings()
    lack: Lack | None = None
    accepted: bool = False

    @classmethod
    def local(cls, lack: Lack, timings: Timings = Timings()) -> Failure:
        """Make the failure of a call that this machine could not make."""
        return cls("local", SENTENCES[lack], timings, lack)


Outcome = Reply | Failure


class Unsendable(Exception):
    """A call that must not or cannot be sent; carries the Failure to hand back."""

    def __init__(self, kind: Kind, message: str, lack: Lack | None = None) -> None:
        super().__init__(message)
        self.kind: Kind = kind
        self.message = message
        self.lack = lack

    @classmethod
    def local(cls, lack: Lack) -> Unsendable:
        """Make the one of a call for which this machine lacks something."""
        return cls("local", SENTENCES[lack], lack)

    def failure(self, timings: Timings = Timings()) -> Failure:
        """Return the Failure to hand back."""
        return Failure(self.kind, self.message, timings, self.lack)
