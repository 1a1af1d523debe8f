"""Entries of AllowOrigins that work, but let in more or fewer pages than was probably meant.

The classes are those that security scanners test for (CORScanner, Corsy, CORStest, PortSwigger's, Observatory's) as
far as a list that is compared exactly can have them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from apis.cors.aws_validation import SCHEME_WILDCARDS
from apis.cors.lint.fixes import Fix, Unique, assign, remove, replace, shown
from apis.cors.lint.hosting import PLAYGROUNDS, platform_of
from apis.cors.lint.look_alikes import confusable, imitates, one_owner
from apis.cors.lint.origin_entry import read
from apis.cors.lint.rule_types import Context, Hit, Severity, rule
from apis.cors.origins import Url, is_local
from apis.cors.policy import LIST_FIELDS, CorsPolicy, normal

MOST_COMPARED = 200  # entries that are compared with each other


def _sites(policy: CorsPolicy) -> Iterator[tuple[str, Url]]:
    """The entries that stand for one site, with that site; those that are malformed by what was meant."""
    for text in policy.allow_origins:
        url = read(text).url
        if url is not None:
            yield text, url


@rule(
    code="origin-local-without-port",
    title="localhost without its port",
    severity="warning",
    field="AllowOrigins",
    why="“{value}” has no port, so it matches only a page on port {port}; a development server mostly has one of its "
    "own, such as 3000 or 5173.",
    todo="Write the port of your development server: {value}:3000, say.",
    example=CorsPolicy(allow_origins=("http://localhost",)),
)
def local_without_port(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """The tutorial's mistake: http://localhost is another origin than http://localhost:3000."""
    for text, url in _sites(policy):
        if url.port is None and _is_loopback(url.host) and text == url.origin:
            port = "443" if url.scheme == "https" else "80"
            yield Hit(text, replace("AllowOrigins", text, [f"{url.origin}:3000"]), {"port": port})


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "[::1]") or (host.startswith("127.") and is_local(host))


