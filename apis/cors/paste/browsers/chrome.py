"""The messages of Chrome, and of every browser built on Chromium."""

from __future__ import annotations

import re
from itertools import pairwise

from apis.cors.hosts import is_masked
from apis.cors.origins import origin_of
from apis.cors.paste.result import UNTOLD, Draft, requested_headers

BLOCKED = "blocked by CORS policy"
_MIXED = "Mixed Content: The page at "
_SAME_ORIGIN = re.compile(
    r"cannot load (\S{1,4000}?)\.? Request mode is \"same-origin\" but the URL's origin is not same as the request "
    r"origin (\S{1,2000})"
)
_NO_SCHEME = re.compile(r"cannot load (\S{1,4000}?)\.? URL scheme \"[^\s\"]{1,60}\" is not supported")
_WORKER = re.compile(
    r"Failed to construct '(?:Shared)?Worker': Script at '(?P<url>[^']{1,4000})' cannot be accessed from origin "
    r"'(?P<origin>[^']{1,2000})'|Failed to register a ServiceWorker: The origin of the provided scriptURL "
    r"\('(?P<script>[^']{1,4000})'\) does not match the current origin \('(?P<page>[^']{1,2000})'\)"
)
"""The script of a worker must be of the page's own origin, whatever its headers are."""
_IMPORTED = re.compile(
    r"Failed to execute 'importScripts' on 'WorkerGlobalScope': The script at '([^']{1,4000})' failed to load"
)
_PREFLIGHT = "Response to preflight request doesn't pass access control check"
_HEADER_CODE = "HeaderDisallowedByPreflightResponse"
_DETAILS = (
    ("No 'Access-Control-Allow-Origin' header is present", "MissingAllowOriginHeader"),
    ("The value of the 'Access-Control-Allow-Origin' header in the response must not be", "WildcardOriginNotAllowed"),
    ("A wildcard '*' cannot be used in the 'Access-Control-Allow-Origin' header", "WildcardOriginNotAllowed"),
    ("The 'Access-Control-Allow-Origin' header contains multiple values", "MultipleAllowOriginValues"),
    ("The 'Access-Control-Allow-Origin' header contains the invalid value", "InvalidAllowOriginValue"),
    ("The 'Access-Control-Allow-Origin' header has a value", "AllowOriginMismatch"),
    ("The value of the 'Access-Control-Allow-Credentials' header", "InvalidAllowCredentials"),
    ("Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header", "InvalidAllowCredentials"),
    ("It does not have HTTP ok status", "PreflightInvalidStatus"),
    ("Invalid HTTP status code", "PreflightInvalidStatus"),
    ("Response for preflight has invalid HTTP status code", "PreflightInvalidStatus"),
    ("Redirect is not allowed for a preflight request", "PreflightDisallowedRedirect"),
    ("Response for preflight is invalid (redirect)", "PreflightDisallowedRedirect"),
    ("Cannot parse Access-Control-Allow-Methods", "InvalidAllowMethodsPreflightResponse"),
    ("Cannot parse Access-Control-Allow-Headers", "InvalidAllowHeadersPreflightResponse"),
    ("Redirect location ", "RedirectContainsCredentials"),
    ("Cross origin requests are only supported for protocol schemes", "CorsDisabledScheme"),
    ("Cross origin requests are not allowed by request mode", "DisallowedByMode"),
    ("The response is invalid", "InvalidResponse"),
    ("The request client is not a secure context", "InsecureLocalNetwork"),
    ("Request had a target IP address space", "InvalidLocalNetworkAccess"),
    ("Request had no target IP address space", "InvalidLocalNetworkAccess"),
    ("No 'Access-Control-Allow-Private-Network' header", "InvalidLocalNetworkAccess"),
    ("The 'Access-Control-Allow-Private-Network' header", "InvalidLocalNetworkAccess"),
    ("Permission was denied for this request", "LocalNetworkAccessPermissionDenied"),
)
_DETAIL = re.compile("|".join(f"(?P<d{at}>{re.escape(start)})" for at, (start, _) in enumerate(_DETAILS)))
_METHOD = re.compile(
    r"(?<![\w-])Method [\"']?([^\s\"']{1,100})[\"']? is not allowed by Access-Control-Allow-Methods in preflight"
)
_HEADER = re.compile(
    r"Request header field [\"']?([^\s\"']{1,300})[\"']? is not allowed by Access-Control-Allow-Headers in preflight"
)
_CUT_METHOD = re.compile(r"(?<![\w-])Method ([A-Za-z]{3,10}) is not ")
_NAMED = re.compile(r"(?:Cross-Origin Resource Sharing|CORS) error:? \(?((?:Preflight)?[A-Z][a-z]\w{5,60})")
"""The network panel's word for the reason, as its tooltip and its Headers panel have it."""
_CUT_HEADER = re.compile(r"Request header field (?:(\S{1,300}) is not |\S{0,300}$)")
_QUOTED = re.compile(r"(?:values?|in the response is) '([^']{0,2000})'")
_OLD = re.compile(r"(?:XMLHttpRequest cannot load|Fetch API cannot load|Failed to load):? (https?://\S{1,8000})")
_PAGE = re.compile(r"Origin '([^']{1,2000})' is therefore not allowed access")
_STATUS = re.compile(r"(?:The response had HTTP status code|[Ii]nvalid HTTP status code) ([0-9]{3})")
_INSECURE = re.compile(r"(?:insecure|over an insecure connection)[^']{0,200}'([^']{1,4000})'")
_INCLUDE = ("WildcardOriginNotAllowed", "InvalidAllowCredentials")
_PLACEHOLDER = re.compile(r"https?://(?:\[object|(?:undefined|null|nan|false|true)\b)", re.IGNORECASE)
_QUOTES = "'\"` "
_BEGINNING = re.compile(
    r"Access to ([\w ]{1,40}) at ['\"]?(https?://[^\s'\"]{1,8000})['\"]? from origin ['\"]?([^\s'\"]{1,2000})"
)
_LOADED = re.compile(r" (?!fetch|XMLHttpRequest)[\w ]{1,40}")
"""What a page loads, such as “CSS stylesheet”."""
_ADDRESS = re.compile(r"https?://[^\s'\"]{1,8000}")


