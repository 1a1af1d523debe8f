"""Messages that look like CORS and are something else, or that say only that a call failed."""

from __future__ import annotations

import re

from apis.cors.origins import origin_of
from apis.cors.paste.result import UNTOLD, Draft, requested_headers, without_punctuation

_PROGRAMS = (
    ("jsdom", r"node_modules[/\\]jsdom|jsdom[/\\]living|Cross origin \S{1,200} forbidden|Headers \S{1,100} forbidden"),
    ("happy-dom", r"node_modules[/\\](?:\.pnpm[/\\][^\s]{0,100})?happy-dom|happy-dom[/\\](?:src|lib)"),
    ("SvelteKit", r"@sveltejs[/\\]kit[/\\]src[/\\]runtime[/\\]server"),
    ("Node.js", r"\bnode:(?:internal|net|dns|tls|https?|_http)|undici|getaddrinfo|TypeError: fetch failed|"
                r"\bE(?:NOTFOUND|CONNREFUSED|AI_AGAIN|CONNRESET|TIMEDOUT)\b|at TLSSocket|UND_ERR_|"
                r"FetchError: request to |node_modules/node-fetch/|\[vite\] (?:http|ws) proxy error"),
    ("Cypress", r"\bcy\.request\(\)['`]? failed on"),
    ("Bun", r"\bBun v[0-9]|Is the computer able to access the url"),
    ("Python", r"requests\.exceptions\.|urllib3\.|httpx\.\w{0,40}(?:Error|Timeout)\b|aiohttp\.client"),
    ("React Native", r"node_modules/react-native/|\bRunning \"[\w.-]{1,60}\" with\b|\bRCTNetworking\b"),
    ("another program", r"java\.net\.\w{1,60}Exception|okhttp3?\.\w|<-- (?:[1-5][0-9]{2} https?://|HTTP FAILED)|"
                        r"io\.ktor\.|retrofit2\.|org\.springframework\.web\.|\bfeign\.\w|System\.Net\.Http\b|"
                        r"error sending request for url|GuzzleHttp|Faraday::|SocketException: Failed host lookup|"
                        r"NSURLErrorDomain|\bdial tcp\b|Net::(?:HTTP|OpenTimeout|ReadTimeout)\b"),
)  # fmt: skip
"""Programs that call APIs and are no browsers, with what their stack traces name."""
_PYTHON = re.compile(
    r"\bimport (?:requests|httpx|aiohttp|urllib[.\w]{0,20})\b|"
    r"\b(?:requests|httpx)\.(?:get|post|put|patch|delete|options|head|request)\("
)
_CURL_ERROR = re.compile(r"\bcurl ?: \(([0-9]{1,2})\) ([^\n]{0,200})")
_OF_JSDOM = re.compile(r"Response for preflight has invalid HTTP status code ([1-5][0-9]{2})\b")
_WEBASSEMBLY = re.compile(r"WebAssembly|System\.Runtime\.InteropServices\.JavaScript|TypeError: Failed to fetch")
"""Marks of a .NET program that runs in a browser."""
_COMPILED = tuple((name, re.compile(words)) for name, words in _PROGRAMS)