@rule(
    code="origin-local-in-production",
    title="A developer's machine next to production",
    severity="note",
    field="AllowOrigins",
    why="“{value}” is a developer's machine, listed next to {other}: what runs on a "
    "user's own machine can serve a page there.",
    todo="Keep it while you develop; take it off the API that serves production.",
    example=CorsPolicy(allow_origins=("https://example.com", "http://localhost:3000")),
)
def local_in_production(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Local origins beside public https ones."""
    public = next((text for text, url in _sites(policy) if url.scheme == "https" and not is_local(url.host)), None)
    if public:
        for text, url in _sites(policy):
            if is_local(url.host):
                yield Hit(text, remove("AllowOrigins", text), {"other": shown(public)})


@rule(
    code="origin-http-twin",
    title="An http twin of an https origin",
    severity="warning",
    field="AllowOrigins",
    why="“{value}” is trusted like its twin {other}, but its pages come unencrypted, so anyone on the way can put "
    "script into them and call the API as the user's page.",
    todo="Remove it and redirect http to https on the site.",
    example=CorsPolicy(allow_origins=("https://example.com", "http://example.com")),
)
def http_twin(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """The same host by http and by https."""
    secure = {url.host: text for text, url in _sites(policy) if url.scheme == "https"}
    for text, url in _sites(policy):
        if url.scheme == "http" and url.host in secure and not is_local(url.host):
            yield Hit(text, remove("AllowOrigins", text), {"other": shown(secure[url.host])})


@rule(
    code="origin-http",
    title="An http origin that is not local",
    severity="warning",
    field="AllowOrigins",
    why="Pages of “{value}” come unencrypted, so anyone on the way can put script into them and call the API.",
    todo="Serve the page over https and list {instead}.",
    example=CorsPolicy(allow_origins=("http://shop.example.com",)),
)
def http(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Unencrypted origins without a twin."""
    secure = {url.host for _, url in _sites(policy) if url.scheme == "https"}
    for text, url in _sites(policy):
        if url.scheme == "http" and url.host not in secure and not is_local(url.host):
            better = f"https://{url.host}" + (f":{url.port}" if url.port not in (None, 443) else "")
            yield Hit(text, replace("AllowOrigins", text, [better]), {"instead": better})


@rule(
    code="origin-third-party",
    title="A site where others put pages too",
    severity="note",
    field="AllowOrigins",
    why="“{value}” is on {platform}, {danger}.",
    todo="Move the page to a domain of your own and list that.",
    example=CorsPolicy(allow_origins=("https://codepen.io",), allow_credentials=True),
)
def third_party(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Playgrounds, and names under hosting platforms; graver with credentials."""
    grave: Severity = "warning" if policy.allow_credentials else "note"
    for text, url in _sites(policy):
        if url.host in PLAYGROUNDS:
            danger = "where anybody's script runs on the same origin"
            yield Hit(text, remove("AllowOrigins", text), {"platform": url.host, "danger": danger}, "warning")
            continue
        platform = platform_of(url.host)
        if platform:
            danger = "where anybody can have a name, and take over one that is given up"
            yield Hit(text, None, {"platform": platform, "danger": danger}, grave)


@rule(
    code="origin-look-alike",
    title="Two origins that look alike",
    severity="warning",
    field="AllowOrigins",
    why="“{value}” {likeness} {other}: a misspelling, or somebody's trap.",
    todo="Make sure that it is yours; else remove it.",
    example=CorsPolicy(allow_origins=("https://example.com", "https://example.com.evil.example")),
)
def look_alike(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Names that imitate another name of the list."""
    sites = list(islice(((text, url) for text, url in _sites(policy) if not is_local(url.host)), MOST_COMPARED))
    for at, (text, url) in enumerate(sites):
        for place, (other, original) in enumerate(sites):
            if one_owner(url.host, original.host):
                continue
            likeness = imitates(url.host, original.host)
            if place < at and confusable(url.host, original.host):
                likeness = "is easily taken for"
            if likeness:
                yield Hit(text, remove("AllowOrigins", text), {"other": shown(other), "likeness": likeness})
                break


@rule(
    code="entry-duplicate",
    title="An entry twice",
    severity="note",
    field="AllowOrigins",
    why="“{value}” is listed more than once in {field}, which changes nothing.",
    todo="Keep one of them.",
    example=CorsPolicy(allow_origins=("https://example.com", "https://example.com")),
)
def duplicate(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Repeats in any of the four lists; header names regardless of case."""
    for field in LIST_FIELDS:
        seen = set()
        for text in policy.get(field):
            key = normal(field, (text,))
            if key in seen:
                yield Hit(text, Fix("Remove the repeats", (Unique(field),)), {"field": field}, field=field)
            seen.add(key)


@rule(
    code="origin-any-beside-others",
    title="* beside other origins",
    severity="warning",
    field="AllowOrigins",
    why="“*” lets every site in, so the other entries of the list have no effect.",
    todo="Remove “*” if only the listed sites are meant, or else the others.",
    example=CorsPolicy(allow_origins=("*", "https://example.com")),
)
def any_beside_others(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """`*` in a list of more than itself."""
    if "*" in policy.allow_origins and set(policy.allow_origins) != {"*"}:
        yield Hit("*", remove("AllowOrigins", "*"))


@rule(
    code="origin-any",
    title="Every site is let in",
    severity="note",
    field="AllowOrigins",
    why="“*” lets a page of any site on the internet call the API and read its answers{worse}.",
    todo="Keep it for public data; else list the origins of your pages.",
    example=CorsPolicy(allow_origins=("*",)),
)
def any_origin(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """`*`, which is graver where callers are authorized."""
    if "*" not in policy.allow_origins or policy.allow_credentials:
        return
    protected = next((route for route in context.routes or () if route.authorization not in ("", "NONE")), None)
    tokens = any(name.lower() == "authorization" for name in policy.allow_headers)
    if protected:
        yield Hit("*", None, {"worse": f", though {protected.key} is for authorized callers"}, "warning")
    elif tokens:
        yield Hit("*", None, {"worse": ", though callers are meant to send authorization"}, "warning")
    else:
        yield Hit("*", None, {"worse": ""})


@rule(
    code="origin-any-with-credentials",
    title="* with credentials",
    severity="error",
    field="AllowOrigins",
    why="AWS refuses “*” together with AllowCredentials (“allow-credentials is not supported if 'allow-origin' is *”), "
    "and browsers refuse it too.",
    todo="List the origins of your pages, or switch credentials off: a token in the Authorization header needs none.",
    example=CorsPolicy(allow_origins=("*",), allow_credentials=True),
)
def any_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """The combination that AWS refuses."""
    if policy.allow_credentials and "*" in policy.allow_origins:
        named = set(policy.allow_origins) != {"*"}
        yield Hit("*", remove("AllowOrigins", "*") if named else assign("AllowCredentials", False))


@rule(
    code="origin-scheme-wildcard-with-credentials",
    title="Every site with credentials",
    severity="error",
    field="AllowOrigins",
    why="“{value}” with AllowCredentials lets any site call the API with your users' cookies and read the responses.",
    todo="List the origins of your pages, or switch credentials off.",
    example=CorsPolicy(allow_origins=("https://*",), allow_credentials=True),
    blocks=False,
)
def scheme_wildcard_with_credentials(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Reflection by another name; that AWS takes it is reported, not confirmed."""
    if policy.allow_credentials:
        for text in policy.allow_origins:
            if text in SCHEME_WILDCARDS:
                yield Hit(text, assign("AllowCredentials", False))


@rule(
    code="origin-scheme-wildcard",
    title="Every site of a scheme",
    severity="note",
    field="AllowOrigins",
    why="“{value}” lets a page of any {scheme} site call the API and read its answers.",
    todo="Keep it for public data; else list the origins of your pages.",
    example=CorsPolicy(allow_origins=("https://*",)),
)
def scheme_wildcard(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """`https://*` and `http://*` without credentials."""
    if not policy.allow_credentials:
        for text in policy.allow_origins:
            if text in SCHEME_WILDCARDS:
                yield Hit(text, None, {"scheme": text.partition(":")[0]})


RULES = (
    any_with_credentials,
    scheme_wildcard_with_credentials,
    any_beside_others,
    any_origin,
    scheme_wildcard,
    local_without_port,
    local_in_production,
    http_twin,
    http,
    third_party,
    look_alike,
    duplicate,
)
