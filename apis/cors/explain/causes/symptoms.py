"""Causes that a text shows on its own, whatever the API's configuration is."""

from __future__ import annotations

from apis.cors.explain.case import Case
from apis.cors.explain.causes.causes import CAUSES, Cause, Certainty, cause
from apis.cors.explain.evidence import SERVICE_STEPS

_WHY = {
    "mixed-content": "A page served over https calls {url}, which is http.",
    "local-network-access": "The browser blocked a call from a public page to an address in a local network.",
    "unsupported-scheme": "The page or the address has a scheme for which browsers allow no cross-origin calls.",
    "not-a-browser": "The message comes from {value}, not from a browser.",
    "not-an-http-api": "The response comes from {value}.",
    "websocket-api": "The message is about a WebSocket, and CORS does not apply to WebSockets.",
    "client-certificate-required": "The server asked for a client certificate, and the browser sent none.",
    "forbidden-request-header": "The script tried to set {value}, which only the browser may set.",
    "response-header-not-exposed": "The script may not read the response header {value}.",
    "blocked-by-client": "The browser or an extension stopped the call before it was sent.",
    "not-cors": "The call was answered; nothing in the text says that CORS blocked it.",
    "placeholder-url": "The script calls {value}, which is not a URL.",
    "url-with-credentials": "The script calls {url} with a user name or password in the URL, which fetch() refuses.",
    "no-cors-mode": "The page asked without CORS (an element such as img or script, or mode no-cors), so the browser "
    "hides the response.",
    "no-origin-sent": "The request has no Origin header, so its response says nothing about CORS.",
    "reason-in-another-line": "The text says that a call failed, but not why.",
}
_CONTENT_TYPE = "the Content-Type of a script or stylesheet"
_SAME_ORIGIN_RULES = "the same-origin policy or SameSite decides, not CORS"
_STEPS = {
    "S3": SERVICE_STEPS["S3"],
    "jsdom": "Set jsdom's URL (testEnvironmentOptions.url) to the page's origin, or test with a Node adapter.",
    "SvelteKit": "On the server SvelteKit imitates the check for event.fetch: send the headers, or call the API from "
    "the browser or from a server route.",
    "happy-dom": "Set happy-dom's URL (environmentOptions.happyDOM.url) to the page's origin, or turn off its "
    "same-origin policy.",
    "Python": "A program needs no CORS. Look at the error itself: the status, the connection or the certificate.",
    "the page's Content-Security-Policy": "Add the API's origin to connect-src of the page's Content-Security-Policy.",
    "Firefox's Enhanced Tracking Protection": "Turn the protection off for this page (the shield in the "
    "address bar), or serve the resource from the page's own domain.",
    "a script that looks into a frame": "Let the two pages talk with postMessage: no setting opens another "
    "origin's frame.",
    "a cookie": "Set the cookie with SameSite=None and Secure, and mind that browsers may block third-party cookies.",
    _CONTENT_TYPE: "Open the address: most servers answer a file that is missing with an HTML page. Correct the "
    "path, or send the right Content-Type.",
    "React Native": "A native app needs no CORS. Check that the device reaches the host, the URL's "
    "scheme and the certificate.",
    "Node.js": "A server needs no CORS. Look at the error itself: name resolution, connection or certificate.",
}


def _refused(words: str) -> tuple[str | None, str, tuple[str, ...]]:
    """Return the field that AWS's words are about, what they mean, and what to do."""
    if "Scheme is malformed" in words:
        why = "The document's x-amazon-apigateway-cors has the wrong form, so API Gateway ignores it."
        return None, why, ("Write allowOrigins, allowMethods and allowHeaders as lists, and maxAge as a number.",)
    if "allow-credentials" in words or "'AllowCredentials'" in words:
        why = "AWS refuses AllowCredentials together with the origin *."
        return "AllowCredentials", why, ("List the exact origins, or turn AllowCredentials off.",)
    if "Invalid format for origin" in words:
        origin = words.rpartition(" ")[2]
        why = f"AWS refuses the origin {origin}: it must be http:// or https:// with a host and no path, or *."
        return "AllowOrigins", why, ("Correct the origin; null and schemes of apps or extensions cannot be listed.",)
    if "max" in words.lower() and "age" in words.lower():
        return "MaxAge", "AWS accepts a MaxAge from -1 to 86400 seconds.", ("Set MaxAge to at most 86400.",)
    if "managed API" in words:
        return None, "The API is managed by another service, which must change it.", ("Change it in that service.",)
    if "concurrent modification" in words:
        return None, "Another change of the API was running.", ("Try again when it has ended.",)
    if "TooManyRequests" in words:
        return None, "The account made too many calls of API Gateway's control plane.", ("Try again later.",)
    if "not authorized" in words:
        action = words.rpartition(" ")[2]
        why = f"The caller's IAM policies do not allow {action}."
        return None, why, (f"Allow {action} for the API, or use another role.",)
    if "Invalid API" in words:
        why = f"The account has no API {words.rpartition(' ')[2]} in this region."
        return None, why, ("Check the API's id, the region and the account.",)
    if "externally configured" in words:
        why = "Serverless does not set CORS on an API that it did not create."
        return None, why, ("Set CORS where the API is defined.",)
    return (
        None,
        "The API or the template does not accept this CORS configuration.",
        ("Check the API's type and the names.",),
    )


def symptom_cause(case: Case, code: str = "") -> Cause:
    """Return the cause that a text shows on its own."""
    reading = case.reading
    code = code or reading.symptom
    words = {"url": reading.url[:200] or "an address", "value": reading.value or "another program"}
    why = _WHY.get(code, CAUSES[code].what).format_map(words)
    steps = tuple(text for name, text in _STEPS.items() if name == reading.value)
    if code == "mixed-content" and reading.url.startswith("http://"):
        steps = (f"Call https://{reading.url[len('http://') :][:200]}.",)
    if code == "blocked-by-client" and reading.value and not reading.value.startswith(("net::", "blocked:")):
        why = f"{reading.value[0].upper()}{reading.value[1:]} stopped the call before it was sent."
    if code == "not-cors" and reading.value:
        rule = "is no matter of CORS" if reading.value == _CONTENT_TYPE else _SAME_ORIGIN_RULES
        why = f"The message is about {reading.value}, which {rule}."
    if code == "no-response" and reading.value:
        why = f"The connection failed: {reading.value}."
    certainty: Certainty = "likely" if code in ("no-response", "reason-in-another-line", "not-cors") else "certain"
    field = None
    if code == "configuration-refused":
        field, why, steps = _refused(reading.value)
    value = reading.value if code in ("response-header-not-exposed", "forbidden-request-header") else None
    return cause(code, why, certainty, steps=steps, field=field, value=value)
