"""The calls in a HAR, each as its browser recorded it, and whether the CORS check was for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apis.cors.exchange import Answer
from apis.cors.origins import parse_url
from apis.cors.paste.result import ReadingError, clean
from apis.cors.paste.sent import Sent, read_sent
from apis.cors.safelist import is_safelisted

MAX_ENTRIES = 5_000
_BY_SCRIPT = frozenset({"fetch", "xhr", "eventsource", "preflight"})
"""What Chrome calls the calls of script; all but a fetch() that asks for another mode are subject to CORS."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """One call of a HAR. `kind` and `error` are Chrome's words for what it was and why it failed, "" from others."""

    place: int
    url: str
    method: str
    kind: str
    error: str
    sent: Sent
    answer: Answer | None

    @property
    def is_preflight(self) -> bool:
        """Whether it asks for permission to make another call."""
        return bool(self.sent.requested_method) and self._is_http

    @property
    def is_by_script(self) -> bool:
        """Whether script made the call, as far as one can see; fonts and module scripts have to pass CORS as well."""
        return self.kind in _BY_SCRIPT if self.kind else self.sent.use in ("", "empty")

    @property
    def is_unknown(self) -> bool:
        """Whether nothing states what kind of call it was."""
        return self._is_http and not self.kind and not self.sent.mode

    def is_checked(self, asked: bool) -> bool:
        """Return whether the answer has to pass the CORS check; `asked`: a preflight asked for this call.

        Pages, forms, sockets and what a page embeds are sent to other origins without one. Of a call that was never
        sent Chrome knows neither its mode nor its origin, but its kind. Firefox and Safari record no kind.
        """
        if not self._is_http or self.is_preflight or self.kind == "preflight":
            return False
        if self.sent.mode:
            return self.sent.mode == "cors"
        if asked or self.kind:
            return asked or self.kind in _BY_SCRIPT
        return self.sent.names_origin or self._only_script_sends

    @property
    def _is_http(self) -> bool:
        url = parse_url(self.url)
        return url is not None and url.scheme in ("http", "https")

    @property
    def _only_script_sends(self) -> bool:
        if self.method.upper() not in ("GET", "HEAD", "POST"):
            return True
        kinds = (value for name, value in self.sent.headers if name.lower() == "content-type")
        return any(not is_safelisted("content-type", value) for value in kinds)


def recorded(document: Any) -> list[Recorded]:
    """Return the calls in a HAR, in a list of its entries or in one entry, whatever else is in there."""
    if isinstance(document, dict):
        log = document.get("log")
        document = log.get("entries") if isinstance(log, dict) else document.get("entries", [document])
    if isinstance(document, list) and len(document) > MAX_ENTRIES:
        raise ReadingError(f"This HAR has more than {MAX_ENTRIES:,} calls. Copy the one entry.")
    found = []
    for place, entry in enumerate(document if isinstance(document, list) else []):
        request = entry.get("request") if isinstance(entry, dict) else None
        if isinstance(request, dict) and isinstance(request.get("url"), str):
            response = entry.get("response")
            found.append(
                Recorded(
                    place=place,
                    url=request["url"],
                    method=_text(request, "method") or "GET",
                    kind=_text(entry, "_resourceType").lower(),
                    error=_text(response, "_error"),
                    sent=read_sent(_pairs(request), recorded=True),
                    answer=_answer(response),
                )
            )
    return found


def _text(side: Any, name: str) -> str:
    value = side.get(name) if isinstance(side, dict) else None
    return value if isinstance(value, str) else ""


def _pairs(side: dict[str, Any]) -> list[tuple[str, str]]:
    """Return the header lines of a request or an answer, and a Cookie line when it only has a list of cookies."""
    lines = side.get("headers")
    found = []
    for line in lines if isinstance(lines, list) else []:
        if isinstance(line, dict) and isinstance(line.get("name"), str) and isinstance(line.get("value"), str):
            found.append((clean(line["name"]), clean(line["value"])))
    if side.get("cookies") and isinstance(side["cookies"], list):
        found.append(("Cookie", ""))
    return found


def _answer(response: Any) -> Answer | None:
    """Return an answer; None when the browser notes status 0, which is that it got or gave none."""
    status = response.get("status") if isinstance(response, dict) else None
    if not isinstance(status, int) or not 100 <= status <= 999:
        return None
    lines = [(name, value) for name, value in _pairs(response) if name != "Cookie"]
    return Answer(status, tuple((name, "" if name.lower() == "set-cookie" else value) for name, value in lines))
