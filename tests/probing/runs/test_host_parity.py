"""A probe that expects the same CORS response at every address of its API, tried on hosts of the test's own."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.test import Client

from apis.alerting.incidents import incidents
from apis.alerting.models import Incident
from apis.inventory.models import Account, HttpApi
from apis.probing import probe_edits
from apis.probing.models import Probe, Result
from apis.probing.runs import expectations, host_parity
from apis.probing.runs.cause import cause_of
from apis.probing.runs.expectations import Unmet
from apis.probing.runs.runner import run
from apis.probing.sets import probe_files
from apis.probing.sets.matrix import matrix_of
from tests.outbound.hosts import Host, answering, silent
from tests.rest.conftest import Program, program, writer

__all__ = ["program", "writer"]
pytestmark = pytest.mark.once

ORIGIN = "https://a.example"
type Start = Callable[..., Host]


def answer(**headers: str) -> bytes:
    """A response that allows ORIGIN, with some headers added or replaced; "" leaves one out."""
    sent = {
        "access-control-allow-origin": ORIGIN, "access-control-allow-headers": "X-Key, x-other",
        "access-control-allow-methods": "GET,DELETE", "access-control-max-age": "600",
    } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
    lines = "".join(f"{name}: {value}\r\n" for name, value in sent.items() if value)
    return f"HTTP/1.1 204 No Content\r\n{lines}\r\n".encode()


@pytest.fixture
def start(db: None, settings: Any) -> Iterator[Start]:
    """Start a host that answers every request so; it keeps what it was sent."""
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with ExitStack() as stack:

        def run_host(sent: bytes, seen: list[bytes] | None = None) -> Host:
            return stack.enter_context(Host(answering(sent, seen=seen)))

        yield run_host


def probe_at(*addresses: str, **fields: Any) -> Probe:
    """A probe of an API whose own address is the first and whose custom domains are the others."""
    account = Account.objects.create(name="a", regions=["us-east-1"], endpoint_url=addresses[0])
    domains = [{"name": one.removeprefix("http://"), "scheme": "http", "stage": "$default"} for one in addresses[1:]]
    api = HttpApi.objects.create(
        account=account, region="us-east-1", api_id="a", name="mine", endpoint=addresses[0], domains=domains,
        stages=[{"name": "$default", "auto_deploy": True}],
    )  # fmt: skip
    values = {"origin": ORIGIN, "headers": ["x-key"], "path": "/items", "same_on_every_host": True}
    return probe_edits.save(api, values | fields)


def result_of(probe: Probe) -> Result:
    """Run a probe."""
    [result] = run([probe.pk])
    return result


def test_the_same_everywhere_passes_and_every_address_is_called(start: Start) -> None:
    seen: list[bytes] = []
    here = start(answer(), seen)
    lists = {"access_control_allow_headers": "x-other,x-key", "access_control_allow_methods": "DELETE, GET"}
    there = start(answer(**lists), seen)
    probe = probe_at(here.url, there.url)
    result = result_of(probe)
    assert (result.passed, result.unmet) == (True, None)
    assert [head.split(b" ", 2)[:2] for head in seen] == [[b"OPTIONS", b"/items"], [b"GET", b"/items"]] * 2
    assert host_parity.calls_of(probe) == 2


@pytest.mark.parametrize(
    ("header", "value", "expected", "observed"),
    [
        ("max-age", "0", "600", "0"),
        ("max-age", "", "600", "none"),
        ("allow-origin", "*", ORIGIN, "*"),
        ("allow-methods", "get,DELETE", "GET,DELETE", "get,DELETE"),
    ],
)
def test_a_difference_is_named(start: Start, header: str, value: str, expected: str, observed: str) -> None:
    name = f"access-control-{header}"
    main, other = start(answer()), start(answer(**{name: value}))
    probe = probe_at(main.url, other.url)
    result = result_of(probe)
    assert (result.passed, result.allowed) == (False, True)
    [unmet] = expectations.unmet_expectations(result)
    what = f"{name.title()} of the preflight"
    assert unmet == Unmet("same_on_every_host", f"{what}: {expected}", f"{observed} at {other.url}")
    probe.refresh_from_db()
    assert (probe.state, probe.never_passed) == ("failing", True)


def test_it_shows_on_the_page_of_the_result_and_opens_no_incident(start: Start, signed_in: Client) -> None:
    main, other = start(answer()), start(answer(access_control_max_age="0"))
    probe = probe_at(main.url, other.url, failures=1)
    result = result_of(probe)
    incidents.settle_flips()
    assert not Incident.objects.exists(), "it never passed"
    for path in (f"/results/{result.pk}/", f"/probes/{probe.pk}/"):
        page = signed_in.get(path).content.decode()
        assert "Access-Control-Max-Age of the preflight: 600" in page, path
        assert f"0 at {other.url}" in page, path


def test_an_address_that_does_not_answer_differs(start: Start) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{held.getsockname()[1]}"
        [unmet] = expectations.unmet_expectations(result_of(probe_at(start(answer()).url, dead)))
    assert unmet.field == "same_on_every_host" and unmet.observed.endswith(f"at {dead}")


def test_addresses_that_hang_do_not_hold_a_batch(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_parity, "PATIENCE_S", 0.4)
    with Host(silent) as one, Host(silent) as other:
        result = result_of(probe_at(start(answer()).url, one.url, other.url))
    assert [unmet.field for unmet in expectations.unmet_expectations(result)] == ["same_on_every_host"] * 2
    assert result.not_run == ""


def test_an_address_that_allows_what_must_stay_blocked_differs(start: Start) -> None:
    main, other = start(answer(access_control_allow_origin="")), start(answer())
    result = result_of(probe_at(main.url, other.url, expect="blocked"))
    assert (result.passed, result.allowed) == (False, False)
    assert [unmet.field for unmet in expectations.unmet_expectations(result)] == ["same_on_every_host"]
    assert cause_of(result) is None, "that it is blocked is expected"


def test_another_verdict_than_expected_is_what_fails(start: Start) -> None:
    main, other = start(answer(access_control_allow_origin="")), start(answer())
    result = result_of(probe_at(main.url, other.url))
    assert (result.passed, result.unmet) == (False, None)
    cause = cause_of(result)
    assert cause is not None and cause.code


def test_it_is_kept_by_form_rest_and_file(start: Start, signed_in: Client, writer: Program) -> None:
    main, other = start(answer()), start(answer())
    probe = probe_at(main.url, other.url, name="items", same_on_every_host=False)
    page = signed_in.get(f"/probes/{probe.pk}/edit/")
    form = {name: value for name, value in page.context["form"].initial.items() if value not in (None, False)}
    saved = signed_in.post(f"/probes/{probe.pk}/edit/", form | {"base_url": main.url, "same_on_every_host": "on"})
    assert saved.status_code == 302, saved.context["form"].errors
    assert Probe.objects.get().same_on_every_host
    assert writer.get(f"probes/{probe.pk}").good()["same_on_every_host"] is True
    text = probe_files.export(Probe.objects.select_related("api__account"))
    assert "same_on_every_host: true" in text
    changed = writer.patch(f"probes/{probe.pk}", {"same_on_every_host": False}).good()
    assert changed["same_on_every_host"] is False
    plan = probe_files.plan(text)
    assert [change for step in plan.steps for change in step.changes] == [("same_on_every_host", False, True)]


def test_it_watches_every_host_of_the_matrix(start: Start) -> None:
    main, other = start(answer()), start(answer())
    found = matrix_of(probe_at(main.url, other.url).api)
    cells = [(host.base_url, cell) for host in found.hosts for row in host.rows for cell in row.cells]
    watched = {base: [cell.method for at, cell in cells if at == base and cell.probes] for base, _ in cells}
    assert watched == {main.url: ["GET"], other.url: ["GET"]}
