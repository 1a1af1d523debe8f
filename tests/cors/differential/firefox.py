"""The same comparison with a real Firefox, by hand: `python -m tests.cors.differential.firefox [count] [seed]`.

Firefox is driven through Marionette, its own remote control, and reaches the local server as its proxy. It does not say
why it blocks a call: compared are allowed or blocked, whether a preflight was sent and what it asked for, and the
headers that script can read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from apis.cors.exchange import Request
from tests.cors.differential.chromium import IN_FLIGHT, RUN
from tests.cors.differential.compare import Arena
from tests.cors.differential.generate import exchanges
from tests.cors.differential.server import Server

BATCH = 500
PATIENCE_S = 120
_PREFERENCES = {
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.no_proxies_on": "",
    "network.http.max-persistent-connections-per-proxy": 64,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.trr.mode": 5,
    "dom.security.https_first": False,
    "dom.security.https_first_schemeless": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage": "about:blank",
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.auto": False,
}


class Firefox:
    """A headless Firefox of its own, with the local server as its proxy."""

    def __init__(self, executable: str, port: int) -> None:
        self._executable, self._port, self._next = executable, port, 0
        self._page = ""

    async def __aenter__(self) -> Firefox:
        self._profile = tempfile.TemporaryDirectory(prefix="corsdash-firefox-", ignore_cleanup_errors=True)
        home = Path(self._profile.name)
        preferences = {**_PREFERENCES, "network.proxy.http_port": self._port}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
        (home / "user.js").write_text("".join(lines))
        command = [self._executable, "--headless", "--marionette", "--no-remote", "--profile", str(home)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            await asyncio.wait_for(self._connect(home / "MarionetteActivePort"), PATIENCE_S)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def _connect(self, note: Path) -> None:
        while not note.exists() or not note.read_text().strip():
            if self._process.poll() is not None:
                raise RuntimeError(f"Firefox ended automatically, with code {self._process.returncode}")
            await asyncio.sleep(0.1)
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", int(note.read_text()), limit=1 << 30)
        await self._read()
        session = await self._send("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
        self.version = "Firefox/" + session["capabilities"]["browserVersion"]
        await self._send("WebDriver:SetTimeouts", {"script": PATIENCE_S * 1000})

    async def __aexit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.wait()
        self._profile.cleanup()

    async def run(self, page: str, requests: Sequence[Request]) -> list[dict[str, Any]]:
        """Make the calls from a page of this origin; for each whether it was `allowed` and what was `exposed`."""
        if page != self._page:
            url = "http://app.test/sandboxed" if page == "null" else f"{page}/page"
            await self._send("WebDriver:Navigate", {"url": url})
            self._page = page
        calls = [
            {"url": r.url, "method": r.method, "headers": [list(h) for h in r.headers], "credentials": r.credentials,
             "mode": r.mode} for r in requests
        ]  # fmt: skip
        script = f"const done = arguments[arguments.length - 1]; ({RUN})({json.dumps(calls)}, {IN_FLIGHT}).then(done);"
        answer = await self._send("WebDriver:ExecuteAsyncScript", {"script": script, "args": [], "sandbox": None})
        outcomes: list[dict[str, Any]] = answer["value"]
        return outcomes

    async def _send(self, command: str, parameters: dict[str, Any]) -> dict[str, Any]:
        self._next += 1
        data = json.dumps([0, self._next, command, parameters]).encode()
        self._writer.write(f"{len(data)}:".encode() + data)
        await self._writer.drain()
        _, _, error, result = await asyncio.wait_for(self._read(), PATIENCE_S)
        if error:
            raise RuntimeError(f"{command}: {error['error']}: {error['message']}")
        return dict(result)

    async def _read(self) -> Any:
        length = int((await self._reader.readuntil(b":"))[:-1])
        return json.loads(await self._reader.readexactly(length))


async def compare(executable: str, count: int, seed: int) -> int:
    """Print every disagreement between Firefox and `judge(…, "firefox")`, made small; returns how many."""
    everything, found = list(exchanges(seed, count)), 0
    async with Server() as server, Firefox(executable, server.port) as browser:
        arena = Arena(server, browser, codes=False, judged_as="firefox")
        for start in range(0, count, BATCH):
            for difference in await arena.disagreements(everything[start : start + BATCH]):
                confirmed = await arena.confirm(difference)
                if confirmed:
                    found += 1
                    sys.stdout.write(f"{await arena.smallest(confirmed)}\n\n")
        sys.stdout.write(f"{browser.version}: {count:,} exchanges of seed {seed}, {found} disagreements\n")
    return found


def main(arguments: Sequence[str]) -> int:
    """Run the comparison; the exit code is 1 when they disagree."""
    parser = argparse.ArgumentParser(prog="python -m tests.cors.differential.firefox")
    parser.add_argument("count", nargs="?", type=int, default=2000)
    parser.add_argument("seed", nargs="?", type=int, default=20261123)
    parser.add_argument("--firefox", default=shutil.which("firefox") or shutil.which("firefox-esr"))
    given = parser.parse_args(arguments)
    if not given.firefox:
        parser.error("there is no Firefox: install one (Debian: apt install firefox-esr), or name one with --firefox")
    return 1 if asyncio.run(compare(given.firefox, given.count, given.seed)) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
