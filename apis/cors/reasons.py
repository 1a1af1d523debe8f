"""State why a call is blocked or allowed, in one sentence with the header, its value and the page's origin."""

from __future__ import annotations

from apis.cors.call import Failure, Leg, is_redirect
from apis.cors.exchange import Answer
from apis.cors.origins import parse_url
from apis.cors.safelist import Browser

AUTHORIZATION_UNDER_WILDCARD = (
    "Chrome, Firefox and Safari accept “*” in Access-Control-Allow-Headers for Authorization when the call has no "
    "credentials; Chrome warns. The Fetch standard does not accept it: list authorization by name."
)
INVALID_EXPOSE_LIST = (
    "Access-Control-Expose-Headers contains an invalid header name, so browsers ignore the whole list. Scripts read "
    "only the seven safelisted headers."
)
_NAMES = {"firefox": "Firefox", "safari": "Safari"}
_LONGEST = 120  # characters of a value that a sentence shows


def _quoted(value: str | None) -> str:
    text = (value or "")[: _LONGEST + 1]
    if not text.isprintable():
        text = "".join(char if char.isprintable() else f"\\u{ord(char):04X}" for char in text)
    return f"“{text[:_LONGEST]}…”" if len(text) > _LONGEST else f"“{text}”"


def _where(failure: Failure) -> str:
    """Name the response that failed, with its status."""
    names = {"preflight": "preflight response", "redirect": "redirect", "response": "response"}
    return f"The {names[failure.stage]} (status {failure.answer.status if failure.answer else 'unknown'})"


def _page(leg: Leg) -> str:
    """Return the origin that servers see: the page's own, or `null` after a redirect to another origin."""
    if leg.origin == leg.page:
        return leg.page
    return f"{leg.origin} (after a redirect; the page is {leg.page})"


def blocked(failure: Failure) -> str:
    """Return the reason why a call is blocked."""
    return _SENTENCES[failure.code.removeprefix("Preflight")](failure)


def allowed(leg: Leg, answer: Answer | None) -> str:
    """Return the reason why a call is allowed."""
    if not leg.cors:
        return f"{leg.url} has the page's own origin, {leg.page}: CORS does not apply."
    if not leg.checked:
        return f"Mode {leg.mode}: the request is sent, but scripts at {leg.page} cannot read the response."
    value = (answer.get("access-control-allow-origin") or "") if answer else ""
    page = "" if value == leg.origin == leg.page else f" {_page(leg)}"
    how = ", with credentials" if leg.include else ""
    if answer and is_redirect(answer):
        return (
            f"Access-Control-Allow-Origin {_quoted(value)} matches the page's origin{page}{how}. The browser follows "
            f"the redirect to {_quoted(answer.get('location'))}; its response decides."
        )
    return f"Allowed: Access-Control-Allow-Origin {_quoted(value)} matches the page's origin{page}{how}."


def _missing_origin(failure: Failure) -> str:
    return f"{_where(failure)} has no Access-Control-Allow-Origin header for {_page(failure.leg)}."


def _wildcard(failure: Failure) -> str:
    return f"Access-Control-Allow-Origin is “*”, but a call with credentials needs exactly {_page(failure.leg)}."


def _multiple(failure: Failure) -> str:
    lines = len(failure.answer.lines("access-control-allow-origin")) if failure.answer else 1
    times = f"is sent {lines} times, as" if lines > 1 else "is"
    value, page = _quoted(failure.parameter), _page(failure.leg)
    return f"Access-Control-Allow-Origin {times} {value}, but browsers accept only one origin: {page}."


def _invalid_origin(failure: Failure) -> str:
    value, page = _quoted(failure.parameter), _page(failure.leg)
    return f"Access-Control-Allow-Origin is {value}, which is not an origin. It must be exactly {page}."


def _mismatch(failure: Failure) -> str:
    value, leg = failure.parameter or "", failure.leg
    nearly = _near_miss_reason(value, leg.origin)
    return f"Access-Control-Allow-Origin is {_quoted(value)}, but the page's origin is {_page(leg)}{nearly}."


def _near_miss_reason(value: str, origin: str) -> str:
    """Return what differs when it is a detail that is easy to miss, or ""."""
    if value.lower() == origin:
        return " (upper and lower case differ)"
    if value.lower().rstrip("/") == origin:
        return " (an origin has no trailing slash)"
    given, wanted = parse_url(value), parse_url(origin)
    if given is None or wanted is None:
        return ""
    if given == wanted:
        return " (an origin is only scheme, host and any non-default port)"
    differs = [part for part in ("scheme", "host", "port") if getattr(given, part) != getattr(wanted, part)]
    return f" (the {differs[0]} differs)" if len(differs) == 1 else ""


def _credentials(failure: Failure) -> str:
    value = failure.parameter
    given = f"is {_quoted(value)}" if value else "is missing or empty"
    page = _page(failure.leg)
    return f"Access-Control-Allow-Credentials {given}, but a call with credentials from {page} needs exactly “true”."


def _status(failure: Failure) -> str:
    leg = failure.leg
    return (
        f"The preflight response for {leg.origin} has status {failure.parameter}; {leg.method} needs a status from 200 "
        "to 299."
    )


