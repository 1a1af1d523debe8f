"""An API is gone when AWS says so itself, or when two complete lists in a row lack it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from apis.inventory.models import Account, HttpApi, SyncRegion
from apis.inventory.reading import sync
from tests.support.sinks import Give, Got, HttpSink

JSON = (("Content-Type", "application/json"),)
GONE = Give(404, (*JSON, ("x-amzn-ErrorType", "NotFoundException")), b'{"message": "Invalid API identifier"}')


class FakeAws:
    """An endpoint whose list and whose single answers can contradict each other."""

    def __init__(self, sink: HttpSink) -> None:
        self.listed: Any = []
        self.there: set[str] = set()
        self.asked: list[str] = []
        sink.answer = self.answer

    def answer(self, got: Got) -> Give:
        """GetApis, GetApi, GetDomainNames."""
        path = got.path.partition("?")[0]
        if path == "/v2/apis":
            body = self.listed if isinstance(self.listed, bytes) else json.dumps({"items": self.listed}).encode()
            return Give(200, JSON, body)
        if path == "/v2/domainnames":
            return Give(200, JSON, b'{"items": []}')
        api_id = path.rpartition("/")[2]
        self.asked.append(api_id)
        return Give(200, JSON, json.dumps(shown(api_id)).encode()) if api_id in self.there else GONE


def shown(api_id: str, **more: Any) -> dict[str, Any]:
    """An API as AWS shows it."""
    return {"apiId": api_id, "name": api_id, "protocolType": "HTTP", "apiEndpoint": "https://x.example"} | more


@pytest.fixture
def fake(webhook_sink: HttpSink) -> FakeAws:
    """AWS."""
    return FakeAws(webhook_sink)


@pytest.fixture
def sync_now(webhook_sink: HttpSink, fake: FakeAws, db: None, settings: Any) -> Callable[[], SyncRegion]:
    """Sync the account's one region."""
    settings.CORSDASH_CALLS_PER_S = 1000
    settings.CORSDASH_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]
    account = Account.objects.create(name="fake", regions=["us-east-1"], endpoint_url=webhook_sink.url)

    def run() -> SyncRegion:
        [region] = sync.start(account=account).regions.select_related("account", "run")
        sync.run_region(region)
        region.refresh_from_db()
        return region

    return run


def gone() -> list[str]:
    """The ids of the APIs that are gone."""
    return sorted(HttpApi.objects.exclude(gone_at=None).values_list("api_id", flat=True))


def test_what_aws_says_it_does_not_have_is_gone_at_once(fake: FakeAws, sync_now: Callable[[], SyncRegion]) -> None:
    fake.listed = [shown("a"), shown("b")]
    sync_now()
    fake.listed, fake.there = [shown("a")], {"a"}
    assert sync_now().gone == 1
    assert gone() == ["b"]
    assert fake.asked == ["b"]


def test_a_list_alone_is_believed_the_second_time(fake: FakeAws, sync_now: Callable[[], SyncRegion]) -> None:
    """GetApi still has it: another page of AWS's own, or a list that was not whole."""
    fake.listed, fake.there = [shown("a"), shown("b")], {"a", "b"}
    sync_now()
    fake.listed = [shown("a")]
    assert (sync_now().gone, gone()) == (0, [])
    fake.listed = [shown("a"), shown("b")]
    sync_now()
    fake.listed = [shown("a")]
    assert (sync_now().gone, gone()) == (0, [])
    assert (sync_now().gone, gone()) == (1, ["b"])
    fake.listed = [shown("a"), shown("b")]
    sync_now()
    assert gone() == []


def test_many_missing_at_once_wait_for_the_next_sync(fake: FakeAws, sync_now: Callable[[], SyncRegion]) -> None:
    """An empty answer must cost neither the APIs nor the budget of calls."""
    names = [f"a{number:02}" for number in range(sync.MISSING_ASKED_FOR + 3)]
    fake.listed, fake.there = [shown(name) for name in names], set(names)
    sync_now()
    fake.listed = []
    assert (sync_now().gone, gone()) == (0, [])
    assert len(fake.asked) == sync.MISSING_ASKED_FOR
    assert sync_now().gone == len(names)


@pytest.mark.parametrize("body", [b"", b'{"items": [', b"{}", b"null"])
def test_a_broken_answer_fails_the_region_and_changes_nothing(
    fake: FakeAws, sync_now: Callable[[], SyncRegion], body: bytes
) -> None:
    fake.listed = [shown("a")]
    sync_now()
    fake.listed = body
    for _ in range(2):
        region = sync_now()
        assert (region.state, gone()) == ("failed", [])
        assert region.error


@pytest.mark.parametrize(
    "odd",
    [None, {"name": "b"}, shown("b", createdDate="yesterday"), shown("b", corsConfiguration={"maxAge": "long"}),
     shown("b", corsConfiguration={"allowOrigins": [7]}), shown("b", apiEndpoint="x" * 5000)],
    ids=repr,
)  # fmt: skip
def test_an_odd_item_is_said_and_the_others_are_kept(
    fake: FakeAws, sync_now: Callable[[], SyncRegion], odd: Any
) -> None:
    """And since it may be any of those that the list lacks, none of them is gone for it."""
    fake.listed, fake.there = [shown("a"), shown("b"), shown("c")], {"b", "c"}
    sync_now()
    fake.listed = [odd, shown("a", name="renamed"), shown("c")]
    for _ in range(3):
        region = sync_now()
        assert region.state == "done"
        assert gone() == []
    assert HttpApi.objects.get(api_id="a").name == "renamed"


def test_an_api_that_another_sync_stores_first_is_no_error(fake: FakeAws, sync_now: Callable[[], SyncRegion]) -> None:
    """A sync that a restart gave back runs at the same time as the new one: both find the same new API."""
    fake.listed = [shown("abcdefghij")]
    stored: list[HttpApi] = []

    def store_it_first(execute: Any, sql: str, *rest: Any) -> Any:
        result = execute(sql, *rest)
        if 'FROM "apis_httpapi"' in sql and not stored:
            account = Account.objects.get()
            stored.append(HttpApi(account=account, region="us-east-1", api_id="abcdefghij", name="abcdefghij"))
            HttpApi.objects.bulk_create(stored)
        return result

    with connection.execute_wrapper(store_it_first):
        region = sync_now()
    assert (stored != [], region.state, region.error) == (True, "done", "")
    assert [api.endpoint for api in HttpApi.objects.all()] == ["https://x.example"]
