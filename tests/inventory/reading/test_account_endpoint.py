"""The endpoint URL of an account may lead anywhere: it is vetted, pinned and bounded, and no answer's text is shown."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.aws import Reach
from apis.aws import endpoint as aws_endpoint
from apis.demo.serve import Demo
from apis.inventory.models import Account, SyncRegion
from apis.inventory.reading import endpoint, sync
from tests.inventory.mirror import an_account
from tests.outbound.hosts import Behaviour, Host, once, read_head

HOSTILE = [
    "http://169.254.169.254", "http://127.0.0.1:22", "http://10.0.0.5:9200", "http://[fd00:ec2::254]",
    "http://[::ffff:169.254.169.254]", "http://[::ffff:127.0.0.1]:9200", "http://[64:ff9b::a9fe:a9fe]",
    "http://2852039166", "http://0xa9fea9fe", "http://0251.0376.0251.0376", "http://0x7f.1", "http://127.1:22",
    "http://localhost:22", "http://aws.localhost:6379", "http://[::1]:5432", "http://0.0.0.0:8000", "http://[::]",
    "http://100.100.100.200", "http://168.63.129.16", "http://user@169.254.169.254", "https://8.8.8.8:22",
]  # fmt: skip
NOT_AWS = [
    "http://apigateway.us-east-1.amazonaws.com", "https://apigateway.us-east-1.amazonaws.com.evil.example",
    "https://evil.example/apigateway.us-east-1.amazonaws.com", "https://apigateway.us-east-1.amazonaws.com@evil.example",
    "https://bucket.s3.amazonaws.com", "https://x.execute-api.us-east-1.amazonaws.com",
    "https://internal-x.us-east-1.elb.amazonaws.com", "https://ec2-1-2-3-4.compute-1.amazonaws.com",
    "https://apigateway.us-east-1.amazonaws.com:8443", "https://apigateway.us-east-1.amazonaws.com/x",
    "https://vpce-1.evil.us-east-1.vpce.amazonaws.com", "https://apigateway..amazonaws.com",
]  # fmt: skip
AWS = [
    "https://apigateway.eu-west-1.amazonaws.com", "https://apigateway-fips.us-east-1.amazonaws.com/",
    "https://apigateway.cn-north-1.amazonaws.com.cn", "https://apigateway.us-east-1.api.aws",
    "https://vpce-0a1b2c3d-x1y2z3.apigateway.us-east-1.vpce.amazonaws.com",
    "https://vpce-0a1b2c3d-x1y2z3-us-east-1a.apigateway.us-east-1.vpce.amazonaws.com:443",
]  # fmt: skip
SECRET = "hunter2"
BODIES = [
    {"message": SECRET, "Message": SECRET, "code": SECRET, "__type": SECRET},
    {"Code": SECRET, "Token": SECRET, "SecretAccessKey": SECRET},
    SECRET, [SECRET], {"items": SECRET}, {"items": [SECRET]}, {"items": [{"createdDate": SECRET}]},
]  # fmt: skip
OTHER_STATUSES = ("302 Found", "401 Unauthorized", "403 Forbidden", "404 Not Found", "409 Conflict", "500 Oops")
pytestmark = [pytest.mark.django_db, pytest.mark.once]


def synced(url: str) -> SyncRegion:
    """How the sync of an account with this endpoint went."""
    account = an_account(f"at {url}"[:100], endpoint_url=url)
    region = sync.start(None, account).regions.get()
    sync.run_region(region)
    region.refresh_from_db()
    return region


def json_answer(status: str, body: Any, *headers: str) -> Behaviour:
    """Answers every request with one JSON document."""
    text = json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(text)}", *headers]
    return once("\r\n".join(lines).encode() + b"\r\n\r\n" + text)


@pytest.fixture
def allowed(settings: Any) -> Callable[[Host], str]:
    """Allows one server of this machine, and nothing else; gives its URL."""

    def allow(host: Host) -> str:
        settings.CORSDASH_ALLOWED_NETWORKS = [f"127.0.0.1:{host.port}"]
        return host.url

    return allow


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Gives a name addresses in this machine's DNS, one answer after the other, the last again and again."""

    def give(name: str, *answers: Sequence[str]) -> None:
        left, asked = list(answers), socket.getaddrinfo

        def look_up(host: str, port: Any, *more: Any, **options: Any) -> Any:
            if host != name:
                return asked(host, port, *more, **options)
            found = left.pop(0) if len(left) > 1 else left[0]
            return [(socket.AF_INET6 if ":" in one else socket.AF_INET, 1, 6, "", (one, port or 0)) for one in found]

        monkeypatch.setattr(socket, "getaddrinfo", look_up)

    return give


