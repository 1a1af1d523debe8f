"""When the dashboard's own network is down nothing fails: AWS is asked when no host answers its probes."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from apis.access import tokens
from apis.alerting.incidents import incidents
from apis.alerting.models import Incident
from apis.aws.endpoint import endpoint_of, is_aws
from apis.inventory.models import Account, HttpApi, SyncRegion, SyncRun
from apis.probing import probe_edits, tasks
from apis.probing.models import AnsweringEndpoint, Flip, NetworkOutage, Probe, Result
from apis.probing.runs import connectivity, live_check
from apis.probing.runs.runner import run
from tests.outbound.hosts import NO_CONTENT, OPEN, Behaviour, Host, answering, silent

REFUSED = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


@pytest.fixture
def host(db: None, settings: Any) -> Iterator[Callable[[Behaviour], Host]]:
    """Make a host on loopback that answers as it is given."""
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8"]
    with ExitStack() as stack:
        yield lambda behaviour: stack.enter_context(Host(behaviour))


@pytest.fixture
def dead(host: Any) -> Iterator[Callable[[], str]]:
    """Make the address of a port that takes no connection."""
    with ExitStack() as stack:

        def bind() -> str:
            held = stack.enter_context(socket.socket())
            held.bind(("127.0.0.1", 0))
            return f"http://127.0.0.1:{held.getsockname()[1]}"

        yield bind


@pytest.fixture
def lost(host: Any) -> Iterator[Callable[[], str]]:
    """Make the address of an AWS endpoint that has answered, and takes no connection any more."""
    with ExitStack() as stack:

        def close() -> str:
            with Host(answering(REFUSED)) as aws:
                connectivity.check_endpoints([aws.url], OPEN)
            held = stack.enter_context(socket.socket())
            held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            held.bind(("127.0.0.1", aws.port))
            return aws.url

        yield close


def answers_once() -> Behaviour:
    """Answer the first connection, and let the others hang."""
    first = answering(REFUSED)
    behaviours = iter([first])
    return lambda connection: next(behaviours, silent)(connection)


def probe_of(endpoint: str, host: str) -> Probe:
    """A passing probe that one failure takes down, of an API at `host` whose account is at `endpoint`."""
    name = f"account {Account.objects.count()}"
    account = Account.objects.create(name=name, regions=["us-east-1"], endpoint_url=endpoint)
    api = HttpApi.objects.create(
        account=account,
        region="us-east-1",
        api_id="a",
        name="mine",
        endpoint=host,
        stages=[{"name": "$default", "auto_deploy": True}],
    )
    probe = probe_edits.save(api, {"origin": "https://a.example", "failures": 1})
    Probe.objects.filter(pk=probe.pk).update(state="up", last_passed_at=timezone.now())
    return probe


def outcomes(*probes: Probe) -> list[bool | None]:
    """Run probes in one batch and return whether each passed."""
    return [result.passed for result in run([probe.pk for probe in probes])]


def test_without_a_network_nothing_fails(lost: Any, dead: Any, signed_in: Client, admin: User) -> None:
    one, other = probe_of(lost(), dead()), probe_of(dead(), dead())
    found = run([one.pk, other.pk])
    assert [(result.passed, result.not_run) for result in found] == [(None, "network")] * 2
    assert set(Probe.objects.values_list("state", flat=True)) == {"up"}
    incidents.settle_flips()
    assert (Flip.objects.count(), Incident.objects.count()) == (0, 0)

    since = NetworkOutage.objects.get().since
    outcomes(one)
    assert NetworkOutage.objects.get().since == since, "the outage goes on"
    wall = tokens.create(admin, "tv", purpose="wall")[1]
    for path in (f"/probes/{one.pk}/", "/probes/", f"/apis/{one.api_id}/probes/", "/", f"/wall/{wall}/"):
        page = signed_in.get(path).content.decode()
        assert page.count("own network is down</h2>") == 1, path
        assert "All clear" not in page, path
    assert "corsdash_network_up 0.0" in signed_in.get("/metrics").content.decode()


def test_the_end_of_the_outage_shows_with_the_next_run(lost: Any, dead: Any, host: Any, signed_in: Client) -> None:
    probe = probe_of(lost(), dead())
    outcomes(probe)
    assert connectivity.down_since() is not None
    HttpApi.objects.update(endpoint=host(answering(NO_CONTENT)).url)
    assert outcomes(probe) == [False], "it answers, without CORS headers"
    assert not NetworkOutage.objects.exists()
    assert "own network is down" not in signed_in.get("/").content.decode()
    assert "corsdash_network_up 1.0" in signed_in.get("/metrics").content.decode()


def test_when_aws_answers_the_host_is_at_fault(dead: Any, host: Any) -> None:
    aws = host(answering(REFUSED))
    probe = probe_of(aws.url, dead())
    assert outcomes(probe) == [False]
    assert aws.connections == 1
    probe.refresh_from_db()
    assert (probe.state, NetworkOutage.objects.count()) == ("down", 0)


def test_aws_of_one_account_is_enough(dead: Any, host: Any) -> None:
    assert outcomes(probe_of(dead(), dead()), probe_of(host(answering(REFUSED)).url, dead())) == [False, False]


def test_when_another_host_answers_aws_is_not_asked(dead: Any, host: Any) -> None:
    aws = host(answering(REFUSED))
    api = host(answering(NO_CONTENT))
    assert outcomes(probe_of(aws.url, dead()), probe_of(dead(), api.url)) == [False, False]
    assert aws.connections == 0


def test_a_host_that_takes_the_connection_is_reached(dead: Any, host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apis.probing.runs.calls.TIMEOUT_S", 0.3)
    assert outcomes(probe_of(dead(), host(silent).url)) == [False]


def test_an_endpoint_that_hangs_is_no_sign_of_a_network(dead: Any, host: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectivity, "PATIENCE_S", 0.3)
    aws = host(answers_once())
    connectivity.check_endpoints([aws.url], OPEN)
    assert outcomes(probe_of(aws.url, dead())) == [None]


def test_an_endpoint_that_may_not_be_called_says_nothing(dead: Any) -> None:
    assert outcomes(probe_of("http://10.0.0.1", dead())) == [False]
    assert not NetworkOutage.objects.exists()


def test_batches_share_a_check(dead: Any, host: Any) -> None:
    aws = host(answering(REFUSED))
    probe = probe_of(aws.url, dead())
    for _ in range(3):
        assert outcomes(probe) == [False]
    assert aws.connections == 1


def test_a_person_who_tries_a_call_learns_it_too(lost: Any, dead: Any, admin: User) -> None:
    api = probe_of(lost(), dead()).api
    check = live_check.prepare(api, {"origin": "https://a.example"}, admin)
    live_check.run(check.key)
    found = live_check.find(check.key)
    assert found is not None and found.not_run == "network"


def test_an_outage_that_no_run_confirms_is_not_shown(lost: Any, dead: Any) -> None:
    probe = probe_of(lost(), dead())
    outcomes(probe)
    late = timezone.now() + timedelta(seconds=2 * probe.interval, minutes=3)
    assert connectivity.down_since(late) is None
    Probe.objects.update(enabled=False)
    assert connectivity.down_since() is None


def test_a_first_run_without_a_network_leaves_the_probe_new(lost: Any, dead: Any) -> None:
    probe = probe_of(lost(), dead())
    Probe.objects.update(state="new", last_passed_at=None)
    outcomes(probe)
    probe.refresh_from_db()
    assert (probe.state, probe.never_passed) == ("new", False)
    assert Result.objects.get().error.startswith(connectivity.SKIPPED)


def test_an_endpoint_that_has_never_answered_proves_nothing(dead: Any) -> None:
    probe = probe_of(dead(), dead())
    assert outcomes(probe) == [False], "AWS may be reached through a proxy only, or not at all"
    probe.refresh_from_db()
    assert (probe.state, NetworkOutage.objects.count()) == ("down", 0)


def test_endpoints_of_probed_regions_are_learnt_once(dead: Any, host: Any) -> None:
    heads: list[bytes] = []
    aws, other, unused = (host(answering(REFUSED, seen=heads)) for _ in range(3))
    for endpoint in (aws.url, other.url, dead()):
        probe_of(endpoint, dead())
    Account.objects.create(name="without probes", regions=["us-east-1"], endpoint_url=unused.url)
    for _ in range(2):
        tasks.learn_endpoints()
    assert set(AnsweringEndpoint.objects.values_list("pk", flat=True)) == {aws.url, other.url}
    assert len(heads) == 2 and unused.connections == 0


def synced(probe: Probe, started_at: datetime, state: str = "done") -> None:
    """Store a sync of the region that a probe is in."""
    run_of_sync = SyncRun.objects.create(started_at=started_at)
    SyncRegion.objects.create(
        run=run_of_sync,
        account=probe.api.account,
        region=probe.api.region,
        state=state,
        started_at=started_at,
        finished_at=started_at,
    )


def test_a_sync_that_succeeds_in_an_outage_shows_that_there_is_none(lost: Any, dead: Any) -> None:
    endpoint = lost()
    probe = probe_of(endpoint, dead())
    synced(probe, timezone.now())
    assert outcomes(probe) == [None], "a sync before the outage says nothing about it"
    synced(probe, timezone.now(), state="failed")
    synced(probe_of(dead(), dead()), timezone.now())
    assert outcomes(probe) == [None], "this account's sync failed, and another's may go another way"
    synced(probe, timezone.now())
    assert outcomes(probe) == [False] and not NetworkOutage.objects.exists()
    assert outcomes(probe) == [False], "what the check says counts again when it has answered again"


def test_an_outage_long_after_the_last_one_is_a_new_one(lost: Any, dead: Any) -> None:
    probe = probe_of(lost(), dead())
    long_ago = timezone.now() - timedelta(days=1)
    NetworkOutage.objects.create(since=long_ago, seen_at=long_ago)
    synced(probe, long_ago + timedelta(hours=1))
    assert outcomes(probe) == [None]
    assert NetworkOutage.objects.get().since > long_ago


@pytest.mark.parametrize("region", ["eu-central-1", "cn-north-1"])
def test_the_endpoint_of_a_region_is_aws_own(region: str) -> None:
    assert is_aws(endpoint_of(region))
