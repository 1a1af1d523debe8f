"""What a busy minute does to people: pages, health and probes while clients hang, imports and explanations run.

    python -m tests.benchmarks.load [--seconds 60] [--sessions 50] [--probes 100] [--slow 8] [--think 5]

Starts `manage.py up --demo`. Each session opens a page every few seconds, as a person does; slow clients send half a
form and come back when they are cut off; one client imports 256 KB again and again, one asks for a large explanation.
Printed are errors, the latency of health and pages (calm, under load, and their ratio), and the latest probe.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import socket
import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from itertools import count, pairwise
from typing import Any
from urllib.parse import urlencode, urlsplit

from tests.support.servers import until
from tests.support.up import UNHURRIED, Up

INTERVAL = 30
_ANSWERED = range(200, 423)  # What cannot be read is 422.
_CSRF = "0123456789abcdefghijklmnopqrstuv"
SESSIONS = """
from django.test import Client
from django.contrib.auth.models import User
user = User.objects.get(username="admin")
for _ in range({count}):
    client = Client()
    client.force_login(user)
    print(client.cookies["corsdash_session"].value)
"""
IMPORT = ("AllowOrigins=" + "a=;" * 100_000)[: 256 * 1024]
EXPLAIN: dict[str, Any] = {
    "cors": {
        "AllowOrigins": [f"https://app-{number}.example.com" for number in range(500)],
        "AllowMethods": ["GET", "POST"],
        "AllowHeaders": [f"x-header-{number}" for number in range(500)],
    },
    "request": {
        "origin": "https://app-1.example.org",
        "url": "https://api.example.com/items",
        "method": "PUT",
        "headers": [[f"x-header-{number}", "1"] for number in range(150)],
    },
}


@dataclass
class Samples:
    """Seconds of each kind of request, and what went wrong."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)

    def take(self, kind: str, ask: Callable[[], int], good: range = range(200, 400)) -> None:
        """Time a request."""
        start = time.perf_counter()
        try:
            status = ask()
        except (OSError, http.client.HTTPException) as error:
            self.errors[f"{kind}: {type(error).__name__}"] += 1
            return
        self.seconds.setdefault(kind, []).append(time.perf_counter() - start)
        self.statuses[f"{kind} {status}"] += 1
        if status not in good:
            self.errors[f"{kind}: status {status}"] += 1

    def quantile(self, kind: str, of: float) -> float:
        """Return the latency that a share of the requests kept."""
        taken = sorted(self.seconds.get(kind, [float("nan")]))
        return taken[min(len(taken) - 1, int(len(taken) * of))]


class Browser:
    """A signed-in client with one connection that it keeps."""

    def __init__(self, address: str, session: str = "", token: str = "") -> None:
        self._connection = http.client.HTTPConnection(address, timeout=30)
        self._headers: dict[str, str] = {}
        if session:
            self._headers |= {
                "Accept-Encoding": "gzip",
                "Cookie": f"corsdash_session={session}; corsdash_csrf={_CSRF}",
                "X-CSRFToken": _CSRF,
            }
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def ask(self, path: str, body: bytes | None = None, kind: str = "application/json") -> int:
        """Return the status; POST when there is a body."""
        self.status, self.body = self._ask(path, body, kind)
        return self.status

    def _ask(self, path: str, body: bytes | None, kind: str, tries: int = 2) -> tuple[int, bytes]:
        headers = self._headers | ({"Content-Type": kind} if body is not None else {})
        try:
            self._connection.request("GET" if body is None else "POST", path, body, headers)
            answer = self._connection.getresponse()
            return answer.status, answer.read()
        except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
            # As browsers do with a kept connection that the server has closed meanwhile.
            self._connection.close()
            if tries == 1:
                raise
            return self._ask(path, body, kind, tries - 1)


