"""Why a call is blocked or allowed, in one sentence that names the header, its value and the page's origin."""

from __future__ import annotations

from apis.cors.call import Failure, Leg, is_redirect
from apis.cors.exchange import Answer
from apis.cors.origins import parse_url
from apis.cors.safelist import Browser

AUTHORIZATION_UNDER_WILDCARD = (
    "Chrome, Firefox and Safari let “*” in Access-Control-Allow-Headers cover Authorization when the call has no "
    "credentials, Chrome with a deprecation warning; the Fetch standard does not. List authorization by name."
)
VOID_EXPOSE_LIST = (
    "Access-Control-Expose-Headers has an entry that is no header name, so browsers ignore the whole list and the "
    "script reads only the seven headers that are always readable."
)
_NAMES = {"firefox": "Firefox", "safari": "Safari"}
_LONGEST = 120  # characters of a value that a sentence shows


def _quoted(value: str | None) -> str:
    text = (value or "")[: _LONGEST + 1]
    if not text.isprintable():
        text = "".join(char if char.isprintable() else f"\\u{ord(char):04X}" for char in text)
    return f"“{text[:_LONGEST]}…”" if len(text) > _LONGEST else f"“{text}”"


def _where(failure: Failure) -> str:
    """Which of the answers is meant, with its status."""
    names = {"preflight": "preflight's answer", "redirect": "redirect", "response": "answer"}
    return f"The {names[failure.stage]} (status {failure.answer.status if failure.answer else 'unknown'})"


def _page(leg: Leg) -> str:
    """The page as servers see it: by its origin, or by `null` after a redirect took it away."""
    if leg.origin == leg.page:
        return leg.page
    return f"{leg.origin} (a redirect took the origin {leg.page} from the call)"


def blocked(failure: Failure) -> str:
    """The sentence for a call that fails."""
    return _SENTENCES[failure.code.removeprefix("Preflight")](failure)


def allowed(leg: Leg, answer: Answer | None) -> str:
    """The sentence for a call that succeeds."""
    if not leg.cors:
        return f"The page and {leg.url} have the same origin, {leg.page}, so CORS is not needed."
    if not leg.checked:
        return f"In mode {leg.mode} the call to another origin is sent, but a script at {leg.page} reads nothing of it."
    value = (answer.get("access-control-allow-origin") or "") if answer else ""
    how = " and Access-Control-Allow-Credentials is “true”" if leg.include else ""
    if answer and is_redirect(answer):
        return (
            f"The redirect to {_quoted(answer.get('location'))} may be followed, as Access-Control-Allow-Origin is "
            f"{_quoted(value)}{how} for {_page(leg)}; the answer there decides."
        )
    return f"Access-Control-Allow-Origin is {_quoted(value)}{how}, so a script at {_page(leg)} may read the answer."


def _missing_origin(failure: Failure) -> str:
    return (
        f"{_where(failure)} has no Access-Control-Allow-Origin header, so the browser keeps it from the page at "
        f"{_page(failure.leg)}."
    )


def _wildcard(failure: Failure) -> str:
    return (
        "Access-Control-Allow-Origin is “*”, which does not count for a call with credentials: it must be exactly "
        f"{_page(failure.leg)}."
    )


def _multiple(failure: Failure) -> str:
    lines = len(failure.answer.lines("access-control-allow-origin")) if failure.answer else 1
    what = f"comes {lines} times, which together reads" if lines > 1 else "is"
    return (
        f"Access-Control-Allow-Origin {what} {_quoted(failure.parameter)}, but browsers take one origin only: it must "
        f"be exactly {_page(failure.leg)}."
    )


def _invalid_origin(failure: Failure) -> str:
    return (
        f"Access-Control-Allow-Origin is {_quoted(failure.parameter)}, which is not an origin: it must be exactly "
        f"{_page(failure.leg)}."
    )


def _mismatch(failure: Failure) -> str:
    value, leg = failure.parameter or "", failure.leg
    return (
        f"Access-Control-Allow-Origin is {_quoted(value)}, but the page's origin is {_page(leg)}"
        f"{_nearly(value, leg.origin)}."
    )


def _nearly(value: str, origin: str) -> str:
    """What differs, when it is a detail that is easy to miss."""
    if value.lower() == origin:
        return ": upper and lower case count"
    if value.lower().rstrip("/") == origin:
        return ": an origin has no slash at its end"
    given, wanted = parse_url(value), parse_url(origin)
    if given is None or wanted is None:
        return ""
    if given == wanted:
        return ": an origin is only the scheme, the host and the port if it is not the usual one"
    differs = [part for part in ("scheme", "host", "port") if getattr(given, part) != getattr(wanted, part)]
    return f": the {differs[0]} differs" if len(differs) == 1 else ""


