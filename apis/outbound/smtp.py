"""Mail through an SMTP server, in a bounded time: a server that drips keeps no sender waiting."""

from __future__ import annotations

import io
import smtplib
import time
from typing import Any

from django.core.mail.backends import smtp

LONGEST_S = 20.0
"""How long handing over one mail may take, whatever the server does; each wait also has the backend's timeout."""


class EmailBackend(smtp.EmailBackend):
    """Django's own, whose connections end at a deadline."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        """Plain or TLS from the start."""
        return _BoundedTls if self.use_ssl else _Bounded


class _Bounded(smtplib.SMTP):
    def __init__(self, *args: Any, **options: Any) -> None:
        self.ends_at = time.monotonic() + LONGEST_S
        super().__init__(*args, **options)

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply; smtplib's own reader would wait for each byte of it."""
        if self.file is None:
            self.file = io.BufferedReader(_Reader(self))
        return super().getreply()


class _BoundedTls(_Bounded, smtplib.SMTP_SSL):
    pass


class _Reader(io.RawIOBase):
    """What a connection receives, until its deadline."""

    def __init__(self, connection: _Bounded) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        sock, left = self._connection.sock, self._connection.ends_at - time.monotonic()
        assert sock is not None
        if left <= 0:
            raise TimeoutError(f"no complete reply within {LONGEST_S:g} s")
        patience = sock.gettimeout()
        sock.settimeout(left if patience is None else min(left, patience))
        try:
            return sock.recv_into(buffer)
        finally:
            sock.settimeout(patience)
