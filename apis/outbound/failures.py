"""curl's error numbers in words: what happened to the call, and what a person can do about it."""

from __future__ import annotations

import errno
from dataclasses import dataclass

import pycurl

from apis.outbound.call import Kind
from apis.outbound.local import SENTENCES, Lack, lack_of_errno
from apis.outbound.target import IPAddress, Target

_TLS = frozenset(
    (
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
        pycurl.E_SSL_CERTPROBLEM,
        pycurl.E_SSL_CIPHER,
        pycurl.E_SSL_ISSUER_ERROR,
        pycurl.E_SSL_INVALIDCERTSTATUS,
    )
)
# For curl an answer that ends within its headers is a success.
_BROKEN_OFF = frozenset((pycurl.E_OK, pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR, pycurl.E_PARTIAL_FILE))
_TOO_LARGE = 100  # CURLE_TOO_LARGE: a header line beyond curl's own limit; pycurl has no name for it


@dataclass(frozen=True, slots=True)
class Broken:
    """An attempt that brought no answer: curl's error and words, and how far it had come."""

    error: int
    text: str
    os_errno: int
    target: Target
    address: IPAddress
    connected: bool
    secured: bool
    header_bytes: int
    too_many_headers: bool
    seconds: float

    @property
    def unreached(self) -> bool:
        """Whether no connection came about, so that another address of the name is worth a try."""
        return self.error == pycurl.E_COULDNT_CONNECT or (
            self.error == pycurl.E_OPERATION_TIMEDOUT and not self.connected
        )

    @property
    def accepted(self) -> bool:
        """Whether the host took the connection."""
        return self.connected and (self.secured or self.target.scheme != "https")


def lack_of(broken: Broken) -> Lack | None:
    """Return what this machine lacked for the attempt; None where the host, or the way to it, is at fault."""
    if broken.error == pycurl.E_OUT_OF_MEMORY:
        return "memory"
    if broken.error == pycurl.E_SSL_CACERT_BADFILE:
        return "certificates"
    if broken.error == pycurl.E_COULDNT_CONNECT:
        # Without a route to its gateway Linux says that a public host is unreachable. In an own network the host is.
        if broken.os_errno == errno.EHOSTUNREACH and broken.address.is_global:
            return "network"
        return lack_of_errno(broken.os_errno)
    if broken.error in (pycurl.E_SEND_ERROR, pycurl.E_RECV_ERROR) and broken.os_errno in (errno.ENOBUFS, errno.ENOMEM):
        return "memory"
    return None


def explain(broken: Broken) -> tuple[Kind, str, Lack | None]:
    """Return the kind of Failure, its sentence, and what this machine lacked if that is the reason."""
    if lack := lack_of(broken):
        return "local", SENTENCES[lack], lack
    return *_explain(broken), None


def _explain(broken: Broken) -> tuple[Kind, str]:
    host, port = broken.target.host, broken.target.port
    at = f"{host} port {port}" if str(broken.address) == host else f"{host} port {port} (at {broken.address})"
    if broken.too_many_headers or broken.error == _TOO_LARGE:
        return "too-large", f"{host} sent more than 16 KiB of headers: shorten what it sends."
    if broken.error == pycurl.E_OPERATION_TIMEDOUT:
        return "timeout", _too_slow(broken, at)
    if broken.error == pycurl.E_COULDNT_CONNECT:
        return "connect", _unconnected(broken, at)
    if broken.error in _TLS:
        return "tls", _untrusted(broken, at)
    if broken.error == pycurl.E_GOT_NOTHING:
        return "protocol", f"{at} closed the connection without a response: check the server's log."
    if broken.error in _BROKEN_OFF:
        if broken.target.scheme == "https" and not broken.secured:
            return "tls", f"{at} aborted the TLS handshake: check the server's log."
        return "protocol", f"{at} closed the connection before the response was complete: check the server's log."
    return (
        "protocol",
        f"{at} sent bytes that are not HTTP ({_words(broken)}): check the URL's scheme and port.",
    )


def _too_slow(broken: Broken, at: str) -> str:
    within = f"within {max(0.1, round(broken.seconds, 1)):g} s"
    if not broken.connected:
        return f"{at} accepted no connection {within}: it is down, or a firewall drops the packets."
    if broken.target.scheme == "https" and not broken.secured:
        return f"{at} did not finish the TLS handshake {within}: is it overloaded, or does it expect plain http?"
    if not broken.header_bytes:
        return f"{at} accepted the request but sent no response {within}: it is overloaded, or its backend hangs."
    return f"{at} sent a response whose headers did not end {within}: check the server's log."


def _unconnected(broken: Broken, at: str) -> str:
    if broken.os_errno == errno.ECONNREFUSED:
        return f"{at} refused the connection: nothing listens there, or a firewall rejects it."
    if broken.os_errno == errno.EHOSTUNREACH:
        return f"{at} cannot be reached from this machine: no route."
    return f"No connection to {at} ({_words(broken)}): check that it is running."


def _untrusted(broken: Broken, at: str) -> str:
    text = broken.text.lower()
    host = broken.target.host
    if "has expired" in text:
        return f"The certificate of {at} has expired: renew it."
    if "not yet valid" in text:
        return f"The certificate of {at} is not valid yet: check its dates and this machine's clock."
    if "self-signed" in text or "self signed" in text:
        return f"The certificate of {at} is self-signed: get one from a public CA, or trust its CA in CORSDASH_CA_FILE."
    if "unable to get local issuer" in text or "unable to verify" in text:
        return (
            f"The issuer of the certificate of {at} is not trusted. Send its intermediate certificates too, or trust a "
            "private CA in CORSDASH_CA_FILE."
        )
    if "subject name" in text or "host name" in text or "hostname" in text:
        return f"The certificate of {at} is for other names than {host}: add the name to it, or correct the URL."
    if "wrong version number" in text or "packet length too long" in text or "unexpected message" in text:
        return f"{at} does not use TLS: check whether its URL should start with http://."
    return f"No TLS connection to {at} ({_words(broken)}): check its certificate and TLS versions."


def _words(broken: Broken) -> str:
    """curl's own sentence without its full stop, or the error's number when it has none."""
    return broken.text.strip().rstrip(".") or f"curl error {broken.error}"
