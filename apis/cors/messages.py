"""What the console of each browser says about a blocked call, word for word.

Chrome's texts were seen at run time, Firefox's most likewise, Safari's are from WebKit's source. A browser whose words
are not known for a code is left out.
"""

from __future__ import annotations

import re

from apis.cors.call import Failure
from apis.cors.exchange import Answer
from apis.cors.safelist import SAFE_METHODS, is_token

_SENT_WITH_VALUE = " Have the server send the header with a valid value."
_CHROME = {
    "MissingAllowOriginHeader": "No 'Access-Control-Allow-Origin' header is present on the requested resource.",
    "WildcardOriginNotAllowed": "The value of the 'Access-Control-Allow-Origin' header in the response must not be the "
    "wildcard '*' when the request's credentials mode is 'include'.",
    "MultipleAllowOriginValues": "The 'Access-Control-Allow-Origin' header contains multiple values '{0}', but only "
    "one is allowed." + _SENT_WITH_VALUE,
    "InvalidAllowOriginValue": "The 'Access-Control-Allow-Origin' header contains the invalid value '{0}'."
    + _SENT_WITH_VALUE,
    "AllowOriginMismatch": "The 'Access-Control-Allow-Origin' header has a value '{0}' that is not equal to the "
    "supplied origin." + _SENT_WITH_VALUE,
    "InvalidAllowCredentials": "The value of the 'Access-Control-Allow-Credentials' header in the response is '{0}' "
    "which must be 'true' when the request's credentials mode is 'include'.",
    "InvalidStatus": "It does not have HTTP ok status.",
    "DisallowedRedirect": "Redirect is not allowed for a preflight request.",
    "InvalidAllowMethodsPreflightResponse": "Cannot parse Access-Control-Allow-Methods response header field in "
    "preflight response.",
    "InvalidAllowHeadersPreflightResponse": "Cannot parse Access-Control-Allow-Headers response header field in "
    "preflight response.",
    "MethodDisallowedByPreflightResponse": "Method {0} is not allowed by Access-Control-Allow-Methods in preflight "
    "response.",
    "HeaderDisallowedByPreflightResponse": "Request header field {0} is not allowed by Access-Control-Allow-Headers "
    "in preflight response.",
    # Chrome leaves the location out of this one.
    "RedirectContainsCredentials": "Redirect location '' contains a username and password, which is disallowed for "
    "cross-origin requests.",
    "CorsDisabledScheme": "Cross origin requests are only supported for protocol schemes: chrome, "
    "chrome-experimental-site-token-provider, chrome-extension, chrome-untrusted, data, http, https, isolated-app.",
}

_FIREFOX = {
    "MissingAllowOriginHeader": "CORS header ‘Access-Control-Allow-Origin’ missing). Status code: {status}.",
    "WildcardOriginNotAllowed": "Credential is not supported if the CORS header ‘Access-Control-Allow-Origin’ is ‘*’).",
    "MultipleLines": "Multiple CORS header ‘Access-Control-Allow-Origin’ not allowed).",
    "AllowOriginMismatch": "CORS header ‘Access-Control-Allow-Origin’ does not match ‘{0}’).",
    "InvalidAllowCredentials": "expected ‘true’ in CORS header ‘Access-Control-Allow-Credentials’).",
    "InvalidStatus": "CORS preflight response did not succeed). Status code: {status}.",
    "DisallowedRedirect": "CORS request external redirect not allowed).",
    "InvalidAllowMethodsPreflightResponse": "invalid token ‘{0}’ in CORS header ‘Access-Control-Allow-Methods’).",
    "InvalidAllowHeadersPreflightResponse": "invalid token ‘{0}’ in CORS header ‘Access-Control-Allow-Headers’).",
    "MethodDisallowedByPreflightResponse": "Did not find method in CORS header ‘Access-Control-Allow-Methods’).",
    "HeaderDisallowedByPreflightResponse": "header ‘{0}’ is not allowed according to header "
    "‘Access-Control-Allow-Headers’ from CORS preflight response).",
    "CorsDisabledScheme": "CORS request not http).",
    "InvalidResponse": "CORS request did not succeed). Status code: (null).",
}
_FIREFOX["MultipleAllowOriginValues"] = _FIREFOX["InvalidAllowOriginValue"] = _FIREFOX["AllowOriginMismatch"]

_SAFARI_ORIGIN = "Origin {origin} is not allowed by Access-Control-Allow-Origin. Status code: {status}"
_SAFARI = {
    "MissingAllowOriginHeader": _SAFARI_ORIGIN,
    "AllowOriginMismatch": _SAFARI_ORIGIN,
    "InvalidAllowOriginValue": _SAFARI_ORIGIN,
    "MultipleAllowOriginValues": _SAFARI_ORIGIN,
    "SeveralOrigins": "Access-Control-Allow-Origin cannot contain more than one origin.",
    "WildcardOriginNotAllowed": "Cannot use wildcard in Access-Control-Allow-Origin when credentials flag is true.",
    "InvalidAllowCredentials": 'Credentials flag is true, but Access-Control-Allow-Credentials is not "true".',
    "InvalidStatus": "Preflight response is not successful. Status code: {status}",
    "InvalidAllowMethodsPreflightResponse": "Header Access-Control-Allow-Methods has an invalid value: {0}",
    "InvalidAllowHeadersPreflightResponse": "Header Access-Control-Allow-Headers has an invalid value: {0}",
    "MethodDisallowedByPreflightResponse": "Method {0} is not allowed by Access-Control-Allow-Methods.",
    "HeaderDisallowedByPreflightResponse": "Request header field {0} is not allowed by Access-Control-Allow-Headers.",
}


