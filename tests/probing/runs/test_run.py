"""Running probes against the stand-in gateway and against hosts that misbehave: results, states, flips."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apis.cors.exchange import Verdict
from apis.demo.emulator.faults import Faults
from apis.errors import InvalidFields
from apis.inventory.models import HttpApi
from apis.inventory.reading import sync
from apis.outbound import from_settings
from apis.probing import probe_edits
from apis.probing.models import Flip, Probe, Result
from apis.probing.runs.calls import Outcome, make_calls
from apis.probing.runs.runner import run, store


def probe(api: HttpApi, **values: Any) -> Probe:
    """A probe of the API's GET /items from the origin that it allows."""
    return probe_edits.save(api, {"origin": "https://a.example", "path": "/items", "failures": 2, **values})


def result(made: Probe) -> Result:
    """What one run comes to."""
    return run([made.pk], "person")[0]


def test_an_allowed_origin_passes_with_its_exchange_timings_and_verdict(api: HttpApi) -> None:
    made = probe(api)
    found = result(made)
    assert found.passed and found.allowed and not found.error
    assert found.exchange and found.timings and found.verdict
    assert found.exchange["preflight"] is None
    assert ["access-control-allow-origin", "https://a.example"] in found.exchange["response"]["headers"]
    assert found.timings["request"]["total"] > 0
    assert found.verdict["reason"]
    assert found.configuration == api.current
    made.refresh_from_db()
    assert (made.state, made.last_result) == ("up", found)


def test_a_stranger_is_blocked_and_that_can_be_what_is_expected(api: HttpApi) -> None:
    assert not result(probe(api, origin="https://evil.example")).passed
    kept_out = result(probe(api, origin="https://evil.example", expect="blocked"))
    assert kept_out.passed and kept_out.allowed is False and kept_out.code == "MissingAllowOriginHeader"


def test_of_a_call_that_changes_data_only_the_preflight_is_sent(api: HttpApi, outside: Callable[..., None]) -> None:
    made = probe(api, method="DELETE")
    found = result(made)
    assert found.code == "MethodDisallowedByPreflightResponse"
    outside(AllowMethods=["DELETE"])
    found = result(made)
    assert found.passed and found.exchange
    assert found.exchange["preflight"]["status"] == 204
    assert found.exchange["response"] is None


def test_headers_are_asked_for(api: HttpApi, outside: Callable[..., None]) -> None:
    made = probe(api, headers=["X-Tenant"])
    assert result(made).code == "HeaderDisallowedByPreflightResponse"
    outside(AllowHeaders=["x-tenant"])
    assert result(made).passed


def test_down_after_the_set_number_of_failures_and_up_again(api: HttpApi, outside: Callable[..., None]) -> None:
    made = probe(api, failures=3)
    result(made)
    outside(AllowOrigins=["https://other.example"])
    states = []
    for _ in range(4):
        result(made)
        made.refresh_from_db()
        states.append(made.state)
    assert states == ["failing", "failing", "down", "down"]
    outside(AllowOrigins=["https://a.example"])
    result(made)
    flips = Flip.objects.filter(probe=made).order_by("id").values_list("before", "after")
    assert list(flips) == [("new", "up"), ("up", "failing"), ("failing", "down"), ("down", "up")]


def test_a_probe_that_goes_up_and_down_all_the_time_is_flapping_once(
    api: HttpApi, outside: Callable[..., None]
) -> None:
    made = probe(api, failures=1)
    for _ in range(5):
        outside(AllowOrigins=["https://other.example"])
        result(made)
        outside(AllowOrigins=["https://a.example"])
        result(made)
    made.refresh_from_db()
    assert made.state == "flapping"
    assert Flip.objects.filter(probe=made, after="flapping").count() == 1
    for _ in range(5):
        result(made)
    made.refresh_from_db()
    assert made.state == "up"


@pytest.mark.parametrize("kind", ["drop", "broken"])
def test_a_target_that_misbehaves_is_a_result_too(api: HttpApi, faults: Faults, kind: str) -> None:
    faults.add(kind, operation="Invoke", api=api.api_id)
    found = result(probe(api))
    assert not found.passed
    assert found.error or found.code


