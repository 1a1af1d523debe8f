"""A call as it goes over the wire: its first leg, and the one after each redirect (Fetch: HTTP-redirect fetch)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urljoin

from apis.cors.exchange import Answer, Headers, Request
from apis.cors.origins import SCHEME, Url, is_trustworthy, origin_of, parse_url, written
from apis.cors.safelist import (
    FORBIDDEN_METHODS,
    LOST_ON_REDIRECT,
    SAFE_METHODS,
    Browser,
    is_safelisted,
    is_token,
    is_value,
    joined,
    normal_method,
    normal_value,
    sent_lines,
    unsafe_names,
)

Stage = Literal["request", "preflight", "redirect", "response"]
"""What of a leg was at fault: the call itself, or the answer to its preflight, a redirect, the last answer."""

REDIRECT_STATUSES = frozenset({301, 302, 303, 307, 308})
_BODY_HEADERS = frozenset({"content-encoding", "content-language", "content-location", "content-type"})
_UNSAFE_SCHEMES = frozenset({"about", "data", "file", "filesystem"})
_NOWHERE = Url("", "")


@dataclass(slots=True)
class Leg:
    """One request of a call: the first, or the one after a redirect.

    `page` is the origin of the page and `origin` what the Origin header says, which redirects can turn to `null`;
    `names` are the headers that script set, as written, `sent` those of them that are sent, lower-case name to
    value, `lines` the same with repeats kept, `unsafe` those to ask permission for.
    `cors` says that the answer must pass the CORS check, `forced` that a preflight is due in any case.
    """

    page: str
    origin: str
    url: str
    target: Url
    method: str
    include: bool
    mode: str
    names: tuple[str, ...] = ()
    sent: dict[str, str] = field(default_factory=dict)
    lines: Headers = ()
    unsafe: tuple[str, ...] = ()
    cors: bool = True
    forced: bool = False
    first_url: str | None = None

    @property
    def checked(self) -> bool:
        """Whether answers must pass the CORS check."""
        return self.cors and self.mode == "cors"

    @property
    def sends_preflight(self) -> bool:
        """Whether a preflight is sent."""
        return self.checked and (self.method not in SAFE_METHODS or bool(self.unsafe) or self.forced)


@dataclass(slots=True)
class Failure:
    """Why a leg fails: `code` as in Verdict, `parameter` what it turns on, `answer` the one at fault, if any."""

    code: str
    parameter: str | None
    leg: Leg
    answer: Answer | None
    stage: Stage
    missing: tuple[str, ...] = ()


def first_leg(request: Request, browser: Browser) -> tuple[Leg, Failure | None]:
    """Return the call as the browser would send it, and what keeps it from being sent at all."""
    page = origin_of(request.origin) or "null"
    url = parse_url(request.url)
    method = normal_method(request.method)
    leg = Leg(page, page, written(request.url), url or _NOWHERE, method, request.credentials == "include", request.mode)
    refused = _refused(request, url, method)
    if url is None or refused is not None:
        return leg, _not_sent("TypeError", refused, leg)
    leg.names = tuple(name for name, _ in request.headers)
    leg.lines = sent_lines(request.headers, browser)
    leg.sent = joined(leg.lines)
    leg.cors = url.origin != page
    if request.mode == "no-cors":
        _keep(
            leg, {name for name, value in leg.sent.items() if name != "range" and is_safelisted(name, value, browser)}
        )
    leg.unsafe = _unsafe(leg, browser)
    return leg, _stopped(leg)


def _unsafe(leg: Leg, browser: Browser) -> tuple[str, ...]:
    """Firefox judges each line, as the standard does; Chrome and Safari the value that repeats make together."""
    lines = [(name, value) for name, value in leg.lines if name in leg.sent]
    return unsafe_names(lines if browser == "firefox" else leg.sent.items(), browser)


def _keep(leg: Leg, names: Collection[str]) -> None:
    leg.lines = tuple((name, value) for name, value in leg.lines if name in names)
    leg.sent = joined(leg.lines)


def _refused(request: Request, url: Url | None, method: str) -> str | None:
    """Return the part of a request for which fetch() throws a TypeError."""
    if url is None or url.has_credentials or url.scheme not in ("http", "https"):
        return request.url
    if not is_token(method) or method.upper() in FORBIDDEN_METHODS:
        return request.method
    if request.mode == "no-cors" and method not in SAFE_METHODS:
        return request.method
    for name, value in request.headers:
        if not is_token(name) or not is_value(normal_value(value)):
            return name
    return None


def _stopped(leg: Leg) -> Failure | None:
    """Return what stops a leg before the network: mixed content, or a mode that keeps to the page's origin."""
    if leg.page.startswith("https://") and not is_trustworthy(leg.target):
        return _not_sent("mixed-content", leg.url, leg)
    if leg.cors and leg.mode == "same-origin":
        return _not_sent("DisallowedByMode", leg.mode, leg)
    return None


