"""`manage.py up`: everything comes up in order, stays up, and goes away whole."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import urllib.request
from contextlib import ExitStack
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit

import psutil
import pytest

from apis.management.up.claim import first_free
from apis.management.web import limits
from corsdash.environment import DATABASE_FILE
from tests.support.servers import until
from tests.support.sinks import HttpSink
from tests.support.up import PASSWORD, ROOT, Up, own_environ

DOCKERFILE = ROOT / "Dockerfile"


def fetch(url: str, data: dict[str, str] | None = None, jar: CookieJar | None = None) -> tuple[int, str]:
    """Status and body, as a browser would get them: redirects followed, cookies kept in `jar`."""
    jar = CookieJar() if jar is None else jar
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    body = urlencode(data).encode() if data is not None else None
    try:
        with opener.open(urllib.request.Request(url, body, {"Referer": url}), timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def fetch_or_none(url: str) -> int | None:
    """The status, None when no one listens."""
    try:
        return fetch(url)[0]
    except OSError:
        return None


def family(up: Up) -> list[psutil.Process]:
    """The runner's process and all under it."""
    runner = psutil.Process(up.process.pid)
    return [runner, *runner.children(recursive=True)]


def rest(up: Up, token: str, path: str, body: object = None, method: str | None = None) -> Any:
    """What the REST API answers: to a GET, to a POST of `body`, or as `method` says."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{up.url}/api/v1/{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.loads(answer.read() or "null")


def apis(up: Up, token: str) -> list[str]:
    """The names of the APIs that the dashboard lists."""
    return [api["name"] for api in rest(up, token, "apis")["items"]]


def children(up: Up, words: str) -> list[psutil.Process]:
    """The run's processes whose command line has `words` in it: one, or none while it is being started again."""
    found = psutil.Process(up.process.pid).children(recursive=True)
    return [one for one in found if words in _command_of(one)]


def _command_of(process: psutil.Process) -> str:
    """Its command line, "" when it has ended meanwhile."""
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that still run."""
    return [one for one in processes if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


def test_ready_means_that_all_is_well(up: Up) -> None:
    """`ready at` is printed once the health page says so, and the web server keeps saying it."""
    status, body = fetch(f"{up.url}/api/v1/health")
    assert (status, json.loads(body)["status"]) == (200, "ok")


def test_the_first_user_signs_in(up: Up) -> None:
    """With CORSDASH_ADMIN_PASSWORD, which is not printed."""
    jar = CookieJar()
    _, form = fetch(f"{up.url}/sign-in/", jar=jar)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)
    assert found
    filled = {"csrfmiddlewaretoken": found[1], "login": "admin", "password": PASSWORD}
    status, _ = fetch(f"{up.url}/sign-in/", filled, jar)
    assert status == 200
    assert any(cookie.name == "corsdash_session" for cookie in jar)
    assert PASSWORD not in up.output


@pytest.mark.once
def test_the_aws_cli_works_against_the_demo(up: Up) -> None:
    """With the endpoint that is printed and any keys."""
    found = subprocess.run(
        [
            Path(sysconfig.get_path("scripts")) / "aws",
            *("apigatewayv2", "get-apis", "--region", "us-east-1", "--output", "json"),
            *("--endpoint-url", up.demo_endpoint),
        ],
        env={**os.environ, "AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "thing"},
        check=True,
        capture_output=True,
        timeout=60,
    ).stdout
    assert "my-frontend-app-api" in [api["Name"] for api in json.loads(found)["Items"]]


def test_the_first_sync_finds_the_demo_apis(up: Up) -> None:
    """Without anyone asking for it."""
    token = up.manage("token", "admin").strip()
    until(lambda: "my-frontend-app-api" in apis(up, token), "the demo's APIs are listed")


@pytest.mark.once
def test_the_demo_opens_its_own_addresses_and_no_others(up: Up, webhook_sink: HttpSink) -> None:
    """Not all of loopback, where databases and other people's programs listen."""
    token = up.manage("token", "admin").strip()

    def ask(path: str, body: object = None) -> Any:
        return rest(up, token, path, body)

    for name, url in (("inside", webhook_sink.url), ("demo", up.demo_endpoint)):
        channel = ask("channels", {"kind": "webhook", "name": name, "url": f"{url}/hook"})["id"]
        sent = ask(f"channels/{channel}/test", {})["id"]

        def tried(sent: int = sent) -> Any:
            [row] = [one for one in ask("deliveries")["items"] if one["id"] == sent]
            return row["attempts"] and row

        [attempt, *_] = until(tried, "the message was tried")["attempts"]
        # The demo answers that it knows no such operation.
        assert (attempt["status"] is not None) is (name == "demo")
    assert webhook_sink.received == []


