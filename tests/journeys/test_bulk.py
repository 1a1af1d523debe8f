"""One origin added to 60 APIs while three refuse and the worker is killed half-way: each is changed exactly once."""

from __future__ import annotations

import json
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import psutil
import pytest
from botocore.config import Config
from playwright.sync_api import Page, expect

from tests.journeys.steps import sign_in
from tests.support.servers import until
from tests.support.up import UNHURRIED, Up

pytestmark = pytest.mark.once

COUNT = 60
START = {"AllowOrigins": ["https://shop.example"], "AllowMethods": ["GET"]}
NEW = "https://new.example"


@pytest.fixture
def own_up() -> Iterator[Up]:
    """A dashboard of its own: its worker is killed, and 60 APIs would be in everyone else's lists."""
    running = Up("--demo", environ=UNHURRIED)
    running.line("^the demo's past day is ready$")
    yield running
    assert running.stop() == 0


def behind_the_scenes(up: Up, page: str, **fault: Any) -> Any:
    """The demo AWS's own pages: what was called, what is to go wrong."""
    body = json.dumps(fault).encode() if fault else None
    with urllib.request.urlopen(f"{up.demo_endpoint}/_demo/{page}", body, timeout=20) as answer:
        text = answer.read()
        return json.loads(text) if text else None


def writes(up: Up, ids: set[str]) -> list[dict[str, Any]]:
    """The calls that wrote to these APIs."""
    calls = behind_the_scenes(up, "calls")["calls"]
    return [one for one in calls if one["operation"] == "UpdateApi" and one["api"] in ids]


def worker_of(up: Up) -> psutil.Process:
    """The process of the worker that has the bulk jobs."""
    family = psutil.Process(up.process.pid).children(recursive=True)
    [found] = [one for one in family if "requested,background" in " ".join(one.cmdline())]
    return found


def test_a_job_over_many_apis_survives_its_worker(own_up: Up, page: Page) -> None:
    up = own_up
    client = boto3.client(
        "apigatewayv2",
        region_name="us-east-1",
        endpoint_url=up.demo_endpoint,
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(proxies={}, max_pool_connections=4),
    )

    def make(number: int) -> str:
        made = client.create_api(Name=f"fleet-{number:03}", ProtocolType="HTTP", CorsConfiguration=START)
        return str(made["ApiId"])

    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(make, range(COUNT)))
    up.manage("sync", "--region", "us-east-1")
    refusing = {ids[7], ids[27], ids[57]}
    for api_id in refusing:
        behind_the_scenes(up, "faults", kind="refuse", operation="UpdateApi", api=api_id)

    # Everything that a search finds gets an origin, after a plan.
    sign_in(page, up)
    page.goto(f"{up.url}/apis/?search=fleet-")
    page.get_by_role("button", name="Bulk edit").click()
    page.get_by_label("Entries").fill(NEW)
    page.get_by_role("button", name="Review plan").click()
    expect(page.get_by_text(f"{COUNT} of {COUNT} will change, 0 skipped")).to_be_visible(timeout=20_000)
    page.get_by_role("textbox", name="Note").fill("FE-7: the new front end")
    page.get_by_role("button", name=f"Apply to {COUNT} APIs").click()

    # Half-way the worker is killed; `up` starts another, which goes on.
    expect(page.get_by_role("progressbar")).to_be_visible()
    until(lambda: len(writes(up, set(ids))) >= COUNT // 2, "half of the APIs are written", 60, lambda: up.output)
    worker_of(up).kill()
    assert len(writes(up, set(ids))) < COUNT - 10
    expect(page.get_by_text("Done with failures")).to_be_visible(timeout=120_000)

    # Three failed and say why; the others hold the origin, and each was written exactly once.
    expect(page.get_by_role("link", name=f"Applied ({COUNT - 3})")).to_be_visible()
    page.get_by_role("link", name="Failed (3)").click()
    expect(page.get_by_text("apigateway:PATCH")).to_have_count(3)
    per_api = Counter(one["api"] for one in writes(up, set(ids)))
    assert per_api == dict.fromkeys(ids, 1)
    for api_id in ids:
        origins = client.get_api(ApiId=api_id)["CorsConfiguration"]["AllowOrigins"]
        assert origins == (START["AllowOrigins"] if api_id in refusing else [*START["AllowOrigins"], NEW])

    # One group in the history, and from a change of it back to the job.
    job = page.url.partition("?")[0]
    page.get_by_role("link", name="View changes").click()
    expect(page.get_by_role("heading", name=f"Changes in one group ({COUNT})")).to_be_visible()
    page.get_by_role("link", name=f"Added {NEW}").first.click()
    page.get_by_role("link", name="bulk edit").click()
    expect(page).to_have_url(job)

    # What failed is tried again once AWS lets it.
    urllib.request.urlopen(urllib.request.Request(f"{up.demo_endpoint}/_demo/faults", method="DELETE"), timeout=20)
    page.get_by_role("button", name="Retry 3 failed").click()
    expect(page.get_by_role("link", name=f"Applied ({COUNT})")).to_be_visible(timeout=60_000)
    assert not [line for line in up.lines if "Traceback" in line], up.output