def _preflight_redirect(failure: Failure) -> str:
    return (
        f"The preflight from {failure.leg.origin} was redirected to {_quoted(failure.parameter)}. Browsers do not "
        "follow redirects of preflights."
    )


def _unreadable_methods(failure: Failure) -> str:
    return (
        f"Access-Control-Allow-Methods is {_quoted(failure.parameter)}, which contains an invalid method name, so "
        f"every preflight from {failure.leg.origin} fails."
    )


def _unreadable_headers(failure: Failure) -> str:
    return (
        f"Access-Control-Allow-Headers is {_quoted(failure.parameter)}, which contains an invalid header name, so "
        f"every preflight from {failure.leg.origin} fails."
    )


def _given(failure: Failure, header: str, include: bool) -> str:
    """Return a list header's value, noting that its `*` is not a wildcard with credentials."""
    value = failure.answer.get(header) if failure.answer else None
    if value is None:
        return "is missing"
    star = " (“*” is not a wildcard with credentials)" if include and "*" in value else ""
    return f"is {_quoted(value)}{star}"


def _method(failure: Failure) -> str:
    leg = failure.leg
    given = _given(failure, "access-control-allow-methods", leg.include)
    listed = (failure.answer.get("access-control-allow-methods") or "") if failure.answer else ""
    case = " in exactly this case" if leg.method.upper() in listed.upper() else ""
    return f"Access-Control-Allow-Methods {given}, but the call from {leg.origin} needs {_quoted(leg.method)}{case}."


def _header(failure: Failure) -> str:
    given = _given(failure, "access-control-allow-headers", failure.leg.include)
    names = ", ".join(failure.missing[:8]) + (" and more" if len(failure.missing) > 8 else "")
    return f"Access-Control-Allow-Headers {given}, but the call from {failure.leg.origin} needs {_quoted(names)}."


def _no_answer(failure: Failure) -> str:
    what = "preflight" if failure.stage == "preflight" else "call"
    return f"The {what} from {failure.leg.origin} to {failure.leg.url} got no response."


def _mode(failure: Failure) -> str:
    leg = failure.leg
    return f"The request's mode is “{leg.mode}”, but {leg.url} has another origin than the page, {leg.page}."


def _mixed(failure: Failure) -> str:
    leg = failure.leg
    return f"Mixed content: browsers do not call {leg.url} over http from {leg.page}, a page loaded over https."


def _refused(failure: Failure) -> str:
    value = _quoted(failure.parameter)
    return f"fetch() at {failure.leg.page} throws a TypeError: browsers do not allow {value} in a request."


def _redirect_credentials(failure: Failure) -> str:
    return (
        f"The redirect's Location {_quoted(failure.parameter)} contains a user name or password, so browsers do not "
        f"follow it to another origin than {failure.leg.page}."
    )


def _redirect_elsewhere(failure: Failure) -> str:
    return (
        f"Browsers do not follow the redirect from {failure.leg.page} to {_quoted(failure.parameter)}: Location must "
        "be an http or https URL without a user name."
    )


def _too_many(failure: Failure) -> str:
    return f"The call from {failure.leg.page} was redirected more than 20 times, the limit of browsers."


_SENTENCES = {
    "MissingAllowOriginHeader": _missing_origin,
    "WildcardOriginNotAllowed": _wildcard,
    "MultipleAllowOriginValues": _multiple,
    "InvalidAllowOriginValue": _invalid_origin,
    "AllowOriginMismatch": _mismatch,
    "InvalidAllowCredentials": _credentials,
    "InvalidStatus": _status,
    "DisallowedRedirect": _preflight_redirect,
    "InvalidAllowMethodsPreflightResponse": _unreadable_methods,
    "InvalidAllowHeadersPreflightResponse": _unreadable_headers,
    "MethodDisallowedByPreflightResponse": _method,
    "HeaderDisallowedByPreflightResponse": _header,
    "InvalidResponse": _no_answer,
    "DisallowedByMode": _mode,
    "mixed-content": _mixed,
    "TypeError": _refused,
    "RedirectContainsCredentials": _redirect_credentials,
    "CorsDisabledScheme": _redirect_elsewhere,
    "ERR_UNSAFE_REDIRECT": _redirect_elsewhere,
    "ERR_INVALID_REDIRECT": _redirect_elsewhere,
    "ERR_TOO_MANY_REDIRECTS": _too_many,
}


def local_network(host: str) -> str:
    """Return the note about a call to a private network."""
    return (
        f"{host} is on this machine or in a private network. Chrome, and soon Firefox, asks the user for permission "
        "first (Local Network Access); no header replaces it."
    )


def difference(browser: Browser, chrome: Leg, other: Leg) -> str:
    """Return the note about a browser whose preflight requests other headers than Chrome's."""
    name, wanted = _NAMES[browser], ",".join(other.unsafe)
    if not other.sends_preflight:
        return f"{name} sends no preflight for this call."
    if not wanted:
        return f"{name} sends a preflight without Access-Control-Request-Headers."
    own = ",".join(chrome.unsafe)
    return f"{name}'s preflight requests the headers “{wanted}”; Chrome's requests {f'“{own}”' if own else 'none'}."