_SOCKET = re.compile(
    r"WebSocket connection to '?(wss?://[^\s']{1,8000})|(wss?://[^\s'\"]{1,8000}) [^\n]{0,60}(?:fail|error)",
    re.IGNORECASE,
)
_UNSAFE = re.compile(
    r"Refused to (get|set) unsafe header \"?([^\"\s]{1,200})\"?|"
    r"Attempt to set a forbidden header was denied: ([\w-]{1,200})"
)
_UNEXPOSED = re.compile(r"(?:headers\.get|getResponseHeader)\(['\"]([\w-]{1,200})['\"]\).{0,60}?\bnull\b")
_NET = re.compile(r"net::(ERR_[A-Z0-9_]{3,60})")
_BY_CLIENT = re.compile(r"ERR_BLOCKED_BY_(?:CLIENT|CSP|ADMINISTRATOR)")
_HIDDEN = re.compile(
    r"Cross-Origin Read Blocking|\bCORB\b|OpaqueResponseBlocking|net::ERR_BLOCKED_BY_(?:ORB|RESPONSE)[\w.]{0,60}|"
    r"\(blocked:NS_BINDING_ABORTED_ORB\)|(?:due to its|violates the resource's) Cross-Origin-Resource-Policy|"
    r"an ['\"]opaque['\"] response was used for a request whose type is not no-cors|"
    r"Tainted canvases may not be exported|canvas has been tainted by cross-origin data"
)
"""The browser hides the response of a call without CORS: opaque response blocking, a canvas, the response's policy."""
_POLICY = re.compile(
    r"(?:violates the (?:following|document's)|does not appear in the|blocked the loading of a resource)"
    r".{0,60}(?:Content Security|CSP)|Content-Security-Policy: .{0,80}(?:connect-src|blocked)"
)
_TRACKING = re.compile(r"was blocked because (Enhanced Tracking Protection|content blocking|tracking protection) is",
                       re.IGNORECASE)  # fmt: skip
_OF_S3 = "CORSResponse: This CORS request is not allowed"
_FRAME = re.compile(
    r"Blocked a frame with origin|from accessing a cross-origin frame|Permission denied to access property .{1,80} on "
    r"cross-origin object"
)
_COOKIE = re.compile(
    r"Set-Cookie.{0,80} was blocked because|[Cc]ookie .{1,200} (?:has been|will be) rejected because .{0,120}SameSite"
)
_TYPE = re.compile(
    r"Failed to load module script: Expected a|because its MIME type \(|because of a disallowed MIME type|"
    r"is not a valid JavaScript MIME type|script type .{1,100} and strict MIME checking is enabled"
)
_CONTENT_TYPE = "the Content-Type of a script or stylesheet"
_CREDENTIALS = re.compile(
    r"cannot be constructed from a URL that includes credentials|is an url with embedded credentials|"
    r"URL is not valid or contains user credentials"
)
_USER = re.compile(r"(?<=://)[^/?#\s@]{1,300}@")
_FAILED_HOST = re.compile(r"Failed to fetch \(([a-z0-9.-]{4,253})\)")
"""Sentry adds the host to Chrome's message."""
_FAILED = ("ERR_FAILED", "ERR_ABORTED")
_BARE = re.compile(
    r"Failed to fetch|NetworkError when attempting to fetch|Load failed|Network Error|net::ERR_FAILED|0 Unknown Error|"
    r"ERR_NETWORK|status: ?0\b|net::ERR_ABORTED|Network request failed|XMLHttpRequest error|ProgressEvent|CORS error|"
    r"cors error|XMLHttpRequest onError callback|DioE(?:xception|rror) \[connection error\]|NS_ERROR_DOM_BAD_URI|"
    r"The network connection was lost|blocked:cors|Failed to execute 'send' on 'XMLHttpRequest': Failed to load"
)
_URL = re.compile(r"https?://[!-&(-;=?-Z_a-z~\]\[]{1,8000}")
_SPOKEN = re.compile(
    r"(?<![\w:/.,-])([45][0-9]{2}) (?:(preflight)|on|for|from|error|response|when|forbidden)\b|"
    r"\b(?:status|returns|answers) ([45][0-9]{2})\b",
    re.IGNORECASE,
)
"""A status in a person's own words."""
_ABOUT_CORS = re.compile(
    r"\bCORS\b|\bOrigin header\b|\bpreflight request\b|Access-Control-Allow-|cross-origin", re.IGNORECASE
)
_NAMED_PAGE = re.compile(r"\b(?:origin|page|from)\b[:=]?[ ]?['\"]?(https?://[^\s'\"<>]{1,2000})", re.IGNORECASE)
_REASON = re.compile(
    r"CORS[^:：]{0,40}[:：] ?((?:(?!Access-Control-Allow-Origin).){0,300}?Access-Control-Allow-(Headers|Methods)"
    r"(?!['\"]? ?[:=]).{0,200})"
)
_VERB = re.compile(r"\b(?:DELETE|PATCH|PUT|POST|GET|HEAD|OPTIONS)\b")
_REQUEST_HEADER = re.compile(
    r"(?<![\w-])(?:authorization|content-type|cache-control|pragma|traceparent|baggage|sentry-trace|"
    r"(?:x|amz|if)-[\w-]{1,200})(?![\w-])",
    re.IGNORECASE,
)
_ORIGIN = re.compile(r"https?://[^/?#]{1,300}/?")
_FAILING = re.compile(
    r"block|bloqu|blok|denied|deni[ée]|err(?:or|eur)|fehler|błąd|ошибк|错误|報錯|报错|失败|失敗|エラー|오류|실패|fail|forbid|refus|reject|interdit|阻|拦截|ブロック|차단|заблок",
    re.IGNORECASE,
)
_LINE = re.compile(r"\b([A-Z]{3,7}) (https?://\S{1,8000}?)(?: [(\[]?([0-9]{3})\b|\s|$)")
_BLOCKED_ROW = re.compile(r"blocked:(mixed-content|csp|other|inspector|origin|devtools|subresource-filter)")
_STATUS = re.compile(
    r"Http failure response for \S{1,8000}: ([1-5][0-9]{2})\b|"
    r"FetchError: \[[A-Z]{3,7}\] .https?://\S{1,8000}: ([1-5][0-9]{2})\b|"
    r"(?:Request failed with status code|the server responded with a status of) ([1-5][0-9]{2})\b"
)
_LOG_LINE = re.compile(r"\"([A-Z]{3,7}) (/\S{0,2000}) HTTP/[0-9.]{1,3}\" ([1-5][0-9]{2})\b")
"""A line of an access log in the common format."""
_PREFLIGHT_ROW = re.compile(r"\b([1-5][0-9]{2}) preflight\b", re.IGNORECASE)
_REFUSED = re.compile(
    r"allow-credentials is not supported if.{0,40}|Invalid format for origin \S{1,300}|"
    r"CORS configuration is only supported for HTTP APIs|can't update or delete a managed API|"
    r"Cannot setup CORS rules for externally configured HTTP API|Invalid value for 'Cors' property.{0,200}|"
    r"Invalid key '[^']{0,60}' for 'Cors' property|Unable to add Cors configuration because.{0,200}|"
    r"CORS Scheme is malformed|Unable to complete operation due to concurrent modification|"
    r"Invalid API (?:identifier|id) specified \S{1,80}|not authorized to perform: (?:apigateway|lambda):\w{1,60}|"
    r"TooManyRequestsException(?=.{0,200}(?:Api\b|Cors))|"
    r"(?i:max-?age).{0,80}(?:less than or equal to|between|maximum|exceed).{0,60}"
)


