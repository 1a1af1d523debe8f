"""Transfer: one curl handle, used for call after call, with everything switched off that a guarded call must not do."""

from __future__ import annotations

import errno
import ipaddress
import socket
from datetime import UTC, datetime
from functools import lru_cache

import pycurl

from apis.outbound.call import MAX_HEADERS, Call, Failure, Headers, Reply, Timings
from apis.outbound.failures import Broken, explain
from apis.outbound.guard import Guard
from apis.outbound.target import IPAddress, Target

_NOT_CONNECTED = pycurl.E_COULDNT_CONNECT
_QUICK_CURVES = "X25519:P-256:P-384:P-521"
"""Without the hybrid with ML-KEM that OpenSSL offers first, whose keys are made for each handshake, used or not."""
_KNOWN_BYTES = 256
"""Longer lines are not remembered, or a hostile host could fill the memory with them."""
_SPACE = " \t\r\n"
_VERSIONS = {1: "1.0", 2: "1.1", 3: "2", 30: "3"}


class Transfer:
    """Carries one call at a time to one vetted address; `load`, run `curl` in a multi handle, then ask `outcome`.

    `connected`: the request is about to be sent or was; `unreached`: no connection was made.
    """

    def __init__(self, guard: Guard, ca_bundle: str) -> None:
        self._guard = guard
        self.curl = curl = pycurl.Curl()
        for option, value in (
            (pycurl.NOSIGNAL, 1),  # signals and threads do not mix
            (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
            (pycurl.REDIR_PROTOCOLS, 0),
            (pycurl.FOLLOWLOCATION, 0),
            (pycurl.PROXY, ""),
            (pycurl.NOPROXY, "*"),
            (pycurl.NETRC, 0),
            (pycurl.HTTP09_ALLOWED, 0),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_2TLS),
            (pycurl.PATH_AS_IS, 1),
            (pycurl.USERAGENT, "corsdash"),
            (pycurl.SSL_VERIFYPEER, 1),
            (pycurl.SSL_VERIFYHOST, 2),
            # A host shows no certificate to a client that resumes an earlier TLS session; and those of many hosts push
            # each other out before they are used.
            (pycurl.SSL_SESSIONID_CACHE, 0),
            (pycurl.CAINFO, ca_bundle),
            (pycurl.HEADERFUNCTION, self._on_header),
            (pycurl.WRITEFUNCTION, self._on_body),
            (pycurl.PREREQFUNCTION, self._on_connection),
        ):
            curl.setopt(option, value)
        # A folder of CAs besides the file would keep curl from caching the parsed store.
        curl.unsetopt(pycurl.CAPATH)

    def load(
        self,
        call: Call,
        lines: list[bytes],
        target: Target,
        address: IPAddress,
        connect_s: float,
        total_s: float,
        reads_certificate: bool = True,
    ) -> None:
        """Make the handle ready for one attempt at one address. The name stays for TLS, certificate and Host."""
        self.target = target
        self.address = address
        self._address = str(address)
        self._body = bytearray()
        self._max_body = call.max_body
        self._lines: list[bytes] = []
        self._header_bytes = 0
        self._refused: str | None = None
        self.connected = False
        self.unreached = False
        self._reads_certificate = reads_certificate
        curl = self.curl
        curl.setopt(pycurl.URL, target.url)
        pin = f"[{self._address}]" if address.version == 6 else self._address
        curl.setopt(pycurl.CONNECT_TO, [f"::{pin}:{target.port}"])
        curl.setopt(pycurl.OPT_CERTINFO, reads_certificate)
        if call.confidential:
            curl.unsetopt(pycurl.SSL_EC_CURVES)
        else:
            curl.setopt(pycurl.SSL_EC_CURVES, _QUICK_CURVES)
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, max(1, int(connect_s * 1000)))
        curl.setopt(pycurl.TIMEOUT_MS, max(1, int(total_s * 1000)))
        body = call.body
        if body is None and call.method in ("POST", "PUT"):
            body = b""  # fetch() says Content-Length: 0 for these
        if body is not None:
            curl.setopt(pycurl.POST, 1)
            curl.setopt(pycurl.POSTFIELDSIZE, len(body))
            curl.setopt(pycurl.POSTFIELDS, body)
            lines = [*lines, b"Expect:"]
            if not any(name.lower() == "content-type" for name, _ in call.headers):
                lines.append(b"Content-Type:")  # else curl calls it a form
        else:
            curl.setopt(pycurl.HTTPGET, 1)
            if call.method == "HEAD":
                curl.setopt(pycurl.NOBODY, 1)
        curl.setopt(pycurl.CUSTOMREQUEST, call.method)
        # Setting an empty list changes nothing: the headers of the call before would be sent again.
        curl.unsetopt(pycurl.HTTPHEADER)
        if lines:
            curl.setopt(pycurl.HTTPHEADER, lines)

    def _on_connection(self, address: str, _own: str, port: int, _own_port: int) -> int:
        """Check where the connection leads, new or reused, before anything of the call is sent on it.

        curl was given a literal address, without redirects or a proxy, so it leads nowhere else. An OPENSOCKETFUNCTION
        would ask before connecting, at the price of a Python socket for each connection.
        """
        going = self.address if address == self._address else ipaddress.ip_address(address)
        if (going, port) != (self.address, self.target.port) or not self._guard.allows(going, port):
            self._refused = address
            return pycurl.PREREQFUNC_ABORT
        self.connected = True
        return pycurl.PREREQFUNC_OK

    def _on_header(self, line: bytes) -> int | None:
        """Called for each line of each head, interim answers and trailers included: all count."""
        self._header_bytes += len(line)
        if self._header_bytes > MAX_HEADERS:
            return 0
        self._lines.append(line)
        return None

    def _on_body(self, chunk: bytes) -> int | None:
        self._body += chunk[: self._max_body + 1 - len(self._body)]
        return 0 if len(self._body) > self._max_body else None

    def outcome(self, error: int, text: str, spent: Timings) -> Reply | Failure:
        """Return what came of the attempt: curl's error number (0 for none) and words, and what earlier attempts took.

        An answer whose headers are whole is an answer, even when its body is cut off, broken or too slow.
        """
        timings = self._timings(spent)
        headers = _read_head(self._lines)
        if headers is None:
            return self._failure(error, text, timings)
        info = self.curl.getinfo
        return Reply(
            status=info(pycurl.RESPONSE_CODE),
            headers=headers,
            body=bytes(self._body[: self._max_body]),
            timings=timings,
            address=info(pycurl.PRIMARY_IP),
            http_version=_VERSIONS.get(info(pycurl.INFO_HTTP_VERSION), ""),
            cut=error != 0,
        )

    def _failure(self, error: int, text: str, timings: Timings) -> Failure:
        info = self.curl.getinfo
        if self._refused:
            # Never seen: curl would have to connect elsewhere than it was sent.
            return Failure(
                "refused-address",
                f"A connection to {self._refused} was stopped: the address was not approved.",
                timings,
            )
        broken = Broken(
            error=error,
            text=text,
            os_errno=info(pycurl.OS_ERRNO) or (_errno_of_socket(self.address) if error == _NOT_CONNECTED else 0),
            target=self.target,
            address=self.address,
            connected=info(pycurl.CONNECT_TIME_T) > 0,
            secured=info(pycurl.APPCONNECT_TIME_T) > 0,
            header_bytes=self._header_bytes,
            too_many_headers=self._header_bytes > MAX_HEADERS,
            seconds=info(pycurl.TOTAL_TIME_T) / 1_000_000,
        )
        self.unreached = broken.unreached
        kind, message, lack = explain(broken)
        return Failure(kind, message, timings, lack, broken.accepted)

    def connection(self) -> int:
        """curl's number of the connection that was used; certificates are reported once per connection."""
        return int(self.curl.getinfo(pycurl.CONN_ID))

    def certificate_expires(self) -> datetime | None:
        """Return when the host's own certificate ends; None when this attempt read none in a TLS handshake."""
        chain = self.curl.getinfo(pycurl.INFO_CERTINFO) if self._reads_certificate else None
        for name, value in chain[0] if chain else ():
            if name == "Expire date":
                return datetime.strptime(value, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC)
        return None

    def _timings(self, spent: Timings) -> Timings:
        """Return the attempt's phases, added to what was spent before it."""
        info = self.curl.getinfo
        connected, secured = info(pycurl.CONNECT_TIME_T), info(pycurl.APPCONNECT_TIME_T)
        asked, answered = info(pycurl.PRETRANSFER_TIME_T), info(pycurl.STARTTRANSFER_TIME_T)
        total = info(pycurl.TOTAL_TIME_T)
        fresh = info(pycurl.NUM_CONNECTS) > 0
        if not connected and not self.connected:
            connecting = total  # all of it was spent on a connection that did not come about
        else:
            connecting = connected - info(pycurl.NAMELOOKUP_TIME_T) if fresh else 0
        return Timings(
            resolve=spent.resolve,
            connect=spent.connect + max(0, connecting) / 1000,
            tls=max(0, secured - connected) / 1000 if fresh and secured else 0.0,
            first_byte=max(0, answered - asked) / 1000 if answered else 0.0,
            total=spent.total + total / 1000,
        )