def _credentials(failure: Failure) -> str:
    value = failure.parameter
    given = f"is {_quoted(value)}" if value else "is missing or empty"
    return (
        f"Access-Control-Allow-Credentials {given}, but a call with credentials from {_page(failure.leg)} needs "
        "exactly “true”."
    )


def _status(failure: Failure) -> str:
    return (
        f"The preflight from {failure.leg.origin} was answered with status {failure.parameter}, but only 200 to 299 "
        f"let the {failure.leg.method} call go on."
    )


def _preflight_redirect(failure: Failure) -> str:
    return (
        f"The preflight from {failure.leg.origin} was redirected to {_quoted(failure.parameter)}, and browsers do not "
        "follow redirects of a preflight."
    )


def _unreadable_methods(failure: Failure) -> str:
    return (
        f"Access-Control-Allow-Methods is {_quoted(failure.parameter)}, in which an entry is not a method name, so the "
        f"preflight of {failure.leg.origin} fails whatever it asks for."
    )


def _unreadable_headers(failure: Failure) -> str:
    return (
        f"Access-Control-Allow-Headers is {_quoted(failure.parameter)}, in which an entry is not a header name, so the "
        f"preflight of {failure.leg.origin} fails whatever it asks for."
    )


def _given(failure: Failure, header: str, include: bool) -> str:
    """What a list header says, and that its `*` is not a wildcard with credentials."""
    value = failure.answer.get(header) if failure.answer else None
    if value is None:
        return "is missing"
    star = ", where “*” does not count for a call with credentials" if include and "*" in value else ""
    return f"is {_quoted(value)}{star}"


def _method(failure: Failure) -> str:
    leg = failure.leg
    given = _given(failure, "access-control-allow-methods", leg.include)
    listed = (failure.answer.get("access-control-allow-methods") or "") if failure.answer else ""
    case = " in exactly this case" if leg.method.upper() in listed.upper() else ""
    return f"Access-Control-Allow-Methods {given}, but {leg.origin} needs {_quoted(leg.method)} in it{case}."


def _header(failure: Failure) -> str:
    given = _given(failure, "access-control-allow-headers", failure.leg.include)
    names = ", ".join(failure.missing[:8]) + (" and more" if len(failure.missing) > 8 else "")
    return f"Access-Control-Allow-Headers {given}, but {failure.leg.origin} needs {_quoted(names)} in it."


def _no_answer(failure: Failure) -> str:
    what = "preflight" if failure.stage == "preflight" else "call"
    return (
        f"The {what} from {failure.leg.origin} to {failure.leg.url} got no answer, so there is no header to allow it."
    )


def _mode(failure: Failure) -> str:
    leg = failure.leg
    return f"The call's mode is “{leg.mode}”, but {leg.url} is not of the page's origin {leg.page}."


def _mixed(failure: Failure) -> str:
    leg = failure.leg
    return (
        f"The page at {leg.page} came over https, so the browser does not call {leg.url} over http: this is mixed "
        "content and fails before CORS."
    )


def _refused(failure: Failure) -> str:
    return (
        f"fetch() at {failure.leg.page} throws a TypeError for {_quoted(failure.parameter)} before anything is sent: "
        "browsers do not allow it in a request."
    )


def _redirect_credentials(failure: Failure) -> str:
    return (
        f"The redirect's Location is {_quoted(failure.parameter)}, and browsers do not follow one with a user name or "
        f"password to another origin than {failure.leg.page}."
    )


def _redirect_elsewhere(failure: Failure) -> str:
    return (
        f"The redirect's Location is {_quoted(failure.parameter)}, to which a browser does not follow a call from "
        f"{failure.leg.page}: it must be an http or https URL without user name."
    )


def _too_many(failure: Failure) -> str:
    return f"The call from {failure.leg.page} was redirected more than 20 times, after which browsers give up."


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
    """The note on a call into a private network."""
    return (
        f"{host} is on this machine or in a private network: for a page from elsewhere Chrome, and soon Firefox, "
        "asks the user for permission first (Local Network Access), which no header can give."
    )


def difference(browser: Browser, chrome: Leg, other: Leg) -> str:
    """The note on a browser that asks for other headers than Chrome."""
    name, wanted = _NAMES[browser], ",".join(other.unsafe)
    if not other.asks:
        return f"{name} sends no preflight for this call."
    if not wanted:
        return f"{name} sends a preflight without Access-Control-Request-Headers."
    return f"{name} sends a preflight that asks for “{wanted}”, Chrome for “{','.join(chrome.unsafe) or 'nothing'}”."
