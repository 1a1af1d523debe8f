"""The last 24 hours in the lists of probes and APIs: from roll-ups, in words too, by one query for a page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apis.probing.models import Probe, Result
from tests.probing.stored import ALLOWED, make_api, make_probe, ran

BLOCKED = (("access-control-allow-origin", "https://other.example.com"),)


@pytest.fixture
def watched(db: None) -> Probe:
    """A probe with three passing hours and one in which half of the runs failed, without its single results."""
    probe = make_probe(make_api())
    now = timezone.now()
    hour = now.replace(minute=0, second=0, microsecond=0)
    for back in (20, 10, 5):
        ran(probe, hour - timedelta(hours=back), *ALLOWED)
    ran(probe, hour - timedelta(hours=2), *ALLOWED)
    ran(probe, hour - timedelta(hours=2, minutes=-30), *BLOCKED)
    ran(probe, hour - timedelta(hours=30), *BLOCKED)  # too long ago
    Probe.objects.update(last_result=None)
    Result.objects.all().delete()
    return probe


@pytest.mark.parametrize("path", ["/probes/", "/apis/", "/apis/{}/probes/"])
def test_a_list_shows_the_last_day(watched: Probe, signed_in: Client, path: str) -> None:
    page = signed_in.get(path.format(watched.api_id)).content.decode()
    [bar] = [part.partition("</svg>")[0] for part in page.split('<svg class="heartbeat day"')[1:]]
    assert 'role="img"' in bar
    assert "<title>24 hours: 80 % of 5 runs passed, failures in 1 of 24 hours</title>" in bar
    strokes = {state: bar.partition(f'<path class="{state}" d="')[2].partition('"')[0] for state in ("passed", "error")}
    assert {state: path.count("M") for state, path in strokes.items()} == {"passed": 3, "error": 1}
    # Told apart without colour, too: by where a stroke begins and how long it is.
    lengths = {state: {part.rpartition("v")[2] for part in path.split("M")[1:]} for state, path in strokes.items()}
    assert lengths["passed"] != lengths["error"]


def test_a_page_asks_once_for_all_of_its_rows(watched: Probe, signed_in: Client, admin: User) -> None:
    def queries(path: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert signed_in.get(path).status_code == 200
        return len(found)

    ran(make_probe(make_api("with a last result")), timezone.now() - timedelta(hours=1), *ALLOWED)
    before = {path: queries(path) for path in ("/probes/", "/apis/")}
    for number in range(20):
        probe = make_probe(make_api(f"more-{number}"))
        ran(probe, timezone.now() - timedelta(hours=1), *ALLOWED)
    assert {path: queries(path) for path in before} == before


def test_an_api_without_probes_has_no_bar(db: None, signed_in: Client) -> None:
    make_api()
    assert "heartbeat day" not in signed_in.get("/apis/").content.decode()
