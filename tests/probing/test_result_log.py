"""The log of results on a probe's page: in pages that are not counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apis.probing.models import Probe, Result
from tests.probing.stored import make_api, make_probe


@pytest.fixture
def probe(db: None) -> Probe:
    """A probe with a log of 60 results; two have the same time."""
    made, now = make_probe(make_api()), timezone.now()
    Result.objects.bulk_create(
        Result(probe=made, at=now - timedelta(minutes=max(n, 1)), passed=True, allowed=True) for n in range(60)
    )
    return made


class Log(NamedTuple):
    """What a page shows of the log."""

    results: list[int]
    total: str
    place: str
    links: list[str]
    is_counted: bool


@pytest.fixture
def read(signed_in: Client, probe: Probe) -> Callable[[str], Log]:
    """Read a page of the log by the query of its address."""

    def read(query: str) -> Log:
        with CaptureQueriesContext(connection) as asked:
            page = signed_in.get(f"/probes/{probe.pk}/?{query}").content.decode()
        log = page.partition('id="results-title"')[2]
        total, place = re.search(r"\((.+?)\)", log), re.search(r"(\d+–\d+) of\s+(\S+ results)", log)
        assert total and place
        return Log(
            [int(pk) for pk in re.findall(r'href="/results/(\d+)/"', log)],
            total[1],
            f"{place[1]} of {place[2]}",
            re.findall(r'<a href="\?(\S+)"', log),
            any("COUNT(*)" in query["sql"] and '"apis_result"' in query["sql"] for query in asked),
        )

    return read


def test_each_page_knows_whether_there_is_another(read: Callable[[str], Log]) -> None:
    first, second, third = (read(f"page={number}") for number in (1, 2, 3))
    assert (first.total, first.place) == ("25+", "1–25 of 25+ results")
    assert (second.total, second.place) == ("50+", "26–50 of 50+ results")
    assert (third.total, third.place) == ("60", "51–60 of 60 results")
    assert first.links == ["page=1", "page=2", "page=2"]
    assert second.links == ["page=1", "page=1", "page=2", "page=3", "page=3"]
    assert third.links == ["page=2", "page=1", "page=2", "page=3"]
    assert not any(page.is_counted for page in (first, second, third))
    assert first.results + second.results + third.results == list(Result.objects.values_list("pk", flat=True))


def test_an_address_of_no_page_shows_one(read: Callable[[str], Log]) -> None:
    """It is counted only to find the last page."""
    first, last = read(""), read("page=3")
    assert [read(f"page={text}") for text in ("x", "-1", "0", "")] == [first] * 4
    behind = [read(f"page={number}") for number in (4, 99, 10**18 - 1)]
    assert [page._replace(is_counted=False) for page in behind] == [last] * 3
    assert all(page.is_counted for page in behind)


def test_links_keep_the_rest_of_the_address(read: Callable[[str], Log]) -> None:
    assert read("waiting=7&page=2").links[-1] == "waiting=7&amp;page=3"


def test_a_short_log_has_its_count_and_no_pages(signed_in: Client, probe: Probe) -> None:
    Result.objects.filter(pk__in=Result.objects.values("pk")[25:]).delete()
    page = signed_in.get(f"/probes/{probe.pk}/").content.decode()
    assert "(25)" in page and 'class="pager"' not in page
    Result.objects.all().delete()
    assert "(0)" in signed_in.get(f"/probes/{probe.pk}/").content.decode()