def messages(flat: str) -> list[Draft]:
    """Return the calls that Chrome's console messages describe, in order; `flat` is the text on one line."""
    found = [*_blocked(flat)]
    if not found:
        found += _old(flat)
    for mixed in flat.split(_MIXED)[1:]:
        place, _, rest = mixed[:8000].partition(" was loaded over")
        insecure = _INSECURE.search(rest)
        page = origin_of(_place(place)) or ""
        url = insecure[1] if insecure else ""
        found.append(Draft("chrome", page, url, code="mixed-content", unknown=UNTOLD, blocked=True))
    for same in _SAME_ORIGIN.finditer(flat):
        origin, url = same[2].rstrip("."), same[1]
        draft = Draft("chrome", origin, url, code="DisallowedByMode", mode="same-origin", unknown=UNTOLD, blocked=True)
        found.append(draft)
    for scheme in _NO_SCHEME.finditer(flat):
        draft = Draft("chrome", url=scheme[1], code="CorsDisabledScheme", unknown=UNTOLD, blocked=True)
        if "://" not in draft.url:
            draft.symptom, draft.value = "placeholder-url", draft.url[:200]
        found.append(draft)
    return found or _of_workers(flat) or _alone(flat) or _begun(flat)


def _of_workers(flat: str) -> list[Draft]:
    """Return the scripts of workers that were not loaded; importScripts() fetches without CORS."""
    found = []
    for one in _WORKER.finditer(flat):
        draft = Draft("chrome", one["origin"] or one["page"], one["url"] or one["script"], mode="same-origin")
        draft.code, draft.unknown, draft.blocked = "DisallowedByMode", {"credentials"}, True
        found.append(draft)
    for one in _IMPORTED.finditer(flat):
        draft = Draft("chrome", url=one[1], mode="no-cors", symptom="no-response", blocked=True)
        draft.unknown = {"credentials"}
        found.append(draft)
    return found


def _begun(flat: str) -> list[Draft]:
    """Messages whose end was cut off before the reason, or even before “blocked by CORS policy”."""
    return [
        Draft("chrome", begun[3].rstrip("….,"), begun[2], unknown=UNTOLD, blocked=True)
        for begun in _BEGINNING.finditer(flat)
    ]


def _blocked(flat: str) -> list[Draft]:
    """Messages with “Access to … has been blocked by CORS policy: …”; the beginning may be cut off."""
    parts = flat.split(BLOCKED)
    found = []
    for head, tail in pairwise(parts):
        _, begin, call = head.rpartition("Access to ")
        # The call of the next message is none of this one's reason.
        detail = tail if tail is parts[-1] else tail.rpartition("Access to ")[0] or tail
        found.append(_message(call, detail, is_cut=not begin))
    return found