def test_an_address_that_the_api_no_longer_has_is_not_called(api: HttpApi) -> None:
    made = probe(api, base_url=api.endpoint)
    HttpApi.objects.filter(pk=api.pk).update(endpoint="http://moved.localhost:1")
    found = result(made)
    assert "no longer answers at" in found.error
    assert found.exchange is None


def test_a_private_address_is_refused_unless_an_admin_allows_it(api: HttpApi, settings: Any) -> None:
    settings.CORSDASH_ALLOWED_NETWORKS = []
    found = result(probe(api))
    assert "not a public address" in found.error and "CORSDASH_ALLOWED_NETWORKS" in found.error


def test_many_probes_are_run_at_once_and_stored_together(api: HttpApi, django_assert_max_num_queries: Any) -> None:
    made = [probe(api, path=f"/items?n={n}") for n in range(60)]
    with django_assert_max_num_queries(15):
        found = run([one.pk for one in made])
    assert len(found) == 60 and all(one.passed for one in found)


def test_a_slow_run_of_an_earlier_call_says_nothing_of_the_new_one(api: HttpApi) -> None:
    """Edited while it ran: its results are kept, its state is that of the new call."""
    before = probe(api, origin="https://evil.example")
    tried = list(Probe.objects.select_related("api", "api__current"))
    outcomes, at = make_calls(tried, from_settings()), timezone.now()
    probe_edits.save(api, {"origin": "https://a.example"}, probe=before)
    run([before.pk])
    store(tried, outcomes, at, "schedule")
    found = Probe.objects.get()
    assert found.state == "up" and found.last_result is not None and found.last_result.passed
    assert Result.objects.count() == 2


def test_a_run_is_judged_by_what_was_expected_when_it_began(api: HttpApi) -> None:
    before = probe(api, origin="https://evil.example", expect="blocked")
    tried = list(Probe.objects.select_related("api", "api__current"))
    outcomes = make_calls(tried, from_settings())
    probe_edits.save(api, {"expect": "allowed"}, probe=before)
    (found,) = store(tried, outcomes, timezone.now(), "schedule")
    assert found.passed is True


def test_a_run_that_ends_after_a_later_one_does_not_undo_it(api: HttpApi) -> None:
    one = probe(api, origin="https://evil.example", failures=1)
    tried = list(Probe.objects.select_related("api", "api__current"))
    now = timezone.now()
    store(tried, [Outcome(verdict=Verdict(False, True, None, "Every check passed."))], now, "schedule")
    store(tried, make_calls(tried, from_settings()), now - timedelta(seconds=5), "schedule")
    one.refresh_from_db()
    assert one.state == "up" and not Flip.objects.filter(after="down").exists()


def test_a_probe_deleted_while_it_runs_leaves_the_others_alone(api: HttpApi) -> None:
    kept, gone = probe(api), probe(api, path="/items?gone")
    both = list(Probe.objects.select_related("api", "api__current").order_by("pk"))
    outcomes = make_calls(both, from_settings())
    gone.delete()
    assert [one.probe for one in store(both, outcomes, timezone.now(), "schedule")] == [kept]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"origin": ""}, "origin"),
        ({"origin": "https://a.example/"}, "origin"),
        ({"origin": "a.example"}, "origin"),
        ({"method": "CONNECT"}, "method"),
        ({"path": "/a b"}, "path"),
        ({"base_url": "http://169.254.169.254"}, "base_url"),
        ({"headers": ["Cookie"]}, "headers"),
        ({"headers": ["a b"]}, "headers"),
        ({"interval": 1}, "interval"),
        ({"interval": "60"}, "interval"),
        ({"failures": 0}, "failures"),
        ({"expect": "maybe"}, "expect"),
        ({"credentials": "yes"}, "credentials"),
    ],
)
def test_what_no_probe_can_be_names_the_field(api: HttpApi, values: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidFields) as found:
        probe(api, **values)
    assert list(found.value.errors) == [field]
    assert not Probe.objects.exists()


def test_a_sync_that_finds_the_routes_lets_predictions_know_them(api: HttpApi) -> None:
    sync.refresh(api)
    api.refresh_from_db()
    assert {route["key"] for route in api.routes or ()} == {"GET /items", "POST /items"}
