"""The stand-in gateway: serves each API of the demo AWS at its invoke URL, by the rules of `apis.cors.gateway`.

Which API is meant follows from Host, as with AWS: `{api}.execute-api.{region}.localhost`, or a custom domain. The
configuration, routes and stages are those that the demo AWS holds at that moment.
"""

from __future__ import annotations

import base64
import secrets
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from apis.cors.exchange import Answer
from apis.cors.gateway import JSON, NOT_FOUND, Call, answer
from apis.cors.policy import CorsPolicy
from apis.cors.routing import Route, path_in_api, who_answers
from apis.demo.emulator import backends, store
from apis.demo.emulator.clock import CLOCK
from apis.demo.emulator.faults import INVOKE, Faults

MOST_BODY = 10 * 1024 * 1024
"""A request's body may have so many bytes (AWS's quota)."""

_EMPTY = frozenset({204, 304})
_BROKEN = {"broken": (503, '{"message":"Service Unavailable"}'), "throttle": (429, '{"message":"Too Many Requests"}')}


class Gateway(ThreadingHTTPServer):
    """The server; a thread for each connection."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], faults: Faults) -> None:
        self.faults = faults
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore a client that hangs up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 75

    def __getattr__(self, name: str) -> Any:
        """Any method is served alike: `do_OPTIONS`, `do_PATCH` and what else people send."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""

    def _serve(self) -> None:
        host = self.headers.get("Host", "").lower()
        found = _at(host.rpartition(":")[0] or host, host, self.path)
        if not self._drain():
            return self._send(Answer(413, JSON), '{"message":"Request Entity Too Large"}')
        if found is None:
            return self._send(Answer(404, JSON), NOT_FOUND)
        api, bases = found
        server = self.server
        assert isinstance(server, Gateway)
        met = server.faults.take(INVOKE, "*", api.backend.region_name, api.api_id)
        if "drop" in met or "lose" in met:
            self.close_connection = True
            return None
        for kind in met:
            if kind in _BROKEN:
                status, body = _BROKEN[kind]
                return self._send(Answer(status, JSON), body)
        return self._send(*self._answer(api, f"http://{host}{self.path}", bases))

    def _answer(self, api: Any, url: str, bases: tuple[str, ...] | None) -> tuple[Answer, str]:
        if api.disable_execute_api_endpoint and bases is None:
            return Answer(404, JSON), NOT_FOUND
        sources = {key: tuple(one.identity_source or ()) for key, one in list(api.authorizers.items())}
        routes = tuple(
            Route(
                one.route_key,
                one.authorization_type or "NONE",
                one.authorizer_id or "",
                one.target or "",
                sources.get(one.authorizer_id or ""),
            )
            for one in list(api.routes.values())
        )
        stages = tuple(api.stages)
        call = Call(
            method=self.command,
            url=url,
            origin=self.headers.get("Origin", ""),
            requested_method=self.headers.get("Access-Control-Request-Method", ""),
            carries=frozenset(name.lower() for name in self.headers),
        )
        response, body = Answer(200, JSON), ""
        path = path_in_api(url, stages, bases)
        route = who_answers(routes, self.command, path) if path is not None else None
        if route is not None and path is not None:
            response, body = backends.answer(api, route, self.command, path)
        predicted = answer(
            _policy(api, self.path if bases is None else ""), call, routes, stages=stages, bases=bases, backend=response
        )
        own = bool(predicted.body) or predicted.by != "route"
        return predicted.answer, predicted.body if own else body

    def _drain(self) -> bool:
        """Read the body away, so that the connection can go on; False when it is too long."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit() or int(length) > MOST_BODY:
            self.close_connection = True
            return "Transfer-Encoding" in self.headers
        self.rfile.read(int(length))
        return True

    def _send(self, response: Answer, body: str) -> None:
        data = b"" if response.status in _EMPTY else body.encode()
        lines = [
            f"HTTP/1.1 {response.status} {_phrase(response.status)}",
            f"date: {self.date_time_string(CLOCK.time())}",
        ]
        lines += [f"{name}: {value}" for name, value in response.headers]
        if response.status not in _EMPTY:
            lines.append(f"content-length: {len(data)}")
        lines.append(f"apigw-requestid: {base64.b64encode(secrets.token_bytes(11)).decode()}")
        if self.close_connection:
            lines.append("connection: close")
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")
        self.wfile.write(head if self.command == "HEAD" else head + data)
        self.wfile.flush()


def _policy(api: Any, path: str) -> CorsPolicy:
    """Return the configuration in force at a path; of a stage that is deployed by hand, that of its last deployment."""
    stage = api.stages.get(path.lstrip("/").partition("?")[0].partition("/")[0])
    if stage is not None and not stage.auto_deploy:
        deployed: CorsPolicy | None = getattr(stage, "deployed_cors", None)
        return store.policy(api) if deployed is None else deployed
    return store.policy(api)


def _at(name: str, host: str, path: str) -> tuple[Any, tuple[str, ...] | None] | None:
    """Return the API at a host, with its address there when it is a custom domain."""
    parts = name.split(".")
    if len(parts) == 4 and parts[1] == "execute-api" and parts[3] == "localhost":
        api = store.anywhere(parts[2], parts[0])
        return None if api is None or api.protocol_type != "HTTP" else (api, None)
    best: tuple[Any, tuple[str, ...]] | None = None
    length = -1
    for mapping, api in store.mappings(name):
        key = mapping.api_mapping_key or ""
        under = not key or f"{path.partition('?')[0]}/".startswith(f"/{key}/")
        if under and len(key) > length:
            length, best = len(key), (api, (f"http://{host}/{key}" if key else f"http://{host}",))
    return best


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