def program(flat: str) -> Draft | None:
    """Return a failed call of a program that is no browser."""
    for name, pattern in _COMPILED:
        if pattern.search(flat) and not (name == "another program" and _WEBASSEMBLY.search(flat)):
            draft = Draft("node", url=_url(flat), unknown=UNTOLD, symptom="not-a-browser", value=name, blocked=True)
            status = _OF_JSDOM.search(flat)
            draft.preflight_status = int(status[1]) if status else None
            return draft
    return None


def script(flat: str) -> Draft | None:
    """Return a call that a Python script makes."""
    if not _PYTHON.search(flat):
        return None
    return Draft("node", url=_url(flat), unknown=UNTOLD, symptom="not-a-browser", value="Python", blocked=False)


def same_site(flat: str) -> Draft | None:
    """Return what the browser denied by another rule than CORS: a frame's content, a cookie, or a type."""
    for what, pattern in (("a script that looks into a frame", _FRAME), ("a cookie", _COOKIE), (_CONTENT_TYPE, _TYPE)):
        if pattern.search(flat):
            return Draft("text", url=_url(flat), unknown=UNTOLD, symptom="not-cors", value=what, blocked=False)
    return None


def url_with_credentials(flat: str) -> Draft | None:
    """Return a call that fetch() refused because of the user name or password in its URL, without these."""
    if not _CREDENTIALS.search(flat):
        return None
    url = _url(_USER.sub("", flat))
    return Draft("text", url=url, unknown=UNTOLD, symptom="url-with-credentials", blocked=True)