@pytest.mark.parametrize("url", HOSTILE)
def test_the_form_refuses_an_address_inside(signed_in: Client, url: str) -> None:
    form = {"name": "x", "method": "chain", "regions": ["us-east-1"], "enabled": "on", "endpoint_url": url}
    assert signed_in.post("/accounts/add/", form).status_code == 422
    assert not Account.objects.exists()


@pytest.mark.parametrize("url", [url.replace("127.0.0.1:22", "127.0.0.1:{}") for url in HOSTILE])
def test_a_stored_one_is_refused_before_it_is_called(url: str) -> None:
    """Rows of before this check, or a setting that has been reverted since."""
    with Host(json_answer("200 OK", {"items": []})) as host:
        region = synced(url.format(host.port))
        assert region.state == SyncRegion.State.FAILED
        assert host.connections == 0


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["::ffff:127.0.0.1"], ["::1"], ["10.0.0.5"]],
)
def test_a_name_that_leads_inside_is_refused(names: Callable[..., None], addresses: list[str]) -> None:
    with Host(json_answer("200 OK", {"items": []})) as host:
        name = f"n{host.port}-{abs(hash(tuple(addresses)))}.example"
        names(name, addresses)
        region = synced(f"http://{name}:{host.port}")
        assert region.state == SyncRegion.State.FAILED and "CORSDASH_ALLOWED_" in region.error
        assert host.connections == 0


def test_a_name_is_looked_up_once_and_pinned(names: Callable[..., None], allowed: Callable[[Host], str]) -> None:
    """DNS rebinding: the second answer would lead elsewhere."""
    with Host(json_answer("200 OK", {"items": []})) as vetted, Host(once(b""), address="127.0.0.2") as other:
        allowed(vetted)
        name = f"rebind{vetted.port}.example"
        names(name, ["127.0.0.1"], ["127.0.0.2"])
        region = synced(f"http://{name}:{vetted.port}")
        assert (region.state, region.error) == (SyncRegion.State.DONE, "")
        assert vetted.connections > 0 and other.connections == 0


def test_a_redirect_is_not_followed(allowed: Callable[[Host], str]) -> None:
    with Host(json_answer("200 OK", {"items": []})) as inside:
        with Host(json_answer("302 Found", {}, f"Location: {inside.url}/v2/apis")) as host:
            assert synced(allowed(host)).state == SyncRegion.State.FAILED
        assert inside.connections == 0


def test_no_proxy_is_asked(monkeypatch: pytest.MonkeyPatch, allowed: Callable[[Host], str]) -> None:
    with Host(json_answer("200 OK", {"items": []})) as proxy, Host(json_answer("200 OK", {"items": []})) as host:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert synced(allowed(host)).state == SyncRegion.State.DONE
        assert proxy.connections == 0