def _message(text: str, detail: str, is_cut: bool) -> Draft:
    call, named, origin = f" {text.rstrip().removesuffix('has been')}".rpartition(" from origin")
    if not named:
        call, origin = origin, ""
    origin = _place(origin)
    draft = Draft("chrome", origin, blocked=True)
    unknown = set(UNTOLD)
    if not is_cut:
        kind, _, place = call.partition(" at ")
        last, redirected, first = place.partition("(redirected from ")
        draft.url = _place(first.rstrip(" )") if redirected else last)
        draft.redirected_to = _place(last) if redirected else ""
        if _LOADED.fullmatch(kind):
            unknown = {"credentials"}  # fonts, scripts and images: a plain GET
        if draft.url and (_PLACEHOLDER.match(draft.url) or "://" not in draft.url) and draft.url[0] not in "/.":
            draft.symptom, draft.value = "placeholder-url", draft.url[:200]
    elif "://" not in origin and origin != "null":
        draft.origin = ""
    elif address := _ADDRESS.search(call.rpartition(" ")[2]):
        draft.url = address[0]
    if not parse_detail(draft, detail, unknown) and (cut := _CUT_HEADER.search(detail)):
        draft.code, draft.value = _HEADER_CODE, cut[1] or ""
        draft.headers = requested_headers([cut[1]] if cut[1] else [])
    elif draft.code is None and (cut := _CUT_METHOD.search(detail)):
        draft.code, draft.method = "MethodDisallowedByPreflightResponse", cut[1]
        unknown.discard("method")
    draft.unknown = unknown
    return draft


def named_code(flat: str) -> str | None:
    """Return the code that the network panel shows for a blocked call, None without one."""
    found = _NAMED.search(flat)
    known = {code for _, code in _DETAILS} | {"MethodDisallowedByPreflightResponse", _HEADER_CODE}
    return found[1] if found and {found[1], found[1].removeprefix("Preflight")} & known else None


def of_network_panel(flat: str) -> Draft | None:
    """Return a call of which the network panel shows the reason, and perhaps the address."""
    code = named_code(flat)
    if code is None:
        return None
    place = _ADDRESS.search(flat)
    return Draft("network", url=place[0] if place else "", code=code, unknown=UNTOLD, blocked=True)


def _old(flat: str) -> list[Draft]:
    """Messages as Chrome had them until 2018: “XMLHttpRequest cannot load URL. …”, “Failed to load URL: …”."""
    places = list(_OLD.finditer(flat))
    found = []
    for at, place in enumerate(places):
        end = places[at + 1].start() if at + 1 < len(places) else len(flat)
        draft = Draft("chrome", url=place[1].rstrip(".:,'\""), blocked=True)
        unknown = set(UNTOLD)
        if parse_detail(draft, flat[place.end() : end], unknown):
            page = _PAGE.search(flat, place.end(), end)
            if page:
                draft.origin = page[1]
            draft.unknown = unknown
            found.append(draft)
    return found


def _alone(flat: str) -> list[Draft]:
    """Return the second half of a message without the first."""
    draft, unknown = Draft("chrome", blocked=True), set(UNTOLD)
    has_code = parse_detail(draft, flat, unknown)
    page = _PAGE.search(flat)
    if page:
        draft.origin = page[1]
    draft.unknown = unknown
    return [draft] if has_code else []


def parse_detail(draft: Draft, detail: str, unknown: set[str]) -> bool:
    """Read the code and the parts of the call from a message's second half; return whether it has a code."""
    method, header, other = _METHOD.search(detail), _HEADER.search(detail), _DETAIL.search(detail)
    first = min((one for one in (method, header, other) if one), key=lambda one: one.start(), default=None)
    if first is None:
        return False
    before = detail[: first.start()]
    status = _STATUS.search(detail, first.start())
    if first is method:
        draft.code, draft.method = "MethodDisallowedByPreflightResponse", first[1]
        unknown.discard("method")
        return True
    if first is header:
        draft.code, draft.headers = _HEADER_CODE, requested_headers([first[1]])
        draft.value = first[1]
        return True
    code = _DETAILS[int((first.lastgroup or "d0")[1:])][1]
    quoted = _QUOTED.search(detail, first.start(), first.end() + 2200)
    draft.value = quoted[1] if quoted else draft.value
    if code in _INCLUDE:
        draft.credentials = "include"
        unknown.discard("credentials")
    preflight = _PREFLIGHT in before
    draft.code = f"Preflight{code}" if preflight and not code.startswith("Preflight") else code
    if status:
        draft.preflight_status = int(status[1]) if preflight or code.startswith("Preflight") else None
        draft.status = None if draft.preflight_status else int(status[1])
    return True


def _place(text: str) -> str:
    """Return a URL or an origin as it is in a message: without quotes, and joined where a line break cut it."""
    joined = text.strip(_QUOTES)
    return joined if is_masked(joined) and "://" not in joined else "".join(joined.split())