def storage(flat: str) -> Draft | None:
    """Return S3's own answer to a call that no CORS rule of the bucket allows."""
    if _OF_S3 not in flat:
        return None
    return Draft("text", url=_url(flat), unknown=UNTOLD, symptom="not-an-http-api", value="S3", blocked=True)


def unanswered(text: str) -> str:
    """Return curl's own error, such as a name that it cannot resolve; "" without one."""
    found = _CURL_ERROR.search(text)
    return f"curl: ({found[1]}) {found[2]}".strip() if found else ""


def socket(flat: str) -> Draft | None:
    """Return a WebSocket that was not opened."""
    found = _SOCKET.search(flat)
    if not found:
        return None
    url = without_punctuation(found[1] or found[2])
    return Draft("text", url=url, unknown=UNTOLD, symptom="websocket-api", blocked=True)


def header(flat: str) -> Draft | None:
    """Return a header that script may not set or may not read."""
    found = _UNSAFE.search(flat)
    if found:
        symptom = "response-header-not-exposed" if found[1] == "get" else "forbidden-request-header"
        name = (found[2] or found[3]).strip("'\"")
        return Draft("chrome", unknown=UNTOLD, symptom=symptom, value=name, blocked=False)
    hidden = _UNEXPOSED.search(flat)
    if hidden:
        draft = Draft("text", url=_url(flat), unknown=UNTOLD, symptom="response-header-not-exposed", blocked=False)
        draft.value = hidden[1]
        return draft
    return None


def connection(flat: str) -> Draft | None:
    """Return a call that failed below HTTP, or that the browser stopped."""
    hidden = _HIDDEN.search(flat)
    if hidden:
        value = hidden[0]
        return Draft("chrome", url=_url(flat), unknown=UNTOLD, symptom="no-cors-mode", value=value, blocked=True)
    tracking = _TRACKING.search(flat)
    if tracking or _POLICY.search(flat):
        value = f"Firefox's {tracking[1]}" if tracking else "the page's Content-Security-Policy"
        return Draft("chrome", url=_url(flat), unknown=UNTOLD, symptom="blocked-by-client", value=value, blocked=True)
    for found in _NET.finditer(flat):
        error = found[1]
        if error in _FAILED:
            continue
        symptom = "blocked-by-client" if _BY_CLIENT.search(error) else "no-response"
        if "CLIENT_AUTH" in error:
            symptom = "client-certificate-required"
        return Draft("chrome", url=_url(flat), unknown=UNTOLD, symptom=symptom, value=f"net::{error}", blocked=True)
    return None


def bare(flat: str) -> Draft | None:
    """Return a call that failed, whatever the reason."""
    error = unanswered(flat)
    if error:
        return Draft("curl", url=_url(flat), unknown=UNTOLD, symptom="no-response", value=error[:120], blocked=True)
    row = _BLOCKED_ROW.search(flat)
    if row:
        symptom = "mixed-content" if row[1] == "mixed-content" else "blocked-by-client"
        return Draft("network", url=_url(flat), unknown=UNTOLD, symptom=symptom, value=row[0], blocked=True)
    if not _BARE.search(flat):
        return None
    host = _FAILED_HOST.search(flat)
    url = f"https://{host[1]}/" if host else _url(flat)
    draft = Draft("text", url=url, unknown=UNTOLD, symptom="reason-in-another-line", blocked=True)
    preflight = _PREFLIGHT_ROW.search(flat)
    draft.preflight_status = int(preflight[1]) if preflight else None
    return draft


def refusal(flat: str) -> Draft | None:
    """Return AWS's own words about a configuration that it does not take, as a draft."""
    found = _REFUSED.search(flat)
    if not found:
        return None
    words = found[0].strip(" .'\"")
    return Draft("aws", unknown=UNTOLD, symptom="configuration-refused", value=words, blocked=True)


