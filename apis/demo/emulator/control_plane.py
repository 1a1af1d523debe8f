"""The control plane: a WSGI application that makes moto's API Gateway behave, and answer, as AWS does."""

from __future__ import annotations

import io
import json
import threading
from collections import deque
from collections.abc import Callable, Iterable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.moto_server.werkzeug_app import create_backend_app

from apis.demo import kept, seed
from apis.demo.emulator import cloudtrail, store, sts
from apis.demo.emulator import request as reading
from apis.demo.emulator.clock import CLOCK
from apis.demo.emulator.faults import Calls, Faults
from apis.demo.emulator.operations import OPERATIONS, Refusal, finished
from apis.demo.emulator.request import AwsRequest
from apis.demo.emulator.response import Reply, bad_request, error, ok, xml_error
from apis.demo.emulator.store import backend

_LARGEST_INBOX = 200
_STS = ("AssumeRole", "GetCallerIdentity")
_FAULTS = {
    "throttle": (429, "TooManyRequestsException", "Too Many Requests"),
    "expired": (403, "ExpiredTokenException", "The security token included in the request is expired"),
    "broken": (503, "ServiceUnavailableException", "Service Unavailable"),
    "missing": (501, "NotImplementedException", "Not implemented"),
}


class DemoAws:
    """API Gateway's HTTP APIs in every account and region, what of STS leads there, and CloudTrail's event history."""

    def __init__(self, gateway_port: int, calls: Calls, faults: Faults, settings: Path | None = None) -> None:
        self._gateway_port, self._calls, self._faults, self._settings = gateway_port, calls, faults, settings
        self._inbox: deque[dict[str, Any]] = deque(maxlen=_LARGEST_INBOX)
        self._moto = create_backend_app("apigatewayv2")
        # moto is not made for threads, and a merge must not lose another's.
        self._lock = threading.RLock()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a WSGI request."""
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        reply = self._reply(environ, body)
        status = f"{reply.status} {HTTPStatus(reply.status).phrase}"
        length = [] if reply.status == 204 else [("Content-Length", str(len(reply.body)))]
        start_response(status, [*reply.headers, *length])
        return [reply.body]

    def _reply(self, environ: dict[str, Any], body: bytes) -> Reply:
        if environ.get("HTTP_ORIGIN") or environ["REQUEST_METHOD"] == "OPTIONS":
            # As with AWS, whose control plane no page can call. Here it also keeps pages from changing anything.
            words = "Unable to determine service/operation name to be authorized"
            return error(403, "AccessDeniedException", words)
        if environ.get("PATH_INFO", "").startswith("/_demo/"):
            return self._serve_demo_path(environ, body)
        request = reading.read(environ, body)
        agent, source = environ.get("HTTP_USER_AGENT", ""), environ.get("REMOTE_ADDR", "")
        where = (request.operation, request.account, request.region, request.api)
        call = self._calls.note(*where, request.key, agent, source, request.parameters)
        met = self._faults.take(request.operation, request.account, request.region, request.api)
        if "drop" in met:
            raise ConnectionResetError
        reply = self._wrong(request, met) or self._right(request, environ)
        call.status = reply.status
        if "lose" in met:
            raise ConnectionResetError
        return reply

    def _wrong(self, request: AwsRequest, met: list[str]) -> Reply | None:
        for kind in met:
            if kind == "garbage":
                return Reply(
                    200, b"<html><body>Welcome to the hotel's network</body></html>", (("Content-Type", "text/html"),)
                )
            if kind == "refuse" or kind in _FAULTS:
                who = f"arn:aws:iam::{request.account}:user/demo"
                denied = f"User: {who} is not authorized to perform: {request.operation}"
                status, code, message = _FAULTS.get(kind, (403, "AccessDeniedException", denied))
                if request.operation in _STS:
                    return xml_error(status, code.removesuffix("Exception"), message)
                return error(status, code, message)
        return None

    def _right(self, request: AwsRequest, environ: dict[str, Any]) -> Reply:
        if request.operation in _STS:
            return sts.answer(request)
        if request.operation == "LookupEvents":
            return cloudtrail.answer(request, self._calls)
        known = request.operation in OPERATIONS or hasattr(ApiGatewayV2Response, _snake(request.operation))
        if not request.operation or not known:
            what = request.operation or f"operation behind {environ['REQUEST_METHOD']} {environ.get('PATH_INFO', '')}"
            return error(501, "NotImplementedException", f"The demo AWS has no {what}.")
        with self._lock:
            try:
                backend(request.account, request.region)
            except KeyError:
                words = f"The demo AWS has no region {request.region}."
                return error(403, "UnrecognizedClientException", words)
            reply = self._carry_out(request, environ)
            if self._settings and reply.status < 300 and not request.operation.startswith("Get"):
                kept.save(self._settings)
            return reply

    def _carry_out(self, request: AwsRequest, environ: dict[str, Any]) -> Reply:
        def forward(body: dict[str, Any] | None) -> Reply:
            return self._ask_moto(request, environ, request.body if body is None else json.dumps(body).encode())

        operation = OPERATIONS.get(request.operation)
        try:
            reply = operation(request, forward, self._gateway_port) if operation else forward(None)
        except Refusal as refused:
            return bad_request(str(refused))
        except (ValueError, AttributeError, TypeError):
            return bad_request("Invalid request body")
        return finished(request, reply) if reply.status < 300 else reply

    def _ask_moto(self, request: AwsRequest, environ: dict[str, Any], body: bytes) -> Reply:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], *_: Any) -> Callable[[bytes], object]:
            started.extend((status, headers))
            return lambda _: None

        scope = f"Credential=demo/20260101/{request.region}/apigateway/aws4_request"
        changed = {
            **environ,
            "wsgi.input": io.BytesIO(body),
            "CONTENT_LENGTH": str(len(body)),
            # AWS reads JSON whatever it is called; moto takes a form for something else.
            "CONTENT_TYPE": "application/json",
            "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
            "HTTP_X_MOTO_ACCOUNT_ID": request.account,
        }
        answer = self._moto(changed, start)
        try:
            raw = b"".join(answer)
        finally:
            close = getattr(answer, "close", None)
            if close:
                close()
        # moto calls its JSON HTML.
        kept = tuple((name, value) for name, value in started[1] if name.lower() == "x-amzn-errortype")
        return Reply(int(started[0].split()[0]), raw, (("Content-Type", "application/json"), *kept))

    def _serve_demo_path(self, environ: dict[str, Any], body: bytes) -> Reply:
        """Serve the paths that AWS does not have: its calls, faults to simulate, its clock, and a receiver of webhooks.

        GET lists, DELETE clears, POST adds; a POST to /_demo/reset plants all APIs again.
        """
        method, page = environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/_demo/").rstrip("/")
        pages: dict[str, Any] = {"calls": self._calls.as_json, "faults": self._faults.as_json}
        pages |= {"clock": lambda: {"behind": CLOCK.behind}, "inbox": lambda: list(self._inbox), "reset": dict}
        if page not in pages:
            return error(404, "NotFoundException", f"There are {', '.join(f'/_demo/{name}' for name in pages)}.")
        try:
            if method == "POST":
                self._add(page, json.loads(body or b"{}"))
            elif method == "DELETE":
                self._clear(page)
            elif method != "GET":
                raise KeyError
        except KeyError:
            return error(405, "BadRequestException", "GET lists, DELETE clears, POST adds.")
        except (ValueError, TypeError) as wrong:
            return bad_request(str(wrong))
        return ok({page: pages[page]()})

    def _clear(self, page: str) -> None:
        """Empty what a page lists. Raises KeyError where nothing can be cleared."""
        lists: dict[str, Any] = {"calls": self._calls, "faults": self._faults, "inbox": self._inbox}
        lists[page].clear()

    def _add(self, page: str, value: Any) -> None:
        """Take what was posted to a page. Raises KeyError where nothing can be, ValueError and TypeError."""
        if page == "faults":
            self._faults.add(**value)
        elif page == "clock":
            CLOCK.behind = float(value["behind"])
        elif page == "inbox":
            self._inbox.append({"at": CLOCK.time(), "message": value})
        elif page == "reset":
            with self._lock:
                store.empty()
                seed.plant(self._gateway_port)
                self._calls.clear()
                self._faults.clear()
                self._inbox.clear()
        else:
            raise KeyError(page)


def _snake(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")