@pytest.mark.once
def test_a_slow_aws_does_not_hold_up_the_probes(up: Up) -> None:
    """More regions wait for it than a worker has threads, and a probe runs at once all the same."""
    token = up.manage("token", "admin").strip()

    def ask(path: str, body: object = None) -> Any:
        return rest(up, token, path, body)

    until(lambda: "my-frontend-app-api" in apis(up, token), "the demo's APIs are listed")
    [api] = [one for one in ask("apis")["items"] if one["name"] == "my-frontend-app-api"]
    probe = ask("probes", {"api": api["id"], "origin": "https://example.com", "path": "/items", "interval": 86400})
    faults = f"{up.demo_endpoint}/_demo/faults"
    slow = json.dumps({"kind": "slow", "operation": "GetApis", "seconds": 4}).encode()
    urllib.request.urlopen(faults, slow, timeout=10).close()
    try:
        runs = [ask("sync", {})["run"] for _ in range(2)]
        before = len(ask(f"probes/{probe['id']}/results")["items"])
        ask(f"probes/{probe['id']}/run", {})
        until(lambda: len(ask(f"probes/{probe['id']}/results")["items"]) > before, "the probe has run")
        states = {region["state"] for run in runs for region in ask(f"sync/{run}")["regions"]}
        assert states == {"running", "waiting"}
    finally:
        urllib.request.urlopen(urllib.request.Request(faults, method="DELETE"), timeout=10).close()
    until(lambda: all(ask(f"sync/{run}")["state"] == "done" for run in runs), "the syncs are done")


@pytest.mark.once
@pytest.mark.parametrize(
    "sent",
    [
        b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n",
        b"POST /sign-in/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nlogin\r\n",
        b"GET /sign-in/ HTTP/1.1\r\nHost: local",
    ],
    ids=["body", "chunks", "head"],
)
def test_slow_clients_hold_up_no_one(up: Up, sent: bytes) -> None:
    """Many more of them than there are threads, as long as they like."""
    where = urlsplit(up.url)
    with ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection((where.hostname, where.port)))
            for _ in range(3 * limits.THREADS)
        ]
        for client in slow:
            client.sendall(sent)
        assert fetch(f"{up.url}/api/v1/health")[0] == 200
        assert fetch(f"{up.url}/sign-in/")[0] == 200
        for client in slow:
            client.setblocking(False)
            with pytest.raises(BlockingIOError):
                client.recv(1)


@pytest.mark.once
def test_a_form_that_is_too_large_is_refused_by_a_page(up: Up) -> None:
    """The server reads none of it, and Django says so."""
    jar = CookieJar()
    fetch(f"{up.url}/sign-in/", jar=jar)
    status, body = fetch(f"{up.url}/sign-in/", {"login": "x" * 3_000_000}, jar)
    assert (status, "<!doctype html>" in body) == (413, True)


@pytest.mark.once
def test_allowed_hosts_do_not_stop_health_checks() -> None:
    """Neither the one of `up` nor that of the image; strangers' names are refused everywhere else."""
    running = Up("--demo", environ={"CORSDASH_ALLOWED_HOSTS": "cors.example.com"})
    url = running.url
    port = url.rpartition(":")[2]
    [check] = re.findall(r'HEALTHCHECK .* CMD (\["python".*\])', DOCKERFILE.read_text().replace("\\\n", ""))
    command = [sys.executable, *json.loads(check.replace(":8000", f":{port}"))[1:]]
    assert subprocess.run(command, timeout=20).returncode == 0

    def status(path: str, host: str) -> int:
        request = urllib.request.Request(url + path, headers={"Host": host})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except HTTPError as error:
            return error.code

    hosts = ("cors.example.com", f"127.0.0.1:{port}", "198.51.100.7")
    assert [status("/sign-in/", host) for host in hosts] == [200, 200, 400]
    assert [status("/api/v1/health", host) for host in hosts] == [200, 200, 200]
    assert running.stop() == 0


