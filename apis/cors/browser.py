"""What browsers do with a cross-origin call: when they ask first, what they ask, and whether script gets the answer.

The rules are those of the Fetch standard where browsers follow it, else what Chrome, Firefox and Safari do alike;
where they differ from each other the verdict is Chrome's and a note names the others. The order of the checks is
Chrome's as well: it decides which of several mistakes is named.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from apis.cors import messages, reasons
from apis.cors.call import Failure, Leg, Stage, bad_redirect, first_leg, is_redirect, redirected, unfollowable
from apis.cors.exchange import Answer, Exchange, Headers, Request, Verdict
from apis.cors.fields import everything, exposed, lower_members, members
from apis.cors.origins import is_local, parse_url
from apis.cors.safelist import BROWSERS, CHROME_ONLY, SAFE_METHODS, Browser

MAX_REDIRECTS = 20
# What browsers treat differently, besides redirects and headers set on several lines.
_QUIRKY = CHROME_ONLY | {"accept", "range", "user-agent"}


def judge(exchange: Exchange, browser: Browser = "chrome", *, with_notes: bool = True) -> Verdict:
    """Return what a browser decides of an exchange. Never raises: a call that fetch() itself refuses is blocked.

    `with_notes=False` skips notes and console messages, for bulk use. An answer that is missing
    (`preflight` None though one is needed, `response` None) counts as a failed connection.
    """
    walk = _Walk(exchange, browser)
    failure, leg = walk.failure, walk.leg
    notes = [*walk.notes, *_notes(exchange, walk)] if with_notes else []
    if failure:
        return Verdict(
            needs_preflight=walk.preflighted,
            allowed=False,
            code=failure.code,
            reason=reasons.blocked(failure),
            parameter=failure.parameter,
            notes=tuple(notes),
            messages=messages.console(failure) if with_notes else (),
        )
    readable: tuple[str, ...] = ()
    answer = exchange.response
    assert answer is not None, "a call without an answer fails"
    if not is_redirect(answer) and (leg.checked or not leg.cors):
        readable = exposed(answer, leg.include) if leg.cors else everything(answer)
        if with_notes and leg.cors and members(answer.get("access-control-expose-headers")) is None:
            notes.append(reasons.INVALID_EXPOSE_LIST)
    return Verdict(walk.preflighted, True, None, reasons.allowed(leg, answer), readable, notes=tuple(notes))


def decisive(answer: Answer) -> Answer:
    """Return an answer without the values of headers that decide nothing, such as Date: it is judged the same."""
    return Answer(answer.status, tuple([pair if _decides(pair[0]) else (pair[0], "") for pair in answer.headers]))


@lru_cache(4096)
def _decides(name: str) -> bool:
    name = name.lower()
    return name.startswith("access-control-") or name == "location"


def needs_preflight(request: Request, browser: Browser = "chrome") -> bool:
    """Return whether the browser asks the server with OPTIONS before it sends this call."""
    return _asking(request, browser)[0]


def preflight_headers(request: Request, browser: Browser = "chrome") -> Headers:
    """Return Origin, Access-Control-Request-Method and, unless empty, -Headers as a browser's preflight has them.

    Also for a call that needs none: then they are what its preflight would say.
    """
    return _asking(request, browser)[1]


# A probe asks both of the same request at each run.
@lru_cache(4096)
def _asking(request: Request, browser: Browser) -> tuple[bool, Headers]:
    """Return whether a call needs a preflight, and the headers that one would have."""
    leg, failure = first_leg(request, browser)
    lines = [("Origin", leg.origin), ("Access-Control-Request-Method", leg.method)]
    if leg.unsafe:
        lines.append(("Access-Control-Request-Headers", ",".join(leg.unsafe)))
    return failure is None and leg.sends_preflight, tuple(lines)


def check_preflight(leg: Leg, answer: Answer) -> Failure | None:
    """Return what is wrong with the answer to a leg's preflight (Fetch: CORS-preflight fetch), in Chrome's order."""
    if is_redirect(answer):
        return Failure("PreflightDisallowedRedirect", answer.get("location"), leg, answer, "preflight")
    if leg.target.origin != leg.origin:
        failure = check_access(leg, answer, "preflight")
        if failure:
            return failure
    if not 200 <= answer.status <= 299:
        return Failure("PreflightInvalidStatus", str(answer.status), leg, answer, "preflight")
    method_line = answer.get("access-control-allow-methods")
    methods = members(method_line)
    if methods is None:
        return Failure("InvalidAllowMethodsPreflightResponse", method_line, leg, answer, "preflight")
    header_line = answer.get("access-control-allow-headers")
    names = lower_members(header_line)
    if names is None:
        return Failure("InvalidAllowHeadersPreflightResponse", header_line, leg, answer, "preflight")
    if leg.method not in SAFE_METHODS and leg.method not in methods and (leg.include or "*" not in methods):
        return Failure("MethodDisallowedByPreflightResponse", leg.method, leg, answer, "preflight")
    if leg.unsafe and (leg.include or "*" not in names):
        missing = tuple(name for name in leg.unsafe if name not in names)
        if missing:
            return Failure("HeaderDisallowedByPreflightResponse", missing[0], leg, answer, "preflight", missing)
    return None


def check_access(leg: Leg, answer: Answer, stage: Stage) -> Failure | None:
    """Return what is wrong with an answer's Access-Control-Allow-Origin and -Credentials (Fetch: CORS check)."""
    value = answer.get("access-control-allow-origin")
    if value == "*" and not leg.include:
        return None
    code, parameter = "", value
    if value != leg.origin:
        code = _origin_code(value)
    elif leg.include:
        parameter = answer.get("access-control-allow-credentials") or ""
        code = "InvalidAllowCredentials" if parameter != "true" else ""
    if not code:
        return None
    return Failure(f"Preflight{code}" if stage == "preflight" else code, parameter, leg, answer, stage)


