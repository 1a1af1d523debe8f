"""Entries of AllowOrigins that are no origin as browsers send it, so that AWS refuses them or nothing matches them.

API Gateway compares an entry with the Origin header character by character. Browsers send scheme, host and port only,
in lower case, without the default port, with non-ASCII names in punycode (URL and HTML standards).
"""

from __future__ import annotations

from collections.abc import Iterator

from apis.cors.aws_validation import refuse_origin
from apis.cors.lint.fixes import enumerated, remove, replace, shown
from apis.cors.lint.origin_entry import Entry, has_default_port, is_port, mend, mended, read
from apis.cors.lint.rule_types import Context, Hit, rule
from apis.cors.origins import to_ascii
from apis.cors.policy import CorsPolicy


def _entries(policy: CorsPolicy) -> Iterator[Entry]:
    return (read(text) for text in policy.allow_origins)


def _hit(entry: Entry, **words: str) -> Hit:
    better = mended(entry.text)
    refused = refuse_origin(entry.text)
    return Hit(
        entry.text,
        mend(entry.text),
        {
            "instead": enumerated(better) if better else "the origin of the page",
            "said": f"“{shown(refused.message, 120)}”" if refused else "",
            **words,
        },
    )


@rule(
    code="origin-empty",
    title="An empty origin",
    severity="error",
    field="AllowOrigins",
    why="The list has an entry without any text, which is no origin and matches no page.",
    todo="Remove the entry.",
    example=CorsPolicy(allow_origins=("https://example.com", "")),
)
def empty(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Blank entries."""
    return (_hit(entry) for entry in _entries(policy) if not entry.bare)


@rule(
    code="origin-padded",
    title="White space or quotes around an origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” has white space, quotes, brackets or commas around it, which browsers do not send, so it matches no "
    "page.",
    todo="Leave only the origin: {instead}.",
    example=CorsPolicy(allow_origins=(" https://example.com",)),
)
def padded(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Entries with something around the origin."""
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
    why="“{value}” holds {count} origins in one entry, and as a whole it matches no page.",
    todo="Make an entry of each: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com,https://www.example.com",)),
)
def several(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Lists within an entry."""
    return (_hit(entry, count=str(len(entry.several))) for entry in _entries(policy) if entry.several)


@rule(
    code="origin-misspelt",
    title="A slip of the keyboard",
    severity="error",
    field="AllowOrigins",
    why="“{value}” is no origin as it stands, so it matches no page; {instead} was probably meant.",
    todo="Write {instead}.",
    example=CorsPolicy(allow_origins=("htps://example.com",)),
)
def misspelt(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """`htps://`, `https:/`, `https;//`, a comma for a dot."""
    return (_hit(entry) for entry in _entries(policy) if entry.misspelt)


@rule(
    code="origin-placeholder",
    title="A placeholder in the place of an origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” holds a name that some tool should have replaced by its value, and as it stands it matches no page.",
    todo="Write the origin itself, and see why the tool did not fill it in.",
    example=CorsPolicy(allow_origins=("$FRONTEND_URL",)),
)
def placeholder(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """`${…}`, `{{…}}`, `$NAME`, `<your-domain>`."""
    return (Hit(entry.text, remove("AllowOrigins", entry.text)) for entry in _entries(policy) if entry.is_placeholder)


@rule(
    code="origin-trailing-dot",
    title="A dot at the end of a host",
    severity="warning",
    field="AllowOrigins",
    why="“{value}” has a dot at the end of its host, which browsers send only when it stands in the page's address; "
    "pages without it are another origin.",
    todo="Leave the dot out: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com.",)),
)
def trailing_dot(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Fully qualified names as DNS writes them."""
    for entry in _entries(policy):
        if entry.is_plain and entry.host.endswith(".") and entry.meant:
            better = entry.meant.replace(entry.host.lower(), entry.host.lower().rstrip("."))
            yield Hit(entry.text, replace("AllowOrigins", entry.text, [better]), {"instead": better})


@rule(
    code="origin-null",
    title="The origin null",
    severity="error",
    field="AllowOrigins",
    why="AWS refuses the entry “{value}” ({said}), and many unrelated pages have the origin null: local files, "
    "sandboxed frames, some redirects.",
    todo="Remove it, and serve the page over http or https so that it has an origin of its own.",
    example=CorsPolicy(allow_origins=("null",)),
)
def null(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Entries that say null."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_null)


@rule(
    code="origin-wildcard-part",
    title="A wildcard within an origin",
    severity="error",
    field="AllowOrigins",
    why="API Gateway knows only “*”, “https://*” and “http://*”; a wildcard within an origin, as in “{value}”, is "
    "refused by AWS.",
    todo="List each origin by itself, or answer preflights in the backend if the sites come and go.",
    example=CorsPolicy(allow_origins=("https://*.example.com",)),
)
def wildcard_part(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Patterns for sub-domains, ports and the like."""
    return (
        _hit(entry)
        for entry in _entries(policy)
        if entry.has_pattern and not entry.several and not entry.is_placeholder
    )


@rule(
    code="origin-without-scheme",
    title="An origin without http:// or https://",
    severity="error",
    field="AllowOrigins",
    why="“{value}” does not begin with http:// or https://, and AWS refuses such an origin ({said}).",
    todo="Write the scheme as well: {instead}.",
    example=CorsPolicy(allow_origins=("localhost:3000",)),
)
def without_scheme(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Bare hosts, and schemes without their two slashes."""
    for entry in _entries(policy):
        if entry.is_plain and entry.meant and not (entry.scheme and entry.bare.startswith(f"{entry.scheme}://")):
            yield _hit(entry)


@rule(
    code="origin-other-scheme",
    title="A scheme other than http and https",
    severity="error",
    field="AllowOrigins",
    why="AWS takes http and https origins only and refuses “{value}” ({said}).",
    todo="Remove it: apps with a scheme of their own (Capacitor, browser extensions) need native HTTP calls or a "
    "backend that answers CORS itself.",
    example=CorsPolicy(allow_origins=("capacitor://localhost",)),
)
def other_scheme(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """App schemes, web sockets, files."""
    for entry in _entries(policy):
        if entry.is_plain and entry.scheme and entry.scheme.lower() not in ("http", "https"):
            yield _hit(entry)


@rule(
    code="origin-user",
    title="A user name in an origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” names a user before the host, which browsers never send in an origin, so it matches no page.",
    todo="Leave out what is before the @: {instead}.",
    example=CorsPolicy(allow_origins=("https://me@example.com",)),
)
def user(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Entries with user name or password."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and entry.user is not None)


@rule(
    code="origin-trailing-slash",
    title="A slash at the end of an origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” ends with a slash; browsers send origins without one and API Gateway compares them exactly, so it "
    "matches no page.",
    todo="Take the slash away: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com/",)),
)
def trailing_slash(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """One slash and nothing more."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and entry.rest == "/")


@rule(
    code="origin-path",
    title="A path or query in an origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” has more than scheme, host and port; browsers never send a path or query in an origin, so it "
    "matches no page.",
    todo="Leave out what follows the host: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com/app",)),
)
def path(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Paths, queries, fragments."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and entry.rest not in ("", "/"))


@rule(
    code="origin-upper-case",
    title="Capitals in an origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” has capitals; browsers send scheme and host in lower case and API Gateway compares them exactly, so "
    "it matches no page.",
    todo="Write it in lower case: {instead}.",
    example=CorsPolicy(allow_origins=("https://App.Example.com",)),
)
def upper_case(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Capitals in scheme or host."""
    for entry in _entries(policy):
        written = f"{entry.scheme or ''}{entry.host}"
        if entry.is_plain and written != written.lower():
            yield _hit(entry)


@rule(
    code="origin-default-port",
    title="A port that browsers leave out",
    severity="error",
    field="AllowOrigins",
    why="“{value}” writes out the usual port of its scheme, which browsers leave out, so it matches no page.",
    todo="Leave the port out: {instead}.",
    example=CorsPolicy(allow_origins=("https://example.com:443",)),
)
def usual_port(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Port 80 with http, 443 with https."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and has_default_port(entry))


@rule(
    code="origin-bad-port",
    title="A port that is none",
    severity="error",
    field="AllowOrigins",
    why="“{value}” has “{port}” where its port should be, and a port is a number from 1 to 65535 without zeros before "
    "it.",
    todo="Write the port of the page, or none: {instead}.",
    example=CorsPolicy(allow_origins=("http://localhost:30000000",)),
)
def bad_port(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """What follows the colon is no port number."""
    for entry in _entries(policy):
        port = entry.port
        if entry.is_plain and port is not None and not is_port(port):
            yield _hit(entry, port=port[:10])


@rule(
    code="origin-unicode",
    title="A host that is not in ASCII",
    severity="error",
    field="AllowOrigins",
    why="Browsers send “{value}” in punycode, so as it stands it matches no page.",
    todo="Write the host as browsers do: {instead}.",
    example=CorsPolicy(allow_origins=("https://bücher.example",)),
)
def unicode(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """International names."""
    return (_hit(entry) for entry in _entries(policy) if entry.is_plain and not entry.host.isascii())


@rule(
    code="origin-not-canonical",
    title="A host that browsers write otherwise",
    severity="error",
    field="AllowOrigins",
    why="Browsers write “{value}” as {instead} in the Origin header, so as it stands it matches no page.",
    todo="Write it as browsers do: {instead}.",
    example=CorsPolicy(allow_origins=("http://127.1:3000",)),
)
def not_canonical(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """Short IPv4 and long IPv6 addresses, percent signs in hosts: what no rule above names."""
    for entry in _entries(policy):
        url = entry.url
        if entry.is_plain and url is not None and url.host != to_ascii(entry.host):
            yield _hit(entry)


@rule(
    code="origin-invalid",
    title="Not an origin",
    severity="error",
    field="AllowOrigins",
    why="“{value}” is no address that a page can have, so it matches none.",
    todo="Remove it, or write the page's scheme, host and port, such as https://example.com.",
    example=CorsPolicy(allow_origins=("https://exa|mple.com",)),
)
def invalid(policy: CorsPolicy, context: Context) -> Iterator[Hit]:
    """What cannot be read at all."""
    for entry in _entries(policy):
        if entry.is_plain and entry.meant is None and (entry.scheme or "https").lower() in ("http", "https"):
            yield _hit(entry)


RULES = (
    empty,
    padded,
    several,
    misspelt,
    placeholder,
    trailing_dot,
    null,
    wildcard_part,
    without_scheme,
    other_scheme,
    user,
    trailing_slash,
    path,
    upper_case,
    usual_port,
    bad_port,
    unicode,
    not_canonical,
    invalid,
)
