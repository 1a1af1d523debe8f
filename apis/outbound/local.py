"""What this machine lacks to make a call. It says nothing about the host, so it never counts as the host's failure."""

from __future__ import annotations

import errno
import socket
from typing import Literal

Lack = Literal[
    "descriptors", "memory", "threads", "ports", "network", "resolver", "certificates", "deadline", "database",
    "internal",
]  # fmt: skip
"""The stable codes. `deadline` is the time of a whole batch, `internal` an error of our own."""

SENTENCES: dict[Lack, str] = {
    "descriptors": "This machine has no free file descriptor: raise the limit on open files (ulimit -n).",
    "memory": "This machine has no free memory: give it more, or run fewer probes at once.",
    "threads": "This machine cannot start more threads: raise its limit on processes (ulimit -u).",
    "ports": "This machine has no free port or source address: run fewer probes at once.",
    "network": "This machine has no network route to the host: check its network and firewall.",
    "resolver": "This machine's DNS servers do not answer: check its DNS settings.",
    "certificates": "This machine's file of trusted CAs cannot be read: check CORSDASH_CA_FILE.",
    "deadline": "The batch took too long, so this run was skipped: add workers, or probe less often.",
    "database": "The database could not be reached, so the result was lost: check the database.",
    "internal": "corsdash failed: see its log.",
}

_BY_ERRNO: dict[int, Lack] = {
    errno.EMFILE: "descriptors",
    errno.ENFILE: "descriptors",
    errno.ENOMEM: "memory",
    errno.ENOBUFS: "memory",
    errno.EADDRNOTAVAIL: "ports",
    errno.EAGAIN: "ports",  # connect() on Linux: no free local port
    errno.ENETUNREACH: "network",
    errno.ENETDOWN: "network",
    errno.EAFNOSUPPORT: "network",
    errno.EPERM: "network",  # a firewall on this machine
    errno.EACCES: "network",
}


def lack_of_errno(number: int) -> Lack | None:
    """Return what an errno of socket() or connect() says this machine lacks; None where it is about the host."""
    return _BY_ERRNO.get(number)


def lack_of(error: BaseException) -> Lack:
    """Return what an exception of our own code says this machine lacks."""
    if isinstance(error, MemoryError):
        return "memory"
    if isinstance(error, RuntimeError) and "start new thread" in str(error):
        return "threads"
    if isinstance(error, socket.gaierror):
        return "memory" if error.errno == socket.EAI_MEMORY else "resolver"
    if isinstance(error, OSError) and error.errno in _BY_ERRNO:
        return _BY_ERRNO[error.errno]
    return "internal"