def answered(flat: str) -> Draft | None:
    """Return a line of the console about a call that got an answer: `GET URL 404 (Not Found)`."""
    failed = _STATUS.search(flat)
    if failed:
        draft = Draft("text", url=_url(flat), unknown=UNTOLD, symptom="not-cors", blocked=False)
        draft.status = int(failed[1] or failed[2] or failed[3])
        line = _LINE.search(flat)
        if line and line[3] and int(line[3]) == draft.status:
            draft.url, draft.method, draft.unknown = line[2], line[1], UNTOLD - {"method"}
        return draft
    logged = _LOG_LINE.search(flat)
    if logged:
        return logged_call("", logged[1], int(logged[3]))
    found = _LINE.search(flat)
    if not found or not found[3]:
        return None
    unknown = UNTOLD - {"method"}
    draft = Draft("network", url=found[2], method=found[1], unknown=unknown, symptom="not-cors", blocked=False)
    draft.status = int(found[3])
    return draft


def described(flat: str) -> Draft | None:
    """Return a call in a person's own or a translated message: an address, and perhaps the page's origin."""
    draft = _described(flat)
    return draft if draft and (draft.origin or _FAILING.search(flat)) else None


def described_on_a_page(flat: str) -> Draft | None:
    """Return a blocked call in a person's own words that names the page."""
    draft = _described(flat)
    return draft if draft and draft.origin else None


def _described(flat: str) -> Draft | None:
    about, named = _ABOUT_CORS.search(flat), _NAMED_PAGE.search(flat)
    page = origin_of(without_punctuation(named[1])) if named else None
    places = list(dict.fromkeys(without_punctuation(found[0]) for found in _URL.finditer(flat)))[:20] if about else []
    pages = [place for place in places if _ORIGIN.fullmatch(place)]
    url = next((place for place in places if place not in pages and origin_of(place) != page), "")
    if not url:
        return None
    draft = Draft("text", page or (pages[0] if len(pages) == 1 else ""), url, unknown=UNTOLD, blocked=True)
    if draft.origin:
        _take_reason(draft, flat)
    line = _LINE.search(flat)
    if line and without_punctuation(line[2]) == url:
        draft.method, draft.unknown = line[1], UNTOLD - {"method"}
    spoken = _SPOKEN.search(flat)
    if spoken and spoken[2]:
        draft.preflight_status = int(spoken[1])
    elif spoken:
        draft.status = int(spoken[1] or spoken[3])
    return draft


def _take_reason(draft: Draft, flat: str) -> None:
    """Add what a message in another language says behind “CORS …:” about the list that it names."""
    reason = _REASON.search(flat)
    if reason and reason[2] == "Methods" and (method := _VERB.search(reason[1])):
        draft.code, draft.method = "MethodDisallowedByPreflightResponse", method[0]
        draft.unknown = UNTOLD - {"method"}
    elif reason and reason[2] == "Headers" and (name := _REQUEST_HEADER.search(reason[1])):
        draft.code, draft.value = "HeaderDisallowedByPreflightResponse", name[0]
        draft.headers = requested_headers([name[0]])


def fill_in(draft: Draft, flat: str) -> None:
    """Add the page and the only other address that a text names around a message without its beginning."""
    described = _described(flat)
    origin = draft.origin or (described.origin if described else "")
    page = origin_of(origin) if origin else None
    places = {without_punctuation(found[0]) for found in _URL.finditer(flat)}
    others = [place for place in places if not _ORIGIN.fullmatch(place) and origin_of(place) not in (None, page)]
    if page and len(others) == 1:
        draft.origin, draft.url = origin, others[0]


def logged_call(url: str, method: str, status: int) -> Draft:
    """Return the call of an entry in an access log; an OPTIONS that failed is the preflight of a call."""
    draft = Draft("network", url=url, method=method, unknown=UNTOLD - {"method"})
    if method == "OPTIONS" and status >= 300:
        draft.code, draft.preflight_status, draft.blocked = "PreflightInvalidStatus", status, True
        draft.method, draft.unknown = "GET", UNTOLD
    else:
        draft.status, draft.symptom, draft.blocked = status, "not-cors", False
    return draft


def _url(flat: str) -> str:
    found = _URL.search(flat)
    return without_punctuation(found[0]) if found else ""