def test_a_body_without_end_is_given_up(allowed: Callable[[Host], str]) -> None:
    sent = []

    def flood(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 104857600\r\n\r\n")
        for _ in range(100):
            connection.sendall(b" " * (1 << 20))
            sent.append(1 << 20)

    with Host(flood) as host:
        region = synced(allowed(host))
    assert region.state == SyncRegion.State.FAILED and "MiB" in region.error
    assert sum(sent) < 2 * aws_endpoint.MAX_BODY


def test_a_body_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch, allowed: Callable[[Host], str]) -> None:
    """Each byte comes in time, and all of them never."""
    monkeypatch.setattr(aws_endpoint, "TIMEOUT_S", 0.4)
    sent = []

    def drip(connection: socket.socket) -> None:
        read_head(connection)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000\r\n\r\n")
        with suppress(OSError):
            for _ in range(1000):
                connection.sendall(b" ")
                sent.append(connection.gettimeout())
                connection.settimeout(0.02)
                with suppress(TimeoutError):
                    if not connection.recv(1):
                        return

    with Host(drip) as host:
        region = synced(allowed(host))
    assert region.state == SyncRegion.State.FAILED and "in time" in region.error
    assert len(sent) < 500


@pytest.mark.parametrize(
    ("status", "body", "method"),
    [
        *((status, body, "chain") for status in ("200 OK", "400 Bad Request") for body in BODIES),
        *((status, BODIES[0], "chain") for status in OTHER_STATUSES),
        *((status, body, "role") for status in ("200 OK", "403 Forbidden") for body in BODIES[:2]),
    ],
)
def test_the_text_of_an_answer_is_never_shown(
    viewer: User, client: Client, allowed: Callable[[Host], str], status: str, body: Any, method: str
) -> None:
    client.force_login(viewer)
    with Host(json_answer(status, body, f"x-amzn-ErrorType: {SECRET}")) as host:
        role = "arn:aws:iam::123456789012:role/x" if method == "role" else ""
        account = an_account("odd", endpoint_url=allowed(host), method=method, role_arn=role)
        region = sync.start(None, account).regions.get()
        with suppress(Exception):  # what happens to it then is for the sync to say; here it is what it says
            sync.run_region(region)
        region.refresh_from_db()
        assert region.state in {SyncRegion.State.DONE, SyncRegion.State.FAILED}
        for page in (f"/sync/{region.run_id}/", f"/accounts/{account.pk}/", "/accounts/"):
            assert SECRET not in client.get(page).content.decode()


def test_an_emulator_in_an_allowed_network_works(demo: Demo, settings: Any) -> None:
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    region = synced(demo.endpoint)
    assert (region.state, region.error) == (SyncRegion.State.DONE, "") and region.found > 0


def test_the_operators_endpoint_needs_no_allowed_network(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    assert synced(demo.endpoint).state == SyncRegion.State.FAILED
    monkeypatch.setenv("AWS_ENDPOINT_URL", demo.endpoint)
    Account.objects.all().delete()
    assert synced(demo.endpoint).state == SyncRegion.State.DONE


@pytest.mark.parametrize("url", AWS)
def test_awss_own_endpoints_are_known(url: str) -> None:
    guard = endpoint._guard(f"{url.rstrip('/')}/v2/apis?maxResults=500")
    assert Reach("x", endpoint_url=url, send=endpoint.send).is_aws
    assert guard.allows(ip_address("10.1.2.3"), 443), "a VPC endpoint has private addresses"
    for inside in ("127.0.0.1", "169.254.169.254", "fd00:ec2::254", "100.100.100.200", "::ffff:127.0.0.1"):
        assert not guard.allows(ip_address(inside), 443)


@pytest.mark.parametrize("url", NOT_AWS)
def test_what_only_looks_like_one_gets_no_credentials_and_no_private_address(url: str) -> None:
    assert not Reach("x", endpoint_url=url, send=endpoint.send).is_aws
    if "@" not in url:
        assert url.endswith("/x") or not endpoint._guard(f"{url}/v2/apis").allows(ip_address("10.1.2.3"), 443)


def test_an_endpoint_without_a_guarded_way_cannot_be_made() -> None:
    with pytest.raises(ValueError, match=r"^send:"):
        Reach("x", endpoint_url="http://10.0.0.5:9200")
