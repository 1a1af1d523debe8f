"""Chromium over the DevTools pipe: pages of several origins that run many fetch() calls at once."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from apis.cors.exchange import Request

FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-domain-reliability",
    "--disable-dev-shm-usage",
    "--metrics-recording-only",
    "--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable",
    "--remote-debugging-pipe",
)
IN_FLIGHT = 64
_ACCESS = re.compile(r"Access to fetch at '([^']*)' (?:\(redirected from '([^']*)'\) )?from origin")

# The browser reads commands from descriptor 3 and writes answers to 4.
_LAUNCH = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)

RUN = """(calls, width) => {
  const outcomes = new Array(calls.length);
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < calls.length; i = next++) {
      const {url, method, headers, credentials, mode} = calls[i];
      try {
        const answer = await fetch(url, {method, headers, credentials, mode});
        outcomes[i] = {allowed: true, exposed: [...new Set(answer.headers.keys())].sort()};
      } catch (error) {
        outcomes[i] = {allowed: false, exposed: []};
      }
    }
  };
  return Promise.all(Array.from({length: width}, worker)).then(() => outcomes);
}"""


def in_own_loop[T](work: Coroutine[Any, Any, T]) -> T:
    """Run `work` to its end in a thread with a loop of its own: Playwright's may be running in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


class Chromium:
    """A headless Chromium of its own, with every `.test` name on the local server."""

    def __init__(
        self, executable: Path, port: int, arguments: Sequence[str] = (), environ: Mapping[str, str] | None = None
    ) -> None:
        self._command, self._environ, self._port = [str(executable), *arguments, *FLAGS], environ, port
        self._next = 0
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._pages: dict[str, str] = {}
        self._first_url: dict[str, str] = {}
        self._failed: dict[str, str | None] = {}
        self._said: dict[str, str] = {}
        self._news = asyncio.Event()

    async def __aenter__(self) -> Chromium:
        self._profile = tempfile.TemporaryDirectory(prefix="corsdash-chromium-", ignore_cleanup_errors=True)
        down, up = os.pipe(), os.pipe()
        theirs = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (down[0], up[1])]
        os.close(down[0])
        os.close(up[1])
        rules = f"MAP *.test 127.0.0.1:{self._port}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, *map(str, theirs), *self._command,
             f"--user-data-dir={self._profile.name}", f"--host-resolver-rules={rules}", "about:blank"],
            pass_fds=theirs,
            env={**os.environ, **(self._environ or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        for end in theirs:
            os.close(end)
        loop = asyncio.get_running_loop()
        self._reader = asyncio.StreamReader(limit=1 << 30)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(self._reader), os.fdopen(up[0], "rb"))
        self._writer = os.fdopen(down[1], "wb")
        self._listener = loop.create_task(self._listen())
        try:
            self.version = (await self._send("Browser.getVersion"))["product"]
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *exception: object) -> None:
        self._listener.cancel()
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait()
        self._writer.close()
        self._profile.cleanup()

    async def run(self, page: str, requests: Sequence[Request]) -> list[dict[str, Any]]:
        """Make the calls from a page of this origin; for each `allowed`, `exposed` and, when blocked, `code`
        and what the `console` said.
        """
        session = self._pages.get(page) or await self._open(page)
        calls = [
            {"url": r.url, "method": r.method, "headers": [list(h) for h in r.headers], "credentials": r.credentials,
             "mode": r.mode} for r in requests
        ]  # fmt: skip
        expression = f"({RUN})({json.dumps(calls)}, {IN_FLIGHT})"
        outcomes: list[dict[str, Any]] = await self._evaluate(expression, session)
        await self._catch_up(session)
        for request, outcome in zip(requests, outcomes, strict=True):
            outcome["code"] = None if outcome["allowed"] else self._failed.pop(request.url, None)
            outcome["console"] = self._said.pop(request.url, None)
        return outcomes

    async def _evaluate(self, expression: str, session: str) -> Any:
        wanted = {"expression": expression, "awaitPromise": True, "returnByValue": True}
        return (await self._send("Runtime.evaluate", wanted, session))["result"].get("value")

    async def _catch_up(self, session: str) -> None:
        """Wait for the errors of all calls so far: they come in order, but a little after the promises."""
        url = f"http://api0.test/none/{self._next}"
        await self._evaluate(f"fetch('{url}').catch(() => 0)", session)
        while url not in self._failed or url not in self._said:
            self._news.clear()
            await asyncio.wait_for(self._news.wait(), 10)

    async def _open(self, page: str) -> str:
        target = await self._send("Target.createTarget", {"url": "about:blank", "newWindow": True})
        attached = await self._send("Target.attachToTarget", {"targetId": target["targetId"], "flatten": True})
        session = self._pages[page] = attached["sessionId"]
        url = "http://app.test/sandboxed" if page == "null" else f"{page}/page"
        moved = await self._send("Page.navigate", {"url": url}, session)
        assert "errorText" not in moved, moved
        await self._send("Network.enable", {}, session)
        await self._send("Log.enable", {}, session)
        for _ in range(100):
            if await self._evaluate("self.origin + document.title", session) == f"{page}Differential":
                return session
            await asyncio.sleep(0.02)
        raise AssertionError(f"the page {page} did not load")

    async def _send(
        self, method: str, params: dict[str, Any] | None = None, session: str | None = None
    ) -> dict[str, Any]:
        self._next += 1
        message: dict[str, Any] = {"id": self._next, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = session
        reply = self._replies[self._next] = asyncio.get_running_loop().create_future()
        data = json.dumps(message).encode() + b"\0"
        # Large batches would fill the pipe while the browser waits for us to read.
        await asyncio.to_thread(self._write, data)
        return await asyncio.wait_for(reply, 120)

    def _write(self, data: bytes) -> None:
        self._writer.write(data)
        self._writer.flush()

    async def _listen(self) -> None:
        try:
            while True:
                self._heard(json.loads((await self._reader.readuntil(b"\0"))[:-1]))
        except asyncio.IncompleteReadError:
            for reply in self._replies.values():
                reply.set_exception(RuntimeError("Chromium has ended"))

    def _heard(self, message: dict[str, Any]) -> None:
        if "id" in message:
            reply = self._replies.pop(message["id"])
            if "error" in message:
                reply.set_exception(RuntimeError(str(message["error"])))
            else:
                reply.set_result(message["result"])
            return
        event, params = message["method"], message["params"]
        if event == "Network.requestWillBeSent" and params.get("type") != "Preflight":
            self._first_url.setdefault(params["requestId"], params["request"]["url"])
        elif event == "Network.loadingFailed" and params["requestId"] in self._first_url:
            code = (params.get("corsErrorStatus") or {}).get("corsError")
            self._failed[self._first_url[params["requestId"]]] = code
            self._news.set()
        elif event == "Log.entryAdded" and (found := _ACCESS.match(params["entry"]["text"])):
            self._said[found[2] or found[1]] = params["entry"]["text"]
            self._news.set()
