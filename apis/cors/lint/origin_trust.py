"""Rules on origins that work but allow more or fewer pages than intended.

They cover what security scanners test (CORScanner, Corsy, CORStest, PortSwigger, Observatory), as far as it applies to
a list that is compared exactly.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from apis.cors.aws_validation import SCHEME_WILDCARDS
from apis.cors.lint.fixes import Fix, Unique, assign, remove, replace, shown
from apis.cors.lint.hosting import PLAYGROUNDS, platform_of
from apis.cors.lint.look_alikes import confusable, imitates, same_owner
from apis.cors.lint.origin_entry import read
from apis.cors.lint.rule_types import Context, Hit, Severity, rule
from apis.cors.origins import Url, is_local
from apis.cors.policy import LIST_FIELDS, CorsPolicy, normal

MOST_COMPARED = 200  # entries compared with each other


def _sites(policy: CorsPolicy) -> Iterator[tuple[str, Url]]:
    """Yield the entries that name one site, with its URL; malformed ones with the intended URL."""
    for text in policy.allow_origins:
        url = read(text).url
        if url is not None:
            yield text, url


@rule(
    code="origin-any-with-credentials",
    title="* with credentials",
    severity="error",
    field="AllowOrigins",
    why="AWS refuses “*” with AllowCredentials (“allow-credentials is not supported if 'allow-origin' is *”), and so "
    "do browsers.",
    todo="List the origins of your pages, or turn credentials off if they only send an Authorization header.",
    example=CorsPolicy(allow_origins=("*",), allow_credentials=True),
)
def any_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find the combination that AWS refuses."""
    if policy.allow_credentials and "*" in policy.allow_origins:
        named = set(policy.allow_origins) != {"*"}
        yield Hit("*", remove("AllowOrigins", "*") if named else assign("AllowCredentials", False))


@rule(
    code="origin-scheme-wildcard-with-credentials",
    title="Every site with credentials",
    severity="error",
    field="AllowOrigins",
    why="“{value}” with AllowCredentials lets any site call the API with your users' cookies and read the responses.",
    todo="List the origins of your pages, or turn credentials off.",
    example=CorsPolicy(allow_origins=("https://*",), allow_credentials=True),
    blocks=False,
)
def scheme_wildcard_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find scheme wildcards with credentials; users report that AWS accepts them, which is unconfirmed."""
    if policy.allow_credentials:
        for text in policy.allow_origins:
            if text in SCHEME_WILDCARDS:
                yield Hit(text, assign("AllowCredentials", False))


@rule(
    code="origin-any-beside-others",
    title="* alongside other origins",
    severity="warning",
    field="AllowOrigins",
    why="“*” allows every site, so the other entries have no effect.",
    todo="Remove “*” to allow only the listed origins, or remove the other entries.",
    example=CorsPolicy(allow_origins=("*", "https://example.com")),
)
def any_alongside_others(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find `*` alongside other entries."""
    if "*" in policy.allow_origins and set(policy.allow_origins) != {"*"}:
        yield Hit("*", remove("AllowOrigins", "*"))


