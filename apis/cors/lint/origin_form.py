"""Rules on the form of origins: entries that AWS refuses or that never match.

API Gateway compares an entry with the Origin header character by character. Browsers send only scheme, host and port,
in lower case, without the default port, and non-ASCII names in Punycode (URL and HTML standards).
"""

from __future__ import annotations

from collections.abc import Iterator

from apis.cors.aws_validation import refuse_origin
from apis.cors.lint.fixes import enumerated, remove, replace, shown
from apis.cors.lint.origin_entry import Entry, corrected, correction, has_default_port, is_port, read
from apis.cors.lint.rule_types import Context, Hit, rule
from apis.cors.origins import to_ascii
from apis.cors.policy import CorsPolicy


def _entries(policy: CorsPolicy) -> Iterator[Entry]:
    return (read(text) for text in policy.allow_origins)


def _hit(entry: Entry, **words: str) -> Hit:
    better = corrected(entry.text)
    refused = refuse_origin(entry.text)
    return Hit(
        entry.text,
        correction(entry.text),
        {
            "instead": enumerated(better) if better else "the origin of the page",
            "said": f"“{shown(refused.message, 120)}”" if refused else "",
            **words,
        },
    )


@rule(
    code="origin-empty",
    title="Empty origin",
    severity="error",
    field="AllowOrigins",
    why="An empty entry matches no page.",
    todo="Remove the entry.",
    example=CorsPolicy(allow_origins=("https://example.com", "")),
)
def empty(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find blank entries."""
    return (_hit(entry) for entry in _entries(policy) if not entry.bare)


@rule(
    code="origin-padded",
    title="Extra characters around an origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” has spaces, quotes, brackets or commas around it, so it never matches.",
    todo="Keep only the origin: {instead}.",
    example=CorsPolicy(allow_origins=(" https://example.com",)),
)
def padded(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find entries with extra characters around the origin."""
    return (
        _hit(entry)
        for entry in _entries(policy)
        if entry.bare and not entry.several and entry.bare != entry.text and not entry.misspelt
    )


@rule(
    code="origin-several-in-one",
    title="Several origins in one entry",
    severity="error",
    field="AllowOrigins",
    why="“{value}” holds {count} origins in one entry, so it never matches.",
    todo="Add each origin as its own entry: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com,https://www.example.com",)),
)
def several(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find lists within an entry."""
    return (_hit(entry, count=str(len(entry.several))) for entry in _entries(policy) if entry.several)


@rule(
    code="origin-misspelt",
    title="Typo in an origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” is not a valid origin, so it never matches.",
    todo="Write {instead}.",
    example=CorsPolicy(allow_origins=("htps://example.com",)),
)
def misspelt(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find `htps://`, `https:/`, `https;//` and a comma for a dot."""
    return (_hit(entry) for entry in _entries(policy) if entry.misspelt)


@rule(
    code="origin-placeholder",
    title="Unresolved placeholder",
    severity="error",
    field="AllowOrigins",
    why="“{value}” contains a placeholder that no tool replaced, so it never matches.",
    todo="Write the origin itself, and check why the placeholder was not replaced.",
    example=CorsPolicy(allow_origins=("$FRONTEND_URL",)),
)
def placeholder(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find `${…}`, `{{…}}`, `$NAME` and `<your-domain>`."""
    return (Hit(entry.text, remove("AllowOrigins", entry.text)) for entry in _entries(policy) if entry.is_placeholder)


@rule(
    code="origin-trailing-dot",
    title="Dot after the host",
    severity="warning",
    field="AllowOrigins",
    why="“{value}” ends with a dot, so it matches only pages whose address has the dot too.",
    todo="Remove the dot: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com.",)),
)
def trailing_dot(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find fully qualified names as DNS writes them."""
    for entry in _entries(policy):
        if entry.is_plain and entry.host.endswith(".") and entry.intended:
            better = entry.intended.replace(entry.host.lower(), entry.host.lower().rstrip("."))
            yield Hit(entry.text, replace("AllowOrigins", entry.text, [better]), {"instead": better})


@rule(
    code="origin-null",
    title="Origin null",
    severity="error",
    field="AllowOrigins",
    why="AWS refuses “{value}” ({said}), and unrelated local files and sandboxed frames share this origin.",
    todo="Remove it, and serve the page over http or https.",
    example=CorsPolicy(allow_origins=("null",)),
)
def null(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find entries that are null."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_null)


@rule(
    code="origin-wildcard-part",
    title="Unsupported wildcard",
    severity="error",
    field="AllowOrigins",
    why="API Gateway supports only “*”, “https://*” and “http://*”, so AWS refuses “{value}”.",
    todo="List each origin, or answer preflights in the backend if origins change often.",
    example=CorsPolicy(allow_origins=("https://*.example.com",)),
)
def wildcard_part(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find patterns, for example for subdomains or ports."""
    return (
        _hit(entry)
        for entry in _entries(policy)
        if entry.has_pattern and not entry.several and not entry.is_placeholder
    )


@rule(
    code="origin-without-scheme",
    title="Missing scheme",
    severity="error",
    field="AllowOrigins",
    why="“{value}” does not start with http:// or https://, so AWS refuses it ({said}).",
    todo="Add the scheme: {instead}.",
    example=CorsPolicy(allow_origins=("localhost:3000",)),
)
def without_scheme(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find hosts without a scheme, and schemes without two slashes."""
    for entry in _entries(policy):
        if entry.is_plain and entry.intended and not (entry.scheme and entry.bare.startswith(f"{entry.scheme}://")):
            yield _hit(entry)


@rule(
    code="origin-other-scheme",
    title="Unsupported scheme",
    severity="error",
    field="AllowOrigins",
    why="AWS accepts only http and https origins and refuses “{value}” ({said}).",
    todo="Remove it; apps with their own scheme need native HTTP requests or a backend that handles CORS.",
    example=CorsPolicy(allow_origins=("capacitor://localhost",)),
)
def other_scheme(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find schemes of apps, web sockets and files."""
    for entry in _entries(policy):
        if entry.is_plain and entry.scheme and entry.scheme.lower() not in ("http", "https"):
            yield _hit(entry)


@rule(
    code="origin-user",
    title="User name in an origin",
    severity="error",
    field="AllowOrigins",
    why="Browsers never send a user name in an origin, so “{value}” never matches.",
    todo="Remove the part before the @: {instead}.",
    example=CorsPolicy(allow_origins=("https://me@example.com",)),
)
def user(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find entries with a user name or password."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and entry.user is not None)


@rule(
    code="origin-trailing-slash",
    title="Trailing slash",
    severity="error",
    field="AllowOrigins",
    why="Browsers send origins without a trailing slash, so “{value}” never matches.",
    todo="Remove the slash: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com/",)),
)
def trailing_slash(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find a single slash after the host."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and entry.rest == "/")


@rule(
    code="origin-path",
    title="Path in an origin",
    severity="error",
    field="AllowOrigins",
    why="Browsers send only scheme, host and port, so “{value}” never matches.",
    todo="Remove everything after the host and port: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com/app",)),
)
def path(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find paths, queries and fragments."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and entry.rest not in ("", "/"))


@rule(
    code="origin-upper-case",
    title="Capital letters in an origin",
    severity="error",
    field="AllowOrigins",
    why="Browsers send origins in lower case, so “{value}” never matches.",
    todo="Write it in lower case: {instead}.",
    example=CorsPolicy(allow_origins=("https://App.Example.com",)),
)
def upper_case(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find capitals in scheme or host."""
    for entry in _entries(policy):
        written = f"{entry.scheme or ''}{entry.host}"
        if entry.is_plain and written != written.lower():
            yield _hit(entry)


@rule(
    code="origin-default-port",
    title="Default port in an origin",
    severity="error",
    field="AllowOrigins",
    why="Browsers omit the default port, so “{value}” never matches.",
    todo="Remove the port: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com:443",)),
)
def default_port(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find port 80 with http and 443 with https."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and has_default_port(entry))


@rule(
    code="origin-bad-port",
    title="Invalid port",
    severity="error",
    field="AllowOrigins",
    why="“{value}” has the invalid port “{port}”: ports are 1 to 65535 without leading zeros.",
    todo="Write the page's port, or none: {instead}.",
    example=CorsPolicy(allow_origins=("http://localhost:30000000",)),
)
def bad_port(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find text after the colon that is not a port."""
    for entry in _entries(policy):
        port = entry.port
        if entry.is_plain and port is not None and not is_port(port):
            yield _hit(entry, port=port[:10])


@rule(
    code="origin-unicode",
    title="Host not in ASCII",
    severity="error",
    field="AllowOrigins",
    why="Browsers send this host in Punycode, so “{value}” never matches.",
    todo="Write the host in Punycode: {instead}.",
    example=CorsPolicy(allow_origins=("https://bücher.example",)),
)
def unicode(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find international names."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and not entry.host.isascii())


@rule(
    code="origin-not-canonical",
    title="Non-standard host spelling",
    severity="error",
    field="AllowOrigins",
    why="Browsers send this origin as {instead}, so “{value}” never matches.",
    todo="Write {instead}.",
    example=CorsPolicy(allow_origins=("http://127.1:3000",)),
)
def not_canonical(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find hosts that no rule above covers: short IPv4, long IPv6 and percent-encoding."""
    for entry in _entries(policy):
        url = entry.url
        if entry.is_plain and url is not None and url.host != to_ascii(entry.host):
            yield _hit(entry)


@rule(
    code="origin-invalid",
    title="Invalid origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” is not a valid origin, so it never matches.",
    todo="Remove it, or write scheme, host and port, such as https://example.com.",
    example=CorsPolicy(allow_origins=("https://exa|mple.com",)),
)
def invalid(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Find entries that cannot be parsed."""
    for entry in _entries(policy):
        if entry.is_plain and entry.intended is None and (entry.scheme or "https").lower() in ("http", "https"):
            yield _hit(entry)
