"""No call reaches an address that is neither public nor allowed, however it is named."""

from __future__ import annotations

import ipaddress
import time
from typing import Any

import pycurl
import pytest
from django.core.exceptions import ImproperlyConfigured

from apis.outbound import Call, Failure, Guard, Reply, Sender, Timings, from_settings
from apis.outbound.ca_bundle import bundle
from apis.outbound.target import read_url
from apis.outbound.transfer import Transfer
from tests.outbound.certificates import Authority
from tests.outbound.hosts import NO_CONTENT, OPEN, Host, Names, answering, full

pytestmark = pytest.mark.once

NOT_PUBLIC = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
    "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1",
    "192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
    "240.0.0.1", "255.255.255.255", "168.63.129.16",
    "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:a9fe:a9fe", "::ffff:100.100.100.200",
    "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "64:ff9b:1::a9fe:a9fe",
    "2002:7f00:1::1", "2002:a9fe:a9fe::1", "2002:a00:1::", "2001::1", "2001:0:a9fe:a9fe::1", "2001:db8::1", "3fff::1",
    "100::1", "fc00::1", "fd00::1", "fd00:ec2::254", "fe80::1", "fe80::1%1", "fec0::1", "ff02::1", "ff0e::1", "5f00::1",
]  # fmt: skip
PUBLIC = ["8.8.8.8", "1.1.1.1", "100.63.255.255", "100.128.0.1", "172.32.0.1", "192.0.1.1", "223.255.255.254"]
PUBLIC_V6 = ["2600:1f18::1", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1"]


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_a_name_that_leads_to_no_public_address_is_refused(address: str) -> None:
    names = Names({"api.test": [address]})
    with Sender(Guard(), names.resolver) as sender:
        outcome = sender.send(Call("GET", "http://api.test/"))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "refused-address"
    assert "api.test" in outcome.message
    assert "CORSDASH_ALLOWED_NETWORKS" in outcome.message


@pytest.mark.parametrize("address", [address for address in NOT_PUBLIC if "%" not in address])
def test_such_an_address_written_in_the_url_is_refused(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    with Sender(Guard()) as sender:
        outcome = sender.send(Call("GET", f"http://{host}/"))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "refused-address"


@pytest.mark.parametrize("address", PUBLIC + PUBLIC_V6)
def test_public_addresses_pass(address: str) -> None:
    assert Guard().allows(ipaddress.ip_address(address), 443)


@pytest.mark.parametrize("name", ["localhost", "demo.localhost", "a.b.localhost", "LOCALHOST", "localhost."])
def test_localhost_is_loopback_without_dns_and_is_refused_unless_allowed(name: str) -> None:
    names = Names({})
    with Host(answering(NO_CONTENT)) as host:
        call = Call("GET", f"http://{name}:{host.port}/")
        with Sender(Guard(), names.resolver) as sender:
            refused = sender.send(call)
        with Sender(OPEN, names.resolver) as sender:
            reply = sender.send(call)
    assert isinstance(refused, Failure)
    assert refused.kind == "refused-address"
    assert isinstance(reply, Reply)
    assert reply.address == "127.0.0.1"
    assert names.asked == []


@pytest.mark.parametrize(("network", "address"), [("127.0.0.0/8", "127.0.0.1"), ("::1/128", "::1")])
def test_of_localhost_one_allowed_loopback_is_enough(network: str, address: str) -> None:
    with Host(answering(NO_CONTENT), address=address) as host, Sender(Guard((network,))) as sender:
        reply = sender.send(Call("GET", f"http://demo.localhost:{host.port}/"))
    assert isinstance(reply, Reply)
    assert reply.address == address


def test_localhost_goes_on_to_the_ipv6_loopback() -> None:
    with Host(answering(NO_CONTENT), address="::1") as host, Sender(OPEN) as sender:
        reply = sender.send(Call("GET", f"http://localhost:{host.port}/"))
    assert isinstance(reply, Reply)
    assert reply.address == "::1"


def test_one_private_address_among_public_ones_refuses_the_name() -> None:
    names = Names({"api.test": ["8.8.8.8", "2600:1f18::1", "10.0.0.5"]})
    with Sender(Guard(), names.resolver) as sender:
        outcome = sender.send(Call("GET", "http://api.test/"))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "refused-address"
    assert "10.0.0.5" in outcome.message


def test_a_name_that_changes_its_address_after_vetting_gains_nothing() -> None:
    """DNS rebinding: the call is looked up once, and what was vetted is what is connected to."""
    names = Names({"api.test": [["127.0.0.1"], ["10.0.0.1"]]}, ttl_s=0)
    with Host(answering(NO_CONTENT)) as host, Sender(OPEN, names.resolver) as sender:
        first = sender.send(Call("GET", f"http://api.test:{host.port}/"))
        assert names.asked == ["api.test"]
        second = sender.send(Call("GET", f"http://api.test:{host.port}/"))
    assert isinstance(first, Reply)
    assert first.address == "127.0.0.1"
    assert isinstance(second, Failure)
    assert second.kind == "refused-address"
    assert names.asked == ["api.test"] * 2


def test_a_new_address_is_a_new_connection_to_that_address() -> None:
    """A kept connection to the old address is not used for a name that has moved."""
    names = Names({"api.test": [["127.0.0.1"], ["127.0.0.2"]]}, ttl_s=0)
    with Host(answering(NO_CONTENT), address="0.0.0.0") as host, Sender(OPEN, names.resolver) as sender:
        replies = [sender.send(Call("GET", f"http://api.test:{host.port}/")) for _ in range(2)]
    assert [reply.address for reply in replies if isinstance(reply, Reply)] == ["127.0.0.1", "127.0.0.2"]


def test_allowed_networks_open_what_they_name_and_no_more() -> None:
    with Host(answering(NO_CONTENT)) as host:
        for network, works in (("127.0.0.1", True), ("127.0.0.0/8", True), ("127.0.0.2/32", False), ("::1", False)):
            with Sender(Guard((network,))) as sender:
                for url in (f"http://127.0.0.1:{host.port}/", f"http://[::ffff:127.0.0.1]:{host.port}/"):
                    assert isinstance(sender.send(Call("GET", url)), Reply) is works


def test_nothing_is_sent_to_an_address_that_was_not_vetted() -> None:
    """The second line: should curl ever connect elsewhere than it was sent, the call ends there."""
    seen: list[bytes] = []
    with Host(answering(NO_CONTENT, seen=seen)) as host:
        for guard in (OPEN, Guard()):
            transfer = Transfer(guard, bundle())
            address = ipaddress.ip_address("127.0.0.2" if guard is OPEN else "127.0.0.1")
            transfer.load(Call("GET", host.url), [], read_url(host.url), address, 1, 1)
            transfer.curl.setopt(pycurl.CONNECT_TO, [f"::127.0.0.1:{host.port}"])
            with pytest.raises(pycurl.error) as raised:
                transfer.curl.perform()
            outcome = transfer.outcome(raised.value.args[0], raised.value.args[1], Timings())
            assert isinstance(outcome, Failure)
            assert outcome.kind == "refused-address"
        # Connections are taken in order, so that this call would not be the first if another had been sent.
        with Sender(OPEN) as sender:
            assert isinstance(sender.send(Call("GET", f"{host.url}/last")), Reply)
    assert [head.split()[1] for head in seen] == [b"/last"]


def test_an_unreachable_first_address_is_passed_over() -> None:
    names = Names({"api.test": ["127.0.0.9", "127.0.0.1"]})
    with Host(answering(NO_CONTENT)) as host, Sender(OPEN, names.resolver) as sender:
        begun = time.monotonic()
        replies = [sender.send(Call("GET", f"http://api.test:{host.port}/")) for _ in range(2)]
        assert time.monotonic() - begun < 3
        # The address that answered is tried first from then on, so its connection is used again.
        assert host.connections == 1
    assert all(isinstance(reply, Reply) and reply.address == "127.0.0.1" for reply in replies)


def test_an_address_that_drops_everything_leaves_time_for_the_next() -> None:
    names = Names({"api.test": ["127.0.0.9", "127.0.0.1"]})
    with Host(answering(NO_CONTENT)) as host, full("127.0.0.9", host.port), Sender(OPEN, names.resolver) as sender:
        reply = sender.send(Call("GET", f"http://api.test:{host.port}/", connect_timeout_s=0.6))
    assert isinstance(reply, Reply)
    assert reply.address == "127.0.0.1"
    assert 250 < reply.timings.connect < 5000


def test_the_settings_give_the_guard(settings: Any) -> None:
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8", " fd00::/8 "]
    assert from_settings() == Guard(("127.0.0.0/8", " fd00::/8 "))
    settings.CORSDASH_ALLOWED_NETWORKS = []
    assert from_settings() == Guard()
    settings.CORSDASH_ALLOWED_NETWORKS = ["10.0.0.0/8", "10.0.0/40"]
    with pytest.raises(ImproperlyConfigured, match=r"CORSDASH_ALLOWED_NETWORKS: '10\.0\.0/40' is not a network"):
        from_settings()


def test_the_settings_may_name_a_file_of_authorities(settings: Any, authority: Authority) -> None:
    settings.CORSDASH_ALLOWED_NETWORKS = []
    settings.CORSDASH_CA_FILE = str(authority.file)
    assert from_settings() == Guard((), str(authority.file))
    settings.CORSDASH_CA_FILE = str(authority.file) + ".gone"
    with pytest.raises(ImproperlyConfigured, match=r"CORSDASH_CA_FILE: .* cannot be read"):
        from_settings()


def test_a_network_may_be_written_with_host_bits() -> None:
    assert Guard(("127.0.0.1/8",)).allowed_networks == ("127.0.0.1/8",)
    with Host(answering(NO_CONTENT)) as host, Sender(Guard(("127.0.0.1/8",))) as sender:
        assert isinstance(sender.send(Call("GET", host.url)), Reply)


def test_public_addresses_are_called_on_web_ports_alone() -> None:
    public, port_of = ipaddress.ip_address("8.8.8.8"), (80, 443, 22, 8443)
    assert [port for port in port_of if Guard().allows(public, port)] == [80, 443]
    assert [port for port in port_of if Guard(allowed_ports=(8443,)).allows(public, port)] == [80, 443, 8443]
    assert not Guard(allowed_ports=(8443,)).allows(ipaddress.ip_address("10.0.0.5"), 8443)


@pytest.mark.parametrize("url", ["http://8.8.8.8:22/", "https://8.8.8.8:8443/", "http://[2600:1f18::1]:6379/"])
def test_another_port_of_a_public_address_is_refused_by_name(url: str) -> None:
    with Sender(Guard()) as sender:
        outcome = sender.send(Call("GET", url))
    assert isinstance(outcome, Failure)
    assert outcome.kind == "refused-address" and "CORSDASH_ALLOWED_PORTS" in outcome.message


def test_one_address_with_one_port_may_be_allowed() -> None:
    with Host(answering(NO_CONTENT)) as host, Host(answering(NO_CONTENT)) as other:
        with Sender(Guard((f"127.0.0.1:{host.port}",))) as sender:
            urls = [host.url, f"http://demo.localhost:{host.port}", f"http://[::ffff:127.0.0.1]:{host.port}"]
            assert all(isinstance(sender.send(Call("GET", f"{url}/")), Reply) for url in urls)
            for url in (other.url, f"http://127.0.0.2:{host.port}", f"http://[::1]:{host.port}"):
                outcome = sender.send(Call("GET", f"{url}/"))
                assert isinstance(outcome, Failure) and outcome.kind == "refused-address"
        assert other.connections == 0
    with pytest.raises(ValueError, match=r"10\.0\.0:80"):
        Guard(("10.0.0:80",))


def test_a_longer_body_may_be_asked_for() -> None:
    body = b"x" * 100_000
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + body
    with Host(answering(answer)) as host, Sender(OPEN) as sender:
        whole, cut = (sender.send(Call("GET", host.url, max_body=most)) for most in (100_000, 99_999))
    assert isinstance(whole, Reply) and (whole.cut, whole.body) == (False, body)
    assert isinstance(cut, Reply) and (cut.cut, len(cut.body)) == (True, 99_999)
