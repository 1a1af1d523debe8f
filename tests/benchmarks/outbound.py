"""What the guard costs: preflights a second through `outbound.send_many` besides a bare pycurl loop.

    python -m tests.benchmarks.outbound [--calls 4000] [--rounds 5]

Both talk to the same asyncio server in a process of its own, over kept connections, 100 at a time. The client's CPU per
call is the figure to compare; calls a second also depend on the server. Run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import ssl
import statistics
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pycurl

from apis.outbound import Call, Guard, Reply, Sender
from tests.outbound.certificates import Authority

_ANSWER = (
    b"HTTP/1.1 204 No Content\r\ndate: Mon, 23 Nov 2026 12:00:00 GMT\r\naccess-control-allow-origin: https://app.example.com\r\n"
    b"access-control-allow-methods: GET,POST\r\naccess-control-allow-headers: authorization,content-type\r\n"
    b"access-control-max-age: 600\r\nvary: origin\r\napigw-requestid: AbCdEfGhIjKlMnO=\r\n\r\n"
)
_HEADERS = (("Origin", "https://app.example.com"), ("Access-Control-Request-Method", "POST"))
_CONCURRENCY = 100


class Answerer(asyncio.Protocol):
    """Answers each request head with the same preflight answer."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._transport.write(_ANSWER * data.count(b"\r\n\r\n"))  # type: ignore[attr-defined]


def _serve(pipe: Connection, certificate: str) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        plain = await loop.create_server(Answerer, "127.0.0.1", 0, backlog=500)
        secure = await loop.create_server(Answerer, "127.0.0.1", 0, ssl=context, backlog=500)
        pipe.send([server.sockets[0].getsockname()[1] for server in (plain, secure)])
        await asyncio.Event().wait()

    asyncio.run(main())


def bare(urls: list[str], ca_file: str) -> int:
    """Call them in a loop over CurlMulti with a pool of handles; returns how many answered."""
    multi = pycurl.CurlMulti()
    pool, answers, at = [], 0, 0
    lines = [f"{name}: {value}" for name, value in _HEADERS]
    for _ in range(_CONCURRENCY):
        curl = pycurl.Curl()
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.CAINFO, ca_file)
        pool.append(curl)
    left = len(urls)
    while left:
        while pool and at < len(urls):
            curl = pool.pop()
            curl.heads = []
            curl.setopt(pycurl.URL, urls[at])
            curl.setopt(pycurl.CUSTOMREQUEST, "OPTIONS")
            curl.setopt(pycurl.HTTPHEADER, lines)
            curl.setopt(pycurl.HEADERFUNCTION, curl.heads.append)
            multi.add_handle(curl)
            at += 1
        multi.perform()
        queued = 1
        while queued:
            queued, succeeded, failed = multi.info_read()
            for curl in succeeded:
                answers += curl.getinfo(pycurl.RESPONSE_CODE) == 204
            for curl in [*succeeded, *(entry[0] for entry in failed)]:
                multi.remove_handle(curl)
                pool.append(curl)
                left -= 1
        if left:
            multi.select(1.0)
    multi.close()
    return answers


def _guarded(urls: list[str], ca_file: str) -> int:
    with Sender(Guard(("127.0.0.0/8", "::1/128"), ca_file)) as sender:
        calls = [Call("OPTIONS", url, _HEADERS) for url in urls]
        outcomes = sender.send_many(calls, _CONCURRENCY, per_site=_CONCURRENCY)
    return sum(isinstance(outcome, Reply) and outcome.status == 204 for outcome in outcomes)


def _measure(run: Callable[[list[str], str], int], urls: list[str], ca_file: str) -> tuple[float, float]:
    """Calls a second, and the client's CPU in microseconds per call."""
    clock, cpu = time.perf_counter(), time.process_time()
    answers = run(urls, ca_file)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    if answers != len(urls):
        raise SystemExit(f"only {answers} of {len(urls)} calls were answered")
    return len(urls) / clock, cpu / len(urls) * 1e6


def main() -> None:
    """Measure both, in turn, and print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        here, there = multiprocessing.get_context("spawn").Pipe()
        certificate = str(authority.issue("127.0.0.1"))
        server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, certificate), daemon=True)
        server.start()
        try:
            plain, secure = here.recv()
            for scheme, port in (("http", plain), ("https", secure)):
                urls = [f"{scheme}://127.0.0.1:{port}/items"] * options.calls
                figures: dict[str, list[tuple[float, float]]] = {"bare": [], "guarded": []}
                for _ in range(options.rounds):
                    figures["bare"].append(_measure(bare, urls, str(authority.file)))
                    figures["guarded"].append(_measure(_guarded, urls, str(authority.file)))
                middle = {
                    name: [statistics.median(column) for column in zip(*rows, strict=True)]
                    for name, rows in figures.items()
                }
                for name, (rate, cpu) in middle.items():
                    print(f"{scheme:5} {name:8} {rate:8.0f} calls/s  {cpu:6.0f} us CPU per call")
                print(f"{scheme:5} guarded / bare: {middle['guarded'][0] / middle['bare'][0]:.2f} of the calls/s, "
                      f"{middle['guarded'][1] / middle['bare'][1]:.2f} times the CPU")  # fmt: skip
        finally:
            server.terminate()
            server.join()


if __name__ == "__main__":
    main()
