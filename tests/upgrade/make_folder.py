"""Make the small data folder that every later version must upgrade: `python -m tests.upgrade.make_folder FILE`.

It runs the real dashboard with its demo AWS, uses it through REST and its pages until every table has rows, and writes
the database as compressed SQL. Run it from the oldest version whose data must be kept; its file is never made again.
"""

from __future__ import annotations

import gzip
import json
import re
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3

from tests.support.sinks import http_sink
from tests.support.up import PASSWORD, UNHURRIED, Up
from tests.upgrade.folder import KEY

ORIGIN = "https://new.example.com"


class Person:
    """Uses the dashboard: pages with a session, REST with a token."""

    def __init__(self, up: Up, name: str) -> None:
        self.url = up.url
        self.token = up.manage("token", name).strip()
        self.name = name
        self.pages = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def ask(self, path: str, body: Any = None, method: str = "") -> Any:
        """One REST call: a GET, or a POST of `body`."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", data, headers, method=method or None)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.code} {error.read().decode()[:600]}") from error
        return json.loads(text) if text else None

    def page(self, path: str) -> str:
        """A page."""
        text: str = self.pages.open(f"{self.url}{path}", timeout=60).read().decode()
        return text

    def submit(self, path: str, form: str = "", **fields: str) -> str:
        """Send a form to `path`, as found on the page `form` (default: the same); returns the page that follows."""
        page = self.page(form or path)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, path
        data = urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        request = urllib.request.Request(f"{self.url}{path}", data, {"Referer": self.url})
        text: str = self.pages.open(request, timeout=60).read().decode()
        return text

    def sign_in(self, password: str) -> None:
        """Sign in on the page."""
        self.submit("/sign-in/", login=self.name, password=password)


def wait[T](what: str, look: Callable[[], T], seconds: float = 60) -> T:
    """Return the first truthy value of `look`."""
    ends = time.monotonic() + seconds
    while not (found := look()):
        if time.monotonic() > ends:
            raise TimeoutError(what)
        time.sleep(0.2)
    return found


def use(up: Up, hook: str) -> None:
    """Do everything once that leaves a row behind."""
    admin = Person(up, "admin")
    admin.sign_in("not the password")
    admin.sign_in(PASSWORD)
    _sync(admin)
    apis = {api["name"]: api for api in wait("the APIs", lambda: admin.ask("apis?limit=200")["items"])}
    alice = _second_person(up, admin)
    admin.ask("channels", {"kind": "webhook", "name": "hook", "url": hook, "proposals": True})
    mail = admin.ask("channels", {"kind": "email", "name": "mail", "address": "ops@example.com"})
    admin.ask(f"channels/{mail['id']}/test", {})
    _approval(admin, alice, apis)
    _probes_and_incidents(admin, apis)
    _bulk(admin, apis)
    _drift(up, admin, apis)
    _grants(admin, apis)
    _deployment(admin, apis)
    _failures(up, admin, apis)
    wait("a message", lambda: [row for row in admin.ask("deliveries")["items"] if row["state"] == "sent"])


def _sync(person: Person) -> dict[str, Any]:
    run = person.ask("sync", {})["run"]

    def done() -> Any:
        seen = person.ask(f"sync/{run}")
        return seen["state"] != "running" and seen

    found: dict[str, Any] = wait("the sync", done)
    return found


def _second_person(up: Up, admin: Person) -> Person:
    page = admin.submit("/settings/people/add/", username="alice", name="Alice", role="edit")
    link = re.search(r"/choose-password/[^\s\"<]+", page)
    assert link, page
    password = "only for this folder"
    alice = Person(up, "alice")
    with alice.pages.open(f"{alice.url}{link[0]}", timeout=60) as form:
        path = form.geturl().removeprefix(alice.url)
    alice.submit(path, new_password1=password, new_password2=password)
    alice.sign_in(password)
    return alice


def _cors(api: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**(api["cors"] or {}), **fields}


def _approval(admin: Person, alice: Person, apis: dict[str, Any]) -> None:
    """A rule, and proposals in several states."""
    admin.submit("/settings/approval/", key="team", value="fulfilment")
    orders = apis["orders-api"]
    body = {"cors": _cors(orders, AllowOrigins=["https://example.com"]), "version": orders["version"], "note": "Typo"}
    one = alice.ask(f"apis/{orders['id']}/proposals", body)
    admin.ask(f"proposals/{one['id']}/comment", {"text": "Looks right"})
    admin.ask(f"proposals/{one['id']}/approve", {"revision": one["revision"]})
    wait("the proposal", lambda: alice.ask(f"proposals/{one['id']}")["state"] == "applied")
    seen = alice.ask(f"apis/{orders['id']}")
    body = {"cors": _cors(seen, MaxAge=900), "version": seen["version"]}
    two = alice.ask(f"apis/{orders['id']}/proposals", body)
    admin.ask(f"proposals/{two['id']}/decline", {"text": "Not now"})
    alice.ask(f"apis/{orders['id']}/proposals", {**body, "note": "Longer"})
    later = (datetime.now(UTC) + timedelta(days=360)).isoformat()
    catalog = apis["shop-catalog"]
    body = {"cors": _cors(catalog, MaxAge=3600), "version": catalog["version"], "at": later}
    admin.ask(f"apis/{catalog['id']}/proposals", body)


def _probes_and_incidents(admin: Person, apis: dict[str, Any]) -> None:
    """A probe that passes and is then blocked by a change: an incident, acknowledged, and a second that is over."""
    api = apis["my-frontend-app-api"]
    cors = {"AllowOrigins": [ORIGIN], "AllowMethods": ["GET", "POST"], "AllowHeaders": ["content-type"], "MaxAge": 60}
    admin.ask(f"apis/{api['id']}/cors", {"cors": cors, "version": api["version"], "note": "Switch on"}, "PUT")
    call = {"api": api["id"], "origin": ORIGIN, "method": "GET", "path": "/items", "failures": 1, "interval": 86400}
    probe = admin.ask("probes", call | {"name": "items from the app"})
    blocked = admin.ask("probes", call | {"origin": "https://evil.example", "expect": "blocked", "name": "a stranger"})
    gone = admin.ask("probes", call | {"method": "POST", "headers": ["content-type"], "name": "deleted later"})
    for one in (probe, blocked, gone):
        _run(admin, one["id"])
    admin.ask(f"probes/{gone['id']}", method="DELETE")
    for _ in range(2):
        seen = admin.ask(f"apis/{api['id']}")
        body = {"cors": _cors(seen, AllowOrigins=["https://other.example.com"]), "version": seen["version"]}
        change = admin.ask(f"apis/{api['id']}/cors", body | {"note": "Move away"}, "PUT")
        _run(admin, probe["id"])
        incident = wait("an incident", lambda: admin.ask("incidents?state=open")["items"])[0]
        admin.ask(f"incidents/{incident['id']}/acknowledge", {"note": "On it"})
        admin.ask(f"changes/{change['id']}/revert", {"note": "Back"})
        _run(admin, probe["id"])
        wait("its end", lambda: not admin.ask("incidents?state=open")["items"])
    seen = admin.ask(f"apis/{api['id']}")
    body = {"cors": _cors(seen, AllowOrigins=["https://x.example"]), "version": seen["version"], "guard": True}
    admin.ask(f"apis/{api['id']}/cors", body, "PUT")
    wait("the guard", lambda: admin.ask(f"apis/{api['id']}/changes")["items"][0]["kind"] == "guard")
    broken = apis["account-service"]
    call = {"api": broken["id"], "origin": "https://app.example.com", "path": "/me", "headers": ["authorization"]}
    _run(admin, admin.ask("probes", call | {"failures": 1, "interval": 86400, "name": "stays down"})["id"])


def _run(person: Person, probe: int) -> None:
    before = len(person.ask(f"probes/{probe}/results")["items"])
    person.ask(f"probes/{probe}/run", {})
    wait("a result", lambda: len(person.ask(f"probes/{probe}/results")["items"]) > before)


def _bulk(admin: Person, apis: dict[str, Any]) -> None:
    """One operation over APIs that can and cannot be changed, and its revert."""
    rows = [apis[name]["id"] for name in ("preview-backend", "store-locator", "legacy-reports")]
    job = admin.ask("bulk", {"apis": rows, "add": {"AllowOrigins": [ORIGIN]}, "note": "Launch"})
    wait("the job", lambda: admin.ask(f"bulk/{job['job']}")["state"] == "done")
    back = admin.ask(f"groups/{job['group']}/revert", {"note": "Too early"})
    wait("its revert", lambda: admin.ask(f"bulk/{back['job']}")["state"] == "done")


def _drift(up: Up, admin: Person, apis: dict[str, Any]) -> None:
    """Changes made in AWS: accepted, ignored, attributed, and one on an API that is locked to a baseline."""
    names = ("shop-checkout", "analytics-collector", "profile-service")
    locked = apis["shop-checkout"]
    version = admin.ask(f"apis/{locked['id']}")["version"]
    admin.ask(f"apis/{locked['id']}/baseline", {"version": version, "note": "Audited"}, "PUT")
    for name in names:
        api = apis[name]
        client = boto3.client(
            "apigatewayv2", region_name=api["region"], endpoint_url=up.demo_endpoint, aws_access_key_id="somebody",
            aws_secret_access_key="any",
        )  # fmt: skip
        client.update_api(ApiId=api["api_id"], CorsConfiguration={"AllowOrigins": [f"https://{name}.example"]})
    _sync(admin)
    found = {name: admin.ask(f"apis/{apis[name]['id']}/changes")["items"][0] for name in names}
    assert {change["kind"] for change in found.values()} == {"drift"}
    admin.ask(f"changes/{found['analytics-collector']['id']}/accept", {"note": "Agreed"})
    until = (datetime.now(UTC) + timedelta(days=360)).isoformat()
    admin.ask(f"changes/{found['profile-service']['id']}/ignore", {"until": until, "note": "A trial"})
    admin.ask(f"changes/{found['shop-checkout']['id']}/revert", {"note": "Back to the baseline"})


def _grants(admin: Person, apis: dict[str, Any]) -> None:
    """Temporary access: one that lasts, one that has ended."""
    api = apis["preview-backend"]["id"]
    for origin in ("https://one.example", "https://two.example"):
        grant = admin.ask(f"apis/{api}/grants", {"origin": origin, "lasts": 31_104_000, "note": "A visitor"})
        _wait_for_grant(admin, grant["id"], "active")
    admin.ask(f"grants/{grant['id']}/end", {"note": "Done"})
    _wait_for_grant(admin, grant["id"], "ended")


def _wait_for_grant(person: Person, pk: int, state: str) -> None:
    wait(f"the grant to be {state}", lambda: person.ask(f"grants/{pk}")["state"] == state)


def _deployment(admin: Person, apis: dict[str, Any]) -> None:
    row = apis["partner-portal"]["id"]
    admin.submit(f"/apis/{row}/refresh/", form=f"/apis/{row}/")
    wait("its stages", lambda: "prod" in admin.page(f"/apis/{row}/"))
    made = admin.ask(f"apis/{row}/deployments", {"stage": "prod"})
    wait("the deployment", lambda: admin.ask(f"deployments/{made['id']}")["state"] in ("done", "failed"))


def _failures(up: Up, admin: Person, apis: dict[str, Any]) -> None:
    """A change that AWS refuses, a region that cannot be read, and an API that is gone."""
    api = admin.ask(f"apis/{apis['store-locator']['id']}")
    fault = {"kind": "refuse", "operation": "UpdateApi", "times": 1}
    _fault(up, fault)
    try:
        admin.ask(f"apis/{api['id']}/cors", {"cors": _cors(api, MaxAge=5), "version": api["version"]}, "PUT")
    except RuntimeError:
        pass
    _fault(up, {"kind": "refuse", "operation": "GetApis", "region": "eu-west-1", "times": 1})
    _sync(admin)
    boto3.client(
        "apigatewayv2", region_name="us-east-1", endpoint_url=up.demo_endpoint, aws_access_key_id="somebody",
        aws_secret_access_key="any",
    ).delete_api(ApiId=apis["shop-catalog"]["api_id"])  # fmt: skip
    _sync(admin)


def _fault(up: Up, fault: dict[str, Any]) -> None:
    urllib.request.urlopen(f"{up.demo_endpoint}/_demo/faults", json.dumps(fault).encode(), timeout=10).close()


def dump(database: Path) -> str:
    """The database as SQL."""
    with sqlite3.connect(database) as db:
        return "\n".join(db.iterdump()) + "\n"


def empty_tables(database: Path) -> list[str]:
    """The tables without a row."""
    with sqlite3.connect(database) as db:
        names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        return [name for name in names if not db.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone()]


def main(target: Path) -> None:
    """Make the folder and write its database to `target`."""
    with contextmanager(http_sink)() as sink:
        up = Up("--demo", environ=UNHURRIED | {"SECRET_KEY": KEY})
        try:
            use(up, f"{sink.url}/hook")
        finally:
            up.stop()
    database = up.home / "up" / "corsdash.sqlite3"
    print("empty:", ", ".join(empty_tables(database)) or "none")
    target.write_bytes(gzip.compress(dump(database).encode(), 9, mtime=0))
    print(f"{target}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