def console(failure: Failure) -> tuple[tuple[str, str], ...]:
    """Return the lines that Chrome, Firefox and Safari print for a blocked call, by browser; several are one a line."""
    lines = (("chrome", _chrome(failure)), ("firefox", _firefox(failure)), ("safari", _safari(failure)))
    return tuple((browser, text) for browser, text in lines if text)


def _kind(failure: Failure) -> str:
    """Return a code without its Preflight prefix."""
    return failure.code.removeprefix("Preflight")


def _printed(url: str) -> str:
    return url if "/" in url.partition("//")[2] else url + "/"


def _hint(value: str) -> str:
    return re.sub(r"[^\x20-\x7e]", lambda found: f"\\u{ord(found[0]):04X}", value)


def _chrome(failure: Failure) -> str:
    leg, kind = failure.leg, _kind(failure)
    url = _printed(leg.url)
    if kind == "InvalidResponse":
        return "Failed to load resource: net::ERR_FAILED"
    if kind == "DisallowedByMode":
        return (
            f'Fetch API cannot load {url}. Request mode is "same-origin" but the URL\'s origin is not same as the '
            f"request origin {leg.page}."
        )
    if kind == "mixed-content":
        return (
            f"Mixed Content: The page at '{leg.page}/' was loaded over HTTPS, but requested an insecure resource "
            f"'{url}'. This request has been blocked; the content must be served over HTTPS."
        )
    if kind.startswith("ERR_"):
        return f"Failed to load resource: net::{kind}"
    if kind not in _CHROME:
        return ""
    detail = _CHROME[kind].format(_hint(failure.parameter or ""))
    if kind != failure.code:
        detail = "Response to preflight request doesn't pass access control check: " + detail
    redirected = f"(redirected from '{_printed(leg.first_url)}') " if leg.first_url else ""
    return (
        f"Access to fetch at '{url}' {redirected}from origin '{leg.page}' has been blocked by CORS policy: {detail}\n"
        "Failed to load resource: net::ERR_FAILED"
    )


def _firefox(failure: Failure) -> str:
    kind, value = _kind(failure), failure.parameter or ""
    url = _printed(failure.leg.url)
    if kind == "mixed-content":
        return f"Blocked loading mixed active content “{url}”"
    answer = failure.answer
    kind, value = _firefox_order(failure, kind, value)
    if kind == "MultipleAllowOriginValues" and answer and len(answer.lines("access-control-allow-origin")) > 1:
        kind = "MultipleLines"
    if kind not in _FIREFOX:
        return ""
    quoted = f"‘{url}’" if kind == "WildcardOriginNotAllowed" else url
    prefix = (
        f"Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {quoted}. "
        "(Reason: "
    )
    lines = [prefix + _FIREFOX[kind].format(value, status=answer.status if answer else "(null)")]
    if failure.stage == "preflight" and kind != "InvalidResponse":
        lines.append(prefix.replace(quoted, url) + _FIREFOX["InvalidResponse"])
    return "\n".join(lines)


def _firefox_order(failure: Failure, kind: str, value: str) -> tuple[str, str]:
    """Firefox judges the methods to the end before it reads the headers, and names the token at fault."""
    answer, leg = failure.answer, failure.leg
    if answer is None or not kind.startswith("InvalidAllow") or not kind.endswith("PreflightResponse"):
        return kind, value
    if kind == "InvalidAllowHeadersPreflightResponse":
        methods = _parts(answer, "access-control-allow-methods")
        if leg.method not in SAFE_METHODS and leg.method not in methods and (leg.include or "*" not in methods):
            return "MethodDisallowedByPreflightResponse", leg.method
    return kind, next((part for part in value.split(",") if part.strip() and not is_token(part.strip())), "").strip()


def _parts(answer: Answer, name: str) -> list[str]:
    return [part.strip("\t ") for part in (answer.get(name) or "").split(",")]


def _safari(failure: Failure) -> str:
    leg, answer, kind, value = failure.leg, failure.answer, _kind(failure), failure.parameter or ""
    second = f"Fetch API cannot load {_printed(leg.url)} due to access control checks."
    if kind == "InvalidResponse":
        return second
    if failure.stage == "preflight" and answer and not 200 <= answer.status <= 299:
        kind = "InvalidStatus"  # Safari looks at the status first
    elif kind == "MultipleAllowOriginValues" and "," in value:
        kind = "SeveralOrigins"
    elif kind == "HeaderDisallowedByPreflightResponse":
        value = next((name for name in leg.names if name.lower() == value), value)
    if kind not in _SAFARI:
        return ""
    first = _SAFARI[kind].format(value, origin=leg.origin, status=answer.status if answer else 0)
    if failure.stage == "redirect" and answer:
        location = answer.get("location") or ""
        first = f"Cross-origin redirection to {location} denied by Cross-Origin Resource Sharing policy: {first}"
    return f"{first}\n{second}"
