"""TLS: certificates are checked against the name, though the connection goes to a pinned address."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from apis.outbound import Call, Failure, Guard, Reply, Sender
from apis.outbound.certificate_dates import CertificateDates
from tests.outbound.certificates import Authority
from tests.outbound.hosts import LOOPBACK, NO_CONTENT, OPEN, Host, Names, answering
from tests.support.servers import until

pytestmark = pytest.mark.once

API = Names({"api.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]}).resolver


def test_the_name_is_kept_for_sni_certificate_and_host(authority: Authority, trusting: Guard) -> None:
    seen: list[bytes] = []
    certificate = authority.issue("api.test", days=7)
    with Host(answering(NO_CONTENT, seen=seen), certificate=certificate) as host, Sender(trusting, API) as sender:
        first, second = (sender.send(Call("GET", f"https://api.test:{host.port}/")) for _ in range(2))
        assert host.connections == 1
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert first.address == "127.0.0.1"
    assert first.timings.tls > 0
    assert second.timings.tls == 0
    assert host.names == ["api.test"]
    assert f"\r\nHost: api.test:{host.port}\r\n".encode() in seen[0]
    assert first.certificate_expires is not None
    assert abs(first.certificate_expires - datetime.now(UTC) - timedelta(days=7)) < timedelta(minutes=5)
    # A kept connection makes no handshake, but its certificate is remembered.
    assert second.certificate_expires == first.certificate_expires


@pytest.mark.parametrize(
    ("days", "ends", "remembered_s", "is_read"),
    [
        (None, 28, 3600, True),
        (14, 28, 3600, False),
        (14, 28, 0, True),
        (14, 7, 3600, True),
    ],
)
def test_a_certificate_is_read_again_after_an_hour_or_when_it_ends_soon(
    authority: Authority, trusting: Guard, days: int | None, ends: int, remembered_s: float, is_read: bool
) -> None:
    """The host's certificate is replaced; only a new connection shows that."""
    old, new = authority.issue("api.test", days=ends), authority.issue("api.test", days=29)
    closing = answering(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
    with Host(closing, certificate=old) as host, Sender(trusting, API, CertificateDates(remembered_s)) as sender:
        call = Call("GET", f"https://api.test:{host.port}/", certificate_days=days)
        first = sender.send(call)
        host.replace_certificate(new)
        second = sender.send(call)
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert second.timings.tls > 0
    assert first.certificate_expires is not None
    assert not first.certificate_remembered
    assert (second.certificate_expires != first.certificate_expires) is is_read
    assert second.certificate_remembered is not is_read


@pytest.mark.parametrize(
    ("issue", "expected_text"),
    [
        ({"names": ["api.test"], "days": -1}, "has expired: renew it"),
        ({"names": ["other.test"]}, "is for other names than api.test"),
        ({"names": ["127.0.0.1"]}, "is for other names than api.test"),
        ({"names": ["api.test"], "own": True}, "is self-signed"),
    ],
)
def test_a_certificate_that_does_not_hold_is_no_answer(
    authority: Authority, trusting: Guard, issue: dict, expected_text: str
) -> None:
    names = issue.pop("names")
    seen: list[bytes] = []
    with Host(answering(NO_CONTENT, seen=seen), certificate=authority.issue(*names, **issue)) as host:
        with Sender(trusting, API) as sender:
            outcome = sender.send(Call("GET", f"https://api.test:{host.port}/"))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "tls"
    assert expected_text in outcome.message
    assert "api.test" in outcome.message
    assert seen == [], "nothing is said before the certificate is checked"


def test_an_authority_that_no_one_trusts(authority: Authority) -> None:
    """Without the guard's own file the system's authorities decide, and none of them has issued this."""
    with Host(answering(NO_CONTENT), certificate=authority.issue("127.0.0.1")) as host, Sender(OPEN) as sender:
        outcome = sender.send(Call("GET", host.url))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "tls"
    assert "issuer" in outcome.message


@pytest.mark.parametrize("confidential", [True, False])
def test_only_what_is_confidential_has_keys_against_quantum_computers(trusting: Guard, confidential: bool) -> None:
    """Making an ML-KEM key takes an eighth of a call, and it fills most of the first message (1,184 bytes)."""
    hellos: list[bytes] = []
    with Host(lambda connection: hellos.append(connection.recv(4096))) as host, Sender(trusting, API) as sender:
        # The host hangs up, so there is no answer.
        sender.send(Call("OPTIONS", f"https://api.test:{host.port}/", confidential=confidential))
    assert (len(hellos[0]) > 1184) is confidential


def test_the_guards_own_file_is_added_to_the_systems(authority: Authority, trusting: Guard) -> None:
    from apis.outbound.ca_bundle import bundle

    ours, common = Path(bundle(trusting.ca_file)).read_bytes(), Path(bundle()).read_bytes()
    assert common.count(b"BEGIN CERTIFICATE") > 50
    assert ours.count(b"BEGIN CERTIFICATE") == common.count(b"BEGIN CERTIFICATE") + 1


def test_a_missing_ca_file_is_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no-such\.pem"):
        Sender(Guard((), str(tmp_path / "no-such.pem")))


def test_a_plain_host_behind_https(trusting: Guard) -> None:
    def plain(connection: socket.socket) -> None:
        connection.recv(1)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with Host(plain) as host, Sender(trusting) as sender:
        outcome = sender.send(Call("GET", host.url.replace("http:", "https:")))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "tls"
    assert "check whether its URL should start with http://" in outcome.message


def test_a_tls_host_behind_http(authority: Authority, trusting: Guard) -> None:
    with Host(answering(NO_CONTENT), certificate=authority.issue("127.0.0.1")) as host, Sender(trusting) as sender:
        outcome = sender.send(Call("GET", host.url.replace("https:", "http:")))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "protocol"


def test_a_connection_is_not_shared_by_two_names(authority: Authority, trusting: Guard) -> None:
    certificate = authority.issue("api.test", "other.test")
    with Host(answering(NO_CONTENT), certificate=certificate) as host, Sender(trusting, API) as sender:
        for name in ("api.test", "other.test", "api.test"):
            assert isinstance(sender.send(Call("GET", f"https://{name}:{host.port}/")), Reply)
    assert host.names == ["api.test", "other.test"]


_APPLICATION = """
import threading
other = threading.Event()

def application(environ, start):
    if environ["PATH_INFO"] == "/last":
        other.wait(10)
    else:
        other.set()
    start("200 OK", [("X-Path", environ["PATH_INFO"]), ("Access-Control-Allow-Origin", "*")])
    return [b"ok"]
"""


@pytest.fixture(scope="module")
def http2(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that speaks HTTP/2 over TLS."""
    from apis.management.up.claim import first_free
    from apis.management.up.process import die_with_us

    folder = tmp_path_factory.mktemp("http2")
    (folder / "http2_application.py").write_text(_APPLICATION)
    certificate, port = str(authority.issue("127.0.0.1")), first_free()
    options = ["--interface", "wsgi", "--http", "auto", "--no-ws", "--blocking-threads", "4", "--port", str(port)]
    options += ["--ssl-certificate", certificate, "--ssl-keyfile", certificate]
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", *options, "http2_application:application"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stderr=subprocess.DEVNULL,
        preexec_fn=die_with_us(),
    )
    url = f"https://127.0.0.1:{port}"
    try:
        with Sender(Guard(LOOPBACK, str(authority.file))) as sender:
            until(lambda: isinstance(sender.send(Call("GET", url)), Reply), "granian answers over TLS")
        yield url
    finally:
        server.terminate()
        server.wait(10)


def test_http_2_carries_many_calls_on_one_connection(http2: str, trusting: Guard) -> None:
    with Sender(trusting) as sender:
        outcomes = sender.send_many([Call("GET", f"{http2}/{number}") for number in range(60)])
    handshakes = 0
    for number, reply in enumerate(outcomes):
        assert isinstance(reply, Reply), reply
        assert reply.http_version == "2"
        assert ("x-path", f"/{number}") in reply.headers
        assert reply.body == b"ok"
        assert reply.certificate_expires is not None
        handshakes += reply.timings.tls > 0
    assert handshakes == 1


def test_the_certificate_is_known_before_the_call_that_made_the_handshake_has_ended(
    http2: str, trusting: Guard
) -> None:
    """The first call's answer waits until another was asked for; it comes last, on the same connection."""
    with Sender(trusting) as sender:
        outcomes = sender.send_many([Call("GET", f"{http2}/{path}") for path in ("last", "a", "b", "c")])
    assert isinstance(outcomes[0], Reply)
    assert outcomes[0].timings.tls > 0
    for reply in outcomes:
        assert isinstance(reply, Reply)
        assert reply.certificate_expires == outcomes[0].certificate_expires is not None