@pytest.mark.once
def test_a_dead_child_is_started_again(up: Up) -> None:
    """One line says so, and the work goes on."""
    [worker] = children(up, "-Q celery")
    worker.kill()
    up.line(r"^worker exited \(killed by SIGKILL\); restarting in 0\.5 s$")
    until(lambda: any(one != worker for one in children(up, "-Q celery")), "there is another worker")
    [web] = children(up, " serve ")
    web.kill()
    up.line(r"^web exited \(")
    until(lambda: fetch_or_none(f"{up.url}/api/v1/health") == 200, "the dashboard answers again")


@pytest.mark.once
def test_the_supervisor_has_nothing_that_a_fork_would_share(up: Up) -> None:
    """No thread and no connection: its children, of which some were just started again, are copies of it."""
    supervisor, *parts = family(up)
    assert supervisor.num_threads() == 1
    assert supervisor.net_connections("inet") == []
    opened = {file.path for file in supervisor.open_files()}
    lock, database = (str(up.home / "up" / name) for name in ("up.lock", DATABASE_FILE))
    assert lock in opened
    assert database not in opened
    assert not any(lock in {file.path for file in part.open_files()} for part in parts)


@pytest.mark.once
def test_a_worker_whose_schedule_fails_is_started_again(tmp_path: Path) -> None:
    """Its thread takes the whole worker along, or nothing would be due any more."""
    (tmp_path / "up").mkdir(mode=0o700)
    schedule = tmp_path / "up" / "beat-schedule"
    schedule.mkdir()
    running = Up(home=tmp_path, environ={"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "thing"})
    running.line("The scheduler has failed")
    running.line(r"^worker exited \(")
    schedule.rmdir()
    assert running.url
    assert running.stop() == 0


@pytest.mark.once
def test_after_a_kill_and_after_a_stop_nothing_is_left_but_the_data() -> None:
    """kill -9 takes the children along; the next start finds data and ports as they were; SIGTERM ends it in 10 s."""
    first = Up("--demo")
    port = first.url.rpartition(":")[2]
    first.line("^the demo's past day is ready$")
    processes = family(first)
    first.process.kill()
    until(lambda: not alive(processes), "all its processes are gone", 10)

    again = Up("--port", port, home=first.home)
    assert again.url == first.url
    assert again.demo_endpoint == first.demo_endpoint
    again.line(r"^its CORS settings are kept")
    token = again.manage("token", "admin").strip()
    until(lambda: len(apis(again, token)) > 10, "the APIs are listed again")
    processes = family(again)
    again.process.send_signal(signal.SIGTERM)
    assert again.process.wait(10) == 0
    assert alive(processes) == []


def refused(*arguments: str, **environ: str) -> str:
    """What an `up` that cannot start says; its exit code is not 0."""
    run = subprocess.run(
        [*Up.COMMAND, *arguments],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    return (run.stdout + run.stderr).strip()


@pytest.mark.once
def test_a_port_in_use(tmp_path: Path) -> None:
    """One sentence that says what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        shown = refused("--port", port, **own_environ(tmp_path))
    assert shown.splitlines() == [
        f"CommandError: cannot listen on 127.0.0.1 port {port} (Address already in use): "
        "stop what uses it, or choose others with --host and --port"
    ]


@pytest.mark.once
def test_of_two_that_start_at_once_each_has_a_port() -> None:
    """The other one has chosen its port and does not yet listen on it."""
    port = first_free()
    code = (
        "import sys; from apis.management.up.claim import first_free; print(first_free(int(sys.argv[1])), flush=True)"
    )
    command = [sys.executable, "-c", f"{code}; sys.stdin.read()", str(port)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert int(other.stdout.readline()) == port
        assert first_free(port) != port
        other.communicate()
    assert first_free(port) == port


def test_a_second_one_on_the_same_data(up: Up) -> None:
    """It says which process has the data folder."""
    [line] = refused("--port", "0", **up.environ).splitlines()
    assert f"already runs on the data folder {up.home / 'up'} (process {up.process.pid})" in line


@pytest.mark.once
def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A file in its place stands for all reasons: root may write everywhere else."""
    (tmp_path / "file").touch()
    [line] = refused(**own_environ(tmp_path) | {"CORSDASH_DATA": str(tmp_path / "file" / "data")}).splitlines()
    assert f"the data folder {tmp_path / 'file' / 'data'} cannot be written (Not a directory)" in line
