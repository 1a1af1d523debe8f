"""The log of results on a probe's page: in pages that are not counted, narrowed by its address, and as a file."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apis.alerting.models import Channel, Delivery, Incident, IncidentProbe
from apis.probing.history.rollups import DAY, start_of
from apis.probing.models import Flip, Probe, Result, Rollup, StoredExchange
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
        total, place = re.search(r"\((.+?)\)", log), re.search(r"(\d+–\d+) of\s+(.+ results)", log)
        assert total and place
        return Log(
            [int(pk) for pk in re.findall(r'href="/results/(\d+)/"', log)],
            total[1],
            f"{place[1]} of {place[2]}",
            re.findall(r'<a href="\?(\S+)"', log.partition('class="pager"')[2]),
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


def test_a_long_log_says_about_how_many_results_it_has(read: Callable[[str], Log], probe: Probe) -> None:
    day = start_of(timezone.now(), DAY)
    for ago, counts in ((0, (4000, 20, 3)), (1, (300, 40, 0)), (400, (9000, 9000, 9000))):
        passed, failed, not_run = counts
        Rollup.objects.create(
            probe=probe, seconds=DAY, at=day - ago * DAY, passed=passed, failed=failed, not_run=not_run
        )
    shown = [read(query) for query in ("", "page=2", "result=passed", "page=3")]
    assert [page.total for page in shown] == ["about 4,363", "about 4,363", "about 4,300", "60"]
    assert shown[1].place == "26–50 of about 4,363 results"
    assert not any(page.is_counted for page in shown)
    # Of runs in maintenance windows roll-ups do not know what came.
    Rollup.objects.filter(at=day).update(maintenance=5)
    assert [read(query).total for query in ("", "result=passed")] == ["about 4,368", "25+"]


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


def mark(probe: Probe, place: int, passed: bool | None, state: str) -> Result:
    """Make the result at a place of the log, the newest being the first, one that changed the probe's state."""
    found = Result.objects.all()[place]
    Result.objects.filter(pk=found.pk).update(passed=passed)
    Flip.objects.create(probe=probe, at=found.at, before="up", after=state, result=found)
    return found


def shown(client: Client, address: str) -> list[str]:
    """Return the lines of the log on a page: the id of a result, or the text of another line."""
    page = client.get(address).content.decode()
    table = page.partition('id="results-title"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [row for row in table.split("<tr>")[1:] if row.strip()]
    texts = [" ".join(re.sub(r"<[^>]+>", " ", row.partition("</th>")[2]).split()) for row in rows]
    return [
        found[1] if (found := re.search(r'href="/results/(\d+)/"', row)) else text
        for row, text in zip(rows, texts, strict=True)
    ]


def test_an_address_narrows_the_log(signed_in: Client, probe: Probe) -> None:
    failed, again = mark(probe, 40, False, "down"), mark(probe, 3, True, "up")
    lost = Result.objects.all()[50]
    Result.objects.filter(pk=lost.pk).update(passed=None, not_run="network")
    address = f"/probes/{probe.pk}/"

    def results(outcome: str) -> list[str]:
        return [line for line in shown(signed_in, f"{address}?result={outcome}") if line.isdecimal()]

    assert results("failed") == [str(failed.pk)]
    assert results("not_run") == [str(lost.pk)]
    assert results("changed") == [str(again.pk), str(failed.pk)]
    assert len(results("passed")) == len(results("anything")) == 25
    Result.objects.filter(passed=None).delete()
    assert results("not_run") == []


def test_flips_and_messages_are_in_line(signed_in: Client, probe: Probe) -> None:
    newest, older = mark(probe, 3, False, "down"), mark(probe, 25, True, "up")
    incident = Incident.objects.create(api=probe.api, opened_at=newest.at, summary="Down")
    IncidentProbe.objects.create(incident=incident, probe=probe, down_at=newest.at)
    channel = Channel.objects.create(name="On call", kind="webhook", url="https://hooks.example.com/")
    for minutes in (0.5, -60):
        Delivery.objects.create(
            channel=channel, incident=incident, event="incident.opened", data={}, state="sent",
            created_at=newest.at + timedelta(minutes=minutes),
        )  # fmt: skip
    first = shown(signed_in, f"/probes/{probe.pk}/")
    place = first.index(str(newest.pk))
    assert first[place - 1].endswith("Down") and "On call" in first[place - 2] and first[place - 3].isdecimal()
    assert len([line for line in first if not line.isdecimal()]) == 2
    second = shown(signed_in, f"/probes/{probe.pk}/?page=2")
    assert second[1] == str(older.pk) and not second[0].isdecimal()
    assert len([line for line in second if not line.isdecimal()]) == 1


def test_the_log_as_a_file(signed_in: Client, probe: Probe) -> None:
    failed = mark(probe, 2, False, "down")
    stored = StoredExchange.objects.create(
        probe=probe, digest=b"d", verdict={"code": "origin-mismatch"}, used_on=failed.at.date()
    )
    Result.objects.filter(pk=failed.pk).update(stored=stored)
    address = f"/probes/{probe.pk}/results"
    rows = json.loads(signed_in.get(f"{address}.json").getvalue())
    assert len(rows) == 60
    assert rows[2] | {"at": ""} == {
        "at": "", "result": "failed", "code": "origin-mismatch", "error": "", "not_run": "", "duration_ms": None,
        "cause": "schedule", "maintenance": False, "state_change": "up → down",
    }  # fmt: skip
    answer = signed_in.get(f"{address}.csv?result=failed")
    lines = answer.getvalue().decode().splitlines()
    assert [row["code"] for row in csv.DictReader(lines)] == ["origin-mismatch"]
    assert "attachment" in answer["Content-Disposition"]
    assert signed_in.get(f"{address}.xml").status_code == 404


def test_a_page_that_looks_again_stays_the_same(signed_in: Client, probe: Probe) -> None:
    page = signed_in.get(f"/probes/{probe.pk}/?page=2&result=passed").content.decode()
    assert re.search(r'id="live"[^>]*hx-get="/probes/\d+/\?page=2&amp;result=passed"', page)
