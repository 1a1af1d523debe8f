"""What the heaviest requests cost: seconds of the web server's CPU, and of the processes that it starts for them.

    python -m tests.benchmarks.requests [--only WORD]

Starts `manage.py up --demo`. Every request is as large as it may be. While it runs, a page is asked for again and
again: printed is the slowest of them, as a multiple of one in calm.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

import psutil

from tests.benchmarks.load import EXPLAIN, SESSIONS, Browser
from tests.support.servers import until
from tests.support.up import UNHURRIED, Up

_LIST = [f"https://app-{number}.example.com" for number in range(500)]
_NAMES = [f"x-header-{number}" for number in range(500)]
_LARGE = {"AllowOrigins": _LIST, "AllowHeaders": _NAMES, "AllowMethods": _NAMES, "ExposeHeaders": _NAMES}
_IMPORTS = {
    "a=;": "a=;",
    "a=,b=": "a=,b=",
    "YAML": "- a: [b]\n",
    "HCL": 'resource "a" "b" {\n a = ["${b.c}"]\n}\n',
    "code": "new HttpApi(this, {cors: 1});\n",
}
_PASTES = {"curl": "curl ", "fetch": "fetch('a');\n", "console": "Access to fetch at 'a' blocked\n"}
_RECORDED = {
    "request": {"url": "https://a.example/", "method": "GET", "headers": list[Any]()},
    "response": {"status": 200, "headers": list[Any]()},
}
_FORM = "application/x-www-form-urlencoded"


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", default="")
    only = parser.parse_args().only
    up = Up("--demo", environ=UNHURRIED)
    try:
        up.line("^the demo's past day is ready$")
        address = urlsplit(up.url).netloc
        session, other = up.manage("shell", "-c", SESSIONS.format(count=2)).split()[-2:]
        rest = Browser(address, token=up.manage("token", "admin").strip())
        page = Browser(address, session)
        until(lambda: page.ask("/") == 200 and page.ask("/changes/") == 200, "a page is shown")
        web = _web(up)
        print(f"{'request':28} {'status':>6} {'bytes':>8} {'s':>7} {'CPU s':>7} {'slowest page':>13}")
        calm = min(_seconds(lambda: page.ask("/changes/")) for _ in range(10))
        for name, (browser, *rest_of_it) in _requests(rest, Browser(address, other)).items():
            if only in name:
                before, slowest = _cpu(web), [calm]
                with _looking(page, slowest):
                    took = _seconds(partial(browser.ask, *rest_of_it))
                pages, spent = len(slowest) - 1, _cpu(web) - before
                times = f"{max(slowest) / calm:7.1f} times ({pages})"
                size = len(browser.body)
                print(f"{name:28} {browser.status:6} {size:8} {took:7.2f} {spent:7.2f} {times}", flush=True)
    finally:
        up.stop()


def _requests(rest: Browser, person: Browser) -> dict[str, tuple[Any, ...]]:
    def form(path: str, **fields: Any) -> tuple[Any, ...]:
        return (person, path, urlencode(fields, doseq=True).encode(), _FORM)

    def post(path: str, body: Any) -> tuple[Any, ...]:
        return (rest, path, json.dumps(body).encode())

    large = {"cors": _LARGE | {"AllowMethods": ["GET"]}}
    found: dict[str, tuple[Any, ...]] = {"health": (rest, "/api/v1/health")}
    found["first REST call"] = (rest, "/api/v1/apis?limit=1")
    found["openapi.json"] = (rest, "/api/v1/openapi.json")
    for kind, piece in _IMPORTS.items():
        text = ("AllowOrigins=" * (piece[:2] == "a=") + piece * 90_000)[: 256 * 1024]
        found[f"import: {kind}"] = form("/apis/1/configure/", preset="import", preset_text=text)
    text = json.dumps({"CorsConfiguration": _LARGE})
    found["import: 500 entries"] = form("/apis/1/configure/", preset="import", preset_text=text)
    found["configure: 500 entries"] = form("/apis/1/configure/", **_LARGE)
    found["check: 500 entries"] = form("/apis/1/configure/check/", **_LARGE)
    found["plan page: 500 entries"] = form("/apis/1/plan/", **_LARGE)
    found["plan: 500 entries"] = post("/api/v1/apis/1/plan", large)
    found["explain: 500 entries"] = post("/api/v1/explain", EXPLAIN)
    for kind, piece in _PASTES.items():
        text = (piece * 60_000)[: 256 * 1024]
        found[f"explain: {kind}"] = post("/api/v1/explain", {"pasted": text})
        found[f"explain page: {kind}"] = form("/explain/", pasted=text)
    har = json.dumps({"log": {"entries": [_RECORDED] * 8_000}})
    found["explain: HAR"] = post("/api/v1/explain", {"pasted": har})
    found["explain page: HAR"] = form("/explain/", pasted=har)
    headers = [[name, "1"] for name in _NAMES] * 40
    call = {"origin": "https://a.example", "url": "https://b.example/", "method": "PUT", "headers": headers}
    answer = {"status": 200, "headers": headers}
    exchange = {
        "request": call | {"credentials": "include", "mode": "cors"},
        "preflight": answer,
        "response": answer,
    }
    found["judge: 60,000 headers"] = post("/api/v1/judge", {"id": "1", "exchange": exchange})
    return found


def _web(up: Up) -> psutil.Process:
    [found] = [one for one in psutil.Process(up.process.pid).children(True) if " serve " in " ".join(one.cmdline())]
    return found


def _cpu(process: psutil.Process) -> float:
    processes = [process, *process.children(True)]
    times = [one.cpu_times() for one in processes]
    return sum(one.user + one.system for one in times) + times[0].children_user + times[0].children_system


def _seconds(ask: Callable[[], object]) -> float:
    start = time.perf_counter()
    ask()
    return time.perf_counter() - start


@contextmanager
def _looking(page: Browser, slowest: list[float]) -> Iterator[None]:
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            slowest.append(_seconds(lambda: page.ask("/changes/")))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    main()