@rule(
    code="origin-any",
    title="Every site allowed",
    severity="note",
    field="AllowOrigins",
    why="“*” allows any site to call the API and read its responses{worse}.",
    todo="Keep it for public data; otherwise list the origins of your pages.",
    example=CorsPolicy(allow_origins=("*",)),
)
def any_origin(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find `*`; a warning where callers are authorized."""
    if "*" not in policy.allow_origins or policy.allow_credentials:
        return
    protected = next((route for route in context.known_routes if route.authorization not in ("", "NONE")), None)
    tokens = any(name.lower() == "authorization" for name in policy.allow_headers)
    if protected:
        yield Hit("*", None, {"worse": f", although route {protected.key} requires authorization"}, "warning")
    elif tokens:
        yield Hit("*", None, {"worse": ", although pages send an authorization header"}, "warning")
    else:
        yield Hit("*", None, {"worse": ""})


@rule(
    code="origin-scheme-wildcard",
    title="Every site of a scheme",
    severity="note",
    field="AllowOrigins",
    why="“{value}” allows any {scheme} site to call the API and read its responses.",
    todo="Keep it for public data; otherwise list the origins of your pages.",
    example=CorsPolicy(allow_origins=("https://*",)),
)
def scheme_wildcard(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find `https://*` and `http://*` without credentials."""
    if not policy.allow_credentials:
        for text in policy.allow_origins:
            if text in SCHEME_WILDCARDS:
                yield Hit(text, None, {"scheme": text.partition(":")[0]})


@rule(
    code="origin-local-without-port",
    title="localhost without a port",
    severity="warning",
    field="AllowOrigins",
    why="“{value}” matches only port {port}, but development servers usually use another, such as 3000 or 5173.",
    todo="Add the port of your development server, for example {value}:3000.",
    example=CorsPolicy(allow_origins=("http://localhost",)),
)
def local_without_port(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find the tutorial's mistake: http://localhost and http://localhost:3000 are different origins."""
    for text, url in _sites(policy):
        if url.port is None and _is_loopback(url.host) and text == url.origin:
            port = "443" if url.scheme == "https" else "80"
            yield Hit(text, replace("AllowOrigins", text, [f"{url.origin}:3000"]), {"port": port})


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "[::1]") or (host.startswith("127.") and is_local(host))


@rule(
    code="origin-local-in-production",
    title="Local origin alongside production",
    severity="note",
    field="AllowOrigins",
    why="“{value}” is allowed alongside {other}: any program on a user's machine could call this API from it.",
    todo="Remove it from APIs that serve production.",
    example=CorsPolicy(allow_origins=("https://example.com", "http://localhost:3000")),
)
def local_in_production(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find local origins alongside public https ones."""
    public = next((text for text, url in _sites(policy) if url.scheme == "https" and not is_local(url.host)), None)
    if public:
        for text, url in _sites(policy):
            if is_local(url.host):
                yield Hit(text, remove("AllowOrigins", text), {"other": shown(public)})


@rule(
    code="origin-http-twin",
    title="Same site over http and https",
    severity="warning",
    field="AllowOrigins",
    why="Pages from “{value}” are unencrypted, so an attacker on the network can inject scripts that call the API.",
    todo="Keep {other}, remove this entry and redirect http to https.",
    example=CorsPolicy(allow_origins=("https://example.com", "http://example.com")),
)
def http_twin(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find the same host with http and https."""
    secure = {url.host: text for text, url in _sites(policy) if url.scheme == "https"}
    for text, url in _sites(policy):
        if url.scheme == "http" and url.host in secure and not is_local(url.host):
            yield Hit(text, remove("AllowOrigins", text), {"other": shown(secure[url.host])})


@rule(
    code="origin-http",
    title="Unencrypted origin",
    severity="warning",
    field="AllowOrigins",
    why="Pages from “{value}” are unencrypted, so an attacker on the network can inject scripts that call the API.",
    todo="Serve the page over https and list {instead}.",
    example=CorsPolicy(allow_origins=("http://shop.example.com",)),
)
def http(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find unencrypted origins without an https entry."""
    secure = {url.host for _, url in _sites(policy) if url.scheme == "https"}
    for text, url in _sites(policy):
        if url.host not in secure and not is_local(url.host):
            better = f"https://{url.host}" + (f":{url.port}" if url.port not in (None, 443) else "")
            yield Hit(text, replace("AllowOrigins", text, [better]), {"instead": better})


@rule(
    code="origin-third-party",
    title="Shared hosting domain",
    severity="note",
    field="AllowOrigins",
    why="“{value}” is on {platform}, {danger}.",
    todo="Move the page to your own domain and list that.",
    example=CorsPolicy(allow_origins=("https://codepen.io",), allow_credentials=True),
)
def third_party(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find playgrounds and shared hosting domains; a warning with credentials."""
    severity: Severity = "warning" if policy.allow_credentials else "note"
    for text, url in _sites(policy):
        if url.host in PLAYGROUNDS:
            danger = "where everyone's scripts share one origin"
            yield Hit(text, remove("AllowOrigins", text), {"platform": url.host, "danger": danger}, "warning")
            continue
        platform = platform_of(url.host)
        if platform:
            danger = "where anyone can register a name, including one you give up"
            yield Hit(text, None, {"platform": platform, "danger": danger}, severity)


@rule(
    code="origin-look-alike",
    title="Look-alike origin",
    severity="warning",
    field="AllowOrigins",
    why="“{value}” looks like {other} but is a different domain.",
    todo="Check for a typo or a look-alike.",
    example=CorsPolicy(allow_origins=("https://example.com", "https://example.com.evil.example")),
)
def look_alike(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find hosts that imitate another host in the list."""
    sites = list(islice(((text, url) for text, url in _sites(policy) if not is_local(url.host)), MOST_COMPARED))
    for at, (text, url) in enumerate(sites):
        for place, (other, original) in enumerate(sites):
            if same_owner(url.host, original.host):
                continue
            if imitates(url.host, original.host) or (place < at and confusable(url.host, original.host)):
                yield Hit(text, remove("AllowOrigins", text), {"other": shown(other)})
                break


@rule(
    code="entry-duplicate",
    title="Duplicate entry",
    severity="note",
    field="AllowOrigins",
    why="“{value}” is listed more than once in {field}, which has no effect.",
    todo="Remove the duplicate.",
    example=CorsPolicy(allow_origins=("https://example.com", "https://example.com")),
)
def duplicate(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find duplicates in all four lists; header names regardless of case."""
    for field in LIST_FIELDS:
        seen = set()
        for text in policy.get(field):
            key = normal(field, (text,))
            if key in seen:
                yield Hit(text, Fix("Remove duplicates", (Unique(field),)), {"field": field}, field=field)
            seen.add(key)