def _not_sent(code: str, parameter: str | None, leg: Leg) -> Failure:
    return Failure(code, parameter, leg, None, "request")


def bad_redirect(code: str, parameter: str | None, leg: Leg, answer: Answer) -> Failure:
    """Return a redirect that the browser does not follow."""
    return Failure(code, parameter, leg, answer, "redirect")


def is_redirect(answer: Answer) -> bool:
    """Return whether browsers take an answer as a redirect: one of five statuses, with a Location."""
    return answer.status in REDIRECT_STATUSES and answer.get("location") is not None


def unfollowable(leg: Leg, answer: Answer) -> Failure | None:
    """Return what is wrong with a redirect's Location even before CORS is checked: it is no URL."""
    location, _, target = _resolve(leg.url, answer)
    return None if target else bad_redirect("ERR_INVALID_REDIRECT", location, leg, answer)


def redirected(leg: Leg, answer: Answer, browser: Browser) -> tuple[Leg, Failure | None]:
    """Return the leg that follows a redirect that is not `unfollowable`, and what keeps the browser from sending it."""
    location, url, target = _resolve(leg.url, answer)
    if target is None or target.scheme not in ("http", "https"):
        code = "ERR_UNSAFE_REDIRECT" if target and target.scheme in _UNSAFE_SCHEMES else "CorsDisabledScheme"
        return leg, bad_redirect(code, location, leg, answer)
    crossing = target.origin != leg.target.origin
    cors = leg.cors or target.origin != leg.page
    if target.has_credentials:
        code = "RedirectContainsCredentials" if cors and leg.mode == "cors" else "ERR_INVALID_REDIRECT"
        return leg, bad_redirect(code, location, leg, answer)
    tainted = crossing and leg.target.origin != leg.page
    following = replace(
        leg,
        url=url,
        target=target,
        cors=cors,
        origin="null" if tainted else leg.origin,
        first_url=leg.first_url or leg.url,
    )
    _drop(following, answer.status, crossing, browser)
    following.unsafe = _unsafe(following, browser)
    # Safari goes on asking for Authorization though it no longer sends it; Firefox asks once more, even for nothing.
    following.forced = browser == "firefox" and leg.sends_preflight
    return following, _stopped(following)


def _resolve(base: str, answer: Answer) -> tuple[str, str, Url | None]:
    """Return a redirect's Location as it came, as a whole URL by the one it answers, and read; None for no URL."""
    location, ours = answer.get("location") or "", base.partition(":")[0]
    scheme = SCHEME.match(location)
    if scheme and scheme[1].lower() != ours:
        return location, written(location), parse_url(location)
    rest = (location[scheme.end() :] if scheme else location).replace("\\", "/")
    if rest.startswith("//"):
        whole = f"{ours}:{rest}"
    else:
        # What looks like a scheme behind our own is the start of a path.
        whole = urljoin(base, f"./{rest}" if SCHEME.match(rest) else rest)
    return location, written(whole), parse_url(whole)


def _drop(leg: Leg, status: int, crossing: bool, browser: Browser) -> None:
    """Take from the leg what a redirect takes: the method and its body, and Authorization for another origin."""
    lost: set[str] = set(LOST_ON_REDIRECT) if browser == "chrome" and leg.target.origin != leg.page else set()
    if crossing and browser != "safari":
        lost.add("authorization")
    bodiless = (status in (301, 302) and leg.method == "POST") or (status == 303 and leg.method not in ("GET", "HEAD"))
    if bodiless:
        leg.method = "GET"
        if browser != "firefox":
            lost |= _BODY_HEADERS
    _keep(leg, {name for name, _ in leg.lines} - lost)
    if bodiless and browser == "firefox":
        # Firefox leaves them out of this leg alone: with the next redirect they are back.
        leg.sent = {name: value for name, value in leg.sent.items() if name not in _BODY_HEADERS}