def _origin_code(value: str | None) -> str:
    if value is None:
        return "MissingAllowOriginHeader"
    if value == "*":
        return "WildcardOriginNotAllowed"
    if " " in value or "," in value:
        return "MultipleAllowOriginValues"
    # Chrome takes %20 in a host, which the standard does not.
    readable = value == "null" or parse_url(_as_utf8(value).replace("%20", "_"))
    return "AllowOriginMismatch" if readable else "InvalidAllowOriginValue"


def _as_utf8(value: str) -> str:
    """Return a header value, which comes with a character for each byte, as the UTF-8 text that Chrome takes it for."""
    if value.isascii() or max(value) > "\xff":
        return value
    return value.encode("latin-1").decode("utf-8", "replace")


class _Walk:
    """An exchange followed leg by leg: `leg` is the last one reached, `failure` what went wrong there, if anything.

    `preflighted` says whether a preflight was sent on the way.
    """

    def __init__(self, exchange: Exchange, browser: Browser) -> None:
        self.browser = browser
        self.preflighted = False
        self.notes: list[str] = []
        self.leg, self.failure = first_leg(exchange.request, browser)
        preflight = exchange.preflight
        for number, redirect in enumerate(exchange.redirects):
            if self.failure or not self._answered(preflight, redirect.answer, "redirect"):
                return
            self.leg, self.failure = self._next_leg(redirect.answer, number)
            preflight = redirect.preflight
        response = exchange.response
        if not self.failure and self._answered(preflight, response, "response") and response and is_redirect(response):
            # No one followed it: then only its own rules can be judged.
            _, self.failure = self._next_leg(response, len(exchange.redirects))

    def _answered(self, preflight: Answer | None, answer: Answer | None, stage: Stage) -> bool:
        """Judge the answers to the current leg; False when one of them fails."""
        leg = self.leg
        if leg.sends_preflight:
            self.preflighted = True
            # After a redirect elsewhere Firefox still asks in the page's name, though it calls in that of `null`.
            asking = replace(leg, origin=leg.page) if self.browser == "firefox" else leg
            self.failure = check_preflight(asking, preflight) if preflight else _unanswered(asking, "preflight")
            if self.failure:
                return False
            if "authorization" in leg.unsafe and _only_wildcard(preflight):
                self.notes.append(reasons.AUTHORIZATION_UNDER_WILDCARD)
        if answer is None:
            self.failure = _unanswered(leg, stage)
            return False
        if is_redirect(answer):
            self.failure = unfollowable(leg, answer)
        if not self.failure and leg.checked:
            self.failure = check_access(leg, answer, stage)
        return self.failure is None

    def _next_leg(self, answer: Answer, followed: int) -> tuple[Leg, Failure | None]:
        """Return the leg after a redirect and the failure that stops it; `followed` counts the redirects before it."""
        if not is_redirect(answer):
            return self.leg, bad_redirect("ERR_INVALID_REDIRECT", None, self.leg, answer)
        if followed == MAX_REDIRECTS:
            return self.leg, bad_redirect("ERR_TOO_MANY_REDIRECTS", None, self.leg, answer)
        return redirected(self.leg, answer, self.browser)


def _unanswered(leg: Leg, stage: Stage) -> Failure:
    return Failure("InvalidResponse", None, leg, None, stage)


def _only_wildcard(preflight: Answer | None) -> bool:
    names = (members(preflight.get("access-control-allow-headers")) if preflight else None) or []
    return "authorization" not in (name.lower() for name in names)


def _notes(exchange: Exchange, walk: _Walk) -> list[str]:
    """Return where browsers differ from each other on this exchange, and what is decided besides CORS."""
    notes = []
    host = walk.leg.target.host
    if is_local(host):
        page = parse_url(walk.leg.page)
        if page is None or not is_local(page.host):
            notes.append(reasons.local_network(host))
    if walk.browser == "chrome" and _is_quirky(exchange):
        for browser in BROWSERS[1:]:
            other = _Walk(exchange, browser)
            ours, theirs = walk.leg, other.leg
            if (walk.preflighted, ours.sends_preflight, ours.unsafe) != (
                other.preflighted,
                theirs.sends_preflight,
                theirs.unsafe,
            ):
                notes.append(reasons.difference(browser, ours, theirs))
    return notes


def _is_quirky(exchange: Exchange) -> bool:
    """Return whether the call has something that browsers are known to treat differently."""
    names = [name.lower() for name, _ in exchange.request.headers]
    return bool(exchange.redirects) or len(set(names)) < len(names) or not _QUIRKY.isdisjoint(names)