def main() -> None:
    """Run it and print the figures."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--probes", type=int, default=100)
    parser.add_argument("--slow", type=int, default=8)
    parser.add_argument("--think", type=float, default=5)
    given = parser.parse_args()
    up = Up("--demo", environ=UNHURRIED)
    try:
        up.line("^the demo's past day is ready$")
        address = urlsplit(up.url).netloc
        token = up.manage("token", "admin").strip()
        rest = Browser(address, token=token)
        until(lambda: len(_get(rest, "/api/v1/apis")["items"]) > 10, "the APIs are listed")
        apis = [api["id"] for api in _get(rest, "/api/v1/apis")["items"]]
        probes = _add_probes(rest, apis, given.probes)
        sessions = up.manage("shell", "-c", SESSIONS.format(count=given.sessions + 1)).split()[-given.sessions - 1 :]
        pages = ["/", "/changes/", "/origins/", "/probes/", "/incidents/", "/explain/", "/settings/"]
        pages += [f"/apis/{api}/{page}" for api in apis[:5] for page in ("", "configure/")]

        calm = Samples()
        quiet = Browser(address, sessions[-1])
        for page in pages * 2:
            calm.take("page", partial(quiet.ask, page))
            calm.take("health", lambda: quiet.ask("/api/v1/health"))
        loaded = Samples()
        _load(loaded, address, sessions, token, pages, apis, given)
        _report(calm, loaded, _latest(rest, probes), given)
    finally:
        up.stop()


def _load(
    samples: Samples,
    address: str,
    sessions: list[str],
    token: str,
    pages: list[str],
    apis: list[int],
    given: argparse.Namespace,
) -> None:
    over = threading.Event()

    def person(session: str) -> None:
        browser, chance = Browser(address, session), random.Random(session)
        over.wait(chance.uniform(0, given.think))
        while not over.is_set():
            page = chance.choice(pages)
            samples.take("page", partial(browser.ask, page))
            over.wait(chance.uniform(0.5, 1.5) * given.think)

    def checker() -> None:
        browser = Browser(address)
        while not over.wait(0.2):
            samples.take("health", lambda: browser.ask("/api/v1/health"))

    def importer() -> None:
        browser = Browser(address, sessions[-1])
        form = urlencode({"preset": "import", "preset_text": IMPORT}).encode()
        path = f"/apis/{apis[0]}/configure/"
        while not over.is_set():
            samples.take(
                "import", lambda: browser.ask(path, form, "application/x-www-form-urlencoded"), range(200, 500)
            )

    def explainer() -> None:
        browser = Browser(address, token=token)
        for call in count():
            if over.is_set():
                return
            # Each has another configuration, as answers to the same one are kept.
            origins = [*EXPLAIN["cors"]["AllowOrigins"][1:], f"https://call-{call}.example.com"]
            asked = EXPLAIN | {"cors": EXPLAIN["cors"] | {"AllowOrigins": origins}}
            samples.take("explain", partial(browser.ask, "/api/v1/explain", json.dumps(asked).encode()))

    def slow() -> None:
        host, _, port = address.rpartition(":")
        head = b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
        while not over.is_set():
            with socket.create_connection((host, int(port))) as client:
                client.settimeout(0.5)
                client.sendall(head)
                while not over.is_set():
                    try:
                        if not client.recv(1000):
                            break
                    except TimeoutError:
                        continue
                    except ConnectionError:
                        break

    work = [checker, importer, explainer, *[slow] * given.slow]
    threads = [threading.Thread(target=one) for one in work]
    threads += [threading.Thread(target=person, args=[session]) for session in sessions[:-1]]
    for thread in threads:
        thread.start()
    time.sleep(given.seconds)
    over.set()
    for thread in threads:
        thread.join(60)


def _get(browser: Browser, path: str) -> Any:
    assert browser.ask(path) == 200, (path, browser.body)
    return json.loads(browser.body)


def _add_probes(rest: Browser, apis: list[int], count: int) -> list[int]:
    created = []
    for n in range(count):
        probe = {"api": apis[n % len(apis)], "origin": f"https://load-{n}.example.com", "interval": INTERVAL}
        assert rest.ask("/api/v1/probes", json.dumps(probe).encode()) < 300, rest.body
        created.append(int(json.loads(rest.body)["id"]))
    return created


def _latest(rest: Browser, probes: list[int]) -> float:
    """Return by how many seconds the latest run of any probe missed its interval."""
    late = []
    for probe in probes:
        results = _get(rest, f"/api/v1/probes/{probe}/results")["items"]
        times = sorted(datetime.fromisoformat(result["at"]).timestamp() for result in results)
        # The first run is right after the probe was added, and not on its place within the interval yet.
        gaps = [later - earlier - INTERVAL for earlier, later in pairwise(times[1:])]
        late.append(max([*gaps, time.time() - times[-1] - INTERVAL if times else float("inf")]))
    return max(late)


def _report(calm: Samples, loaded: Samples, latest: float, given: argparse.Namespace) -> None:
    print(f"{given.sessions} sessions, {given.probes} probes, {given.slow} slow clients, {given.seconds} s")
    for kind, of in (("health", 0.99), ("page", 0.95)):
        before, after = calm.quantile(kind, of), loaded.quantile(kind, of)
        count = len(loaded.seconds.get(kind, []))
        print(
            f"{kind:8} p{of * 100:.0f} {after:6.3f} s ({count} requests; calm {before:.3f}: {after / before:.1f} times)"
        )
    for kind in ("import", "explain"):
        taken = loaded.seconds.get(kind, [])
        print(f"{kind:8} median {statistics.median(taken) if taken else float('nan'):6.3f} s ({len(taken)} requests)")
    print(f"probes   latest {latest:+.1f} s")
    print("statuses", dict(sorted(loaded.statuses.items())))
    print("errors  ", dict(loaded.errors) or "none")


if __name__ == "__main__":
    main()