def _errno_of_socket(address: IPAddress) -> int:
    """Return why this machine makes no socket for an address: curl has no number for that. EMFILE if it does again."""
    try:
        socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET).close()
    except OSError as error:
        return error.errno or errno.EMFILE
    return errno.EMFILE


def _read_head(lines: list[bytes]) -> Headers | None:
    """Return the header lines of the final answer; None when it did not come or did not end.

    Interim answers (1xx) have status lines of their own; what follows the final answer's empty line are trailers.
    """
    headers: list[tuple[str, str]] = []
    final = False
    for line in lines:  # each ends in a line feed
        if not final:
            final = line.startswith(b"HTTP/") and not line.partition(b" ")[2].startswith(b"1")
        elif line[0] in b"\r\n" and not line.strip(b"\r\n"):
            return tuple(headers)
        elif line[0] in b" \t" and headers:  # a folded line (RFC 9112, 5.2) goes on with the one before it
            name, value = headers[-1]
            headers[-1] = (name, f"{value} {line.decode('latin-1').strip(_SPACE)}".strip())
        elif pair := _known_pair(line) if len(line) <= _KNOWN_BYTES else _pair(line):
            headers.append(pair)
    return None


def _pair(line: bytes) -> tuple[str, str] | None:
    """Return the name and the value of a header line."""
    name, colon, value = line.decode("latin-1").rstrip("\r\n").partition(":")
    return (name.rstrip(" \t"), value.strip(" \t")) if colon else None


# Most lines are those of the run before, or of other answers of the same API.
_known_pair = lru_cache(2048)(_pair)
