"""Seeded exchanges for the comparison with a real browser: nearly right ones with a few faults, and hostile ones.

URLs carry the word CASE where the number of the run goes, so that no two runs share a cache entry. All hosts end in
`.test`, which the browser resolves to the local server.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from random import Random

from apis.cors.exchange import Answer, Credentials, Exchange, Headers, Redirect, Request

PAGES = ("http://app.test", "http://app.test:8080", "http://xn--bcher-kva.test", "null")
HOSTS = tuple(f"http://api{number}.test" for number in range(16))
SAFE_TYPES = ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")
CREDENTIALS: tuple[Credentials, ...] = ("omit", "same-origin", "include")
METHODS = (
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "DELETE",
    "PATCH",
    "OPTIONS",
    "get",
    "put",
    "patch",
    "Delete",
    "FOO",
    "foo",
    "*",
)
RESPONSE_NAMES = (
    "X-One", "x-two", "ETag", "Location-X", "Content-Type", "Cache-Control", "Last-Modified", "Expires", "Pragma",
    "Content-Language", "Set-Cookie", "Set-Cookie2", "Date", "Server", "Vary", "WWW-Authenticate-X",
)  # fmt: skip
JUNK = string.ascii_letters + string.digits + "-_.,:;/*@?#[]{}()<>|\\^`~!$&'+=%\" \t\x01\x7f\xe9\xff"


def exchanges(seed: int, count: int) -> Iterator[Exchange]:
    """`count` exchanges, the same for the same seed."""
    for number in range(count):
        yield exchange(Random(f"{seed}/{number}"))


def exchange(random: Random) -> Exchange:
    """One exchange; about one in eight is redirected, one in twenty is not in mode cors or stays at home."""
    request = _request(random)
    hostile = random.random() < 0.35
    hops = random.choices((0, 1, 2, 3), (88, 8, 3, 1))[0]
    origins = [request.origin]
    redirects, places = [], [request.url.removesuffix("/CASE")]
    for hop in range(1, hops + 1):
        place = random.choice(
            (places[-1], random.choice(HOSTS), request.origin if request.origin != "null" else HOSTS[0])
        )
        answer = _answer(random, request, origins, hostile and random.random() < 0.3)
        location = _location(random, place, hop)
        status = random.choice((301, 302, 303, 307, 308))
        lines = (*_without(answer.headers, "location"), ("Location", location))
        if places[-1] != request.origin != "null" and place != places[-1]:
            origins = ["null"]
        redirects.append(Redirect(Answer(status, lines), _preflight(random, request, origins, hostile)))
        places.append(place)
    first = _preflight(random, request, [request.origin], hostile)
    response = _answer(random, request, origins, hostile)
    return Exchange(request, first, response, tuple(redirects))


def _location(random: Random, place: str, hop: int) -> str:
    odd = random.random()
    if odd < 0.04:
        return f"{place.replace('://', '://user:pass@')}/CASE/{hop}"
    if odd < 0.06:
        return random.choice(("ftp://api0.test/CASE", "data:text/plain,x", "http://", "javascript:x"))
    return f"{place}/CASE/{hop}"


def _request(random: Random) -> Request:
    page = random.choices(PAGES, (70, 10, 10, 10))[0]
    place = random.choice(HOSTS)
    if page != "null" and random.random() < 0.03:
        place = page
    method = random.choices(METHODS, (5, 2, 4, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1))[0]
    mode = random.choices(("cors", "no-cors", "same-origin"), (96, 2, 2))[0]
    if mode == "no-cors":
        method = random.choice(("GET", "POST", "head", "PUT"))
    elif random.random() < 0.01:
        method = random.choice(("TRACE", "connect", "Track"))
    headers = tuple(_header(random) for _ in range(random.choices((0, 1, 2, 3, 5), (4, 6, 5, 2, 1))[0]))
    if random.random() < 0.02:
        headers += tuple((name, "1" * random.randint(100, 128)) for name in _HINTS + _SAFE if random.random() < 0.9)
    credentials = random.choice(CREDENTIALS)
    return Request(page, f"{place}/CASE", method, headers, credentials, mode)


_HINTS = ("DPR", "Device-Memory", "Width", "Viewport-Width", "Downlink", "ECT", "RTT", "Intervention")
_SAFE = ("Accept", "Accept-Language", "Content-Language")
_VALUES = {
    "Accept": ("*/*", "application/json", "text/html;q=0.9", "a:b", "{x}", "x" * 128, "x" * 129, "caf\xe9", "a\tb", ""),
    "Accept-Language": ("en", "de-CH, fr;q=0.5", "en_US", "x" * 128, "x" * 129, "*", "en\tde", "\xe9", ""),
    "Content-Language": ("en", "de-DE", "en_US", "a/b", "x" * 129, ""),
    "Content-Type": (
        *SAFE_TYPES, "application/json", "TEXT/Plain", "text/plain;charset=utf-8", 'text/plain;charset="utf-8"',
        "text/plain;application/json", "text/plain,text/plain", "", "text/plain ;x", "text / plain", "text", "text/",
        "text/plain;" + "x" * 117, "text/plain;" + "x" * 118, "text/plainx", ";text/plain",
        "application/json;text/plain",
        "text/plain\t", "text/plain\x7f",
    ),
    "Range": (
        "bytes=0-", "bytes=0-10", "bytes=5-3", "bytes=-5", "bytes=0-1,2-3", "bytes= 0-1", "bytes=0",
        "bytes=9223372036854775806-", "bytes=9223372036854775808-", "bytes=0-9223372036854775808", "bytes=7-7",
        "bytes=00-01",
        "bytes=1-a", "bytes=", "items=0-1", "bytes =0-1",
    ),
    "Authorization": ("Bearer x",),
    "X-HTTP-Method-Override": ("PUT", "TRACE", "get, track", "CONNECTED", "connect", "\"a,TRACE\"", "PUT,,TRACK "),
    "X-Method-Override": ("DELETE", "trace"),
    "Save-Data": ("on", "ON", "off", ""),
    "User-Agent": ("mine",),
    "DPR": ("2", "x" * 129),
    "RTT": ("100", "{"),
}  # fmt: skip
_PLAIN = (
    "X-A", "x-b", "X-Api-Key", "X-Amz-Date", "X-Requested-With", "Cache-Control", "If-None-Match", "Pragma", "Cookie",
    "Proxy-Foo", "Sec-Foo", "DNT", "Date", "Host", "Origin", "Accept-Charset", "Keep-Alive", "Via", "Upgrade", "Te",
    "Access-Control-Request-Method", "Access-Control-Request-Foo", "Access-Control-Allow-Origin", "Set-Cookie", "Z!#$",
    "Priority", "Width", "ECT", "Sec", "Proxy", "Traceparent",
    "Accept-Encoding", "Access-Control-Request-Headers", "Connection", "Content-Length", "Cookie2", "Expect", "Referer",
    "Trailer", "Transfer-Encoding", "X-HTTP-Method", "Device-Memory", "Downlink", "Viewport-Width", "Intervention",
)  # fmt: skip


def _header(random: Random) -> tuple[str, str]:
    if random.random() < 0.55:
        name = random.choices(tuple(_VALUES), (4, 2, 2, 6, 3, 4, 1, 1, 1, 1, 1, 1))[0]
        value = random.choice(_VALUES[name])
        if random.random() < 0.1:
            value = _mutated(random, value)
        if name == "Range" and ("+" in value or value[:6].lower() == "bytes=" != value[:6]):
            value = "bytes=1-2"  # Chromium 150 takes `Bytes=` and `+1`, Chromium 156 does not
        return (random.choice((name, name, name.lower(), name.upper())), value)
    return (random.choice(_PLAIN), random.choice(("1", "a b", "", "TRACE", "x" * 130)))


def _preflight(random: Random, request: Request, origins: list[str], hostile: bool) -> Answer:
    status = random.choices((200, 204, 299, 201, 300, 304, 400, 401, 403, 404, 405, 500, 301), (9, 9) + (0.2,) * 11)[0]
    methods = request.method.upper() if request.method.lower() in ("put", "delete", "options") else request.method
    names = ", ".join(sorted({name.lower() for name, _ in request.headers}))
    lines = list(_allowing(random, request, origins[-1]))
    lines.append(("Access-Control-Allow-Methods", random.choice((methods, f"GET, {methods}", "*"))))
    lines.append(("Access-Control-Allow-Headers", random.choice((names, f"X-Z,{names}", "*", names.title()))))
    for _ in range(random.choice((0, 0, 1, 2)) if not hostile else random.choice((1, 2, 3))):
        lines = _faulty(random, lines, request)
    if status in (300, 301, 304) and random.random() < 0.5 and status != 304:
        lines.append(("Location", "http://api0.test/CASE/9"))
    lines.append(("Access-Control-Max-Age", random.choice(("-1", "0"))))
    if status not in (204, 304):
        lines.append(("Content-Length", "2"))
    return Answer(status, tuple(lines))


def _answer(random: Random, request: Request, origins: list[str], hostile: bool) -> Answer:
    status = random.choices((200, 201, 400, 403, 404, 500, 503, 302, 206, 599), (10, 2, 1, 1, 1, 1, 1, 0.5, 0.5, 0.3))[
        0
    ]
    lines = list(_allowing(random, request, origins[-1]))
    if random.random() < 0.5:
        value = random.choice(
            ("*", "X-One", "x-one, ETag", "X-One;x-two", "Set-Cookie, x-two", "no no", "X-One,,", '"X-One"', "")
        )
        lines.append(("Access-Control-Expose-Headers", value))
    for _ in range(random.choice((0, 0, 0, 1)) if not hostile else random.choice((1, 1, 2))):
        lines = _faulty(random, lines, request)
    lines += [(name, "text/plain" if name == "Content-Type" else "1") for name in random.sample(RESPONSE_NAMES, 4)]
    lines.append(("Content-Length", "2"))
    return Answer(status, tuple(lines))


def _allowing(random: Random, request: Request, origin: str) -> Headers:
    if request.credentials == "include" and random.random() < 0.95:
        return (("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"))
    return (("Access-Control-Allow-Origin", random.choice((origin, "*"))),)


def _faulty(random: Random, lines: list[tuple[str, str]], request: Request) -> list[tuple[str, str]]:
    """The lines with one fault: one dropped, doubled, replaced, or changed by a character."""
    place = random.randrange(len(lines)) if lines else 0
    kind = random.choice(("drop", "double", "replace", "replace", "replace", "mutate", "name"))
    if not lines:
        return [("Access-Control-Allow-Origin", _odd_origin(random, request.origin))]
    name, value = lines[place]
    if kind == "drop":
        return lines[:place] + lines[place + 1 :]
    if kind == "double":
        return [*lines, (name.lower(), random.choice((value, "GET", "*")))]
    if kind == "name":
        return [*lines[:place], (random.choice((name.upper(), name.lower())), value), *lines[place + 1 :]]
    replaced = _mutated(random, value) if kind == "mutate" else _odd_value(random, name.lower(), value, request.origin)
    return [*lines[:place], (name, replaced), *lines[place + 1 :]]


def _odd_value(random: Random, name: str, value: str, origin: str) -> str:
    if name.endswith("-origin"):
        return _odd_origin(random, origin)
    if name.endswith("-credentials"):
        return random.choice(("True", "TRUE", "false", "", '"true"', "1", "true, true", "true ", " true", "true;"))
    if name.endswith("-methods"):
        return random.choice((value.lower(), value.upper(), "", "GET,,PUT,", "PUT;", "PUT GET", '"PUT"', "[PUT]",
                              "*, GET", "G\xe9T",
                              ",", "*,", f" {value}\t", f"GET ,\t{value}", "**", value.replace(",", " ")))  # fmt: skip
    if name.endswith("-headers"):
        return random.choice((value.upper(), "", "*", "*,x-a", "x-*", "x a", '"x-a"', "x-a:", ",,", "authorization",
                              "content-type",
                              "Authorization,Content-Type", f"\t{value} ,", "\xe9", "x-a;x-b"))  # fmt: skip
    return _mutated(random, value)


def _odd_origin(random: Random, origin: str) -> str:
    host = origin.partition("://")[2] or "app.test"
    if random.random() < 0.35:
        inside = "".join(random.choice(JUNK) for _ in range(random.randint(1, 6)))
        return random.choice((f"http://{inside}", f"http://{inside}.test", f"{inside}", f"foo:{inside}",
                              f"http://app.test{inside}",
                              f"https:{inside}", f"http://[{inside}]", f"foo://{inside}"))  # fmt: skip
    return random.choice((
        f"{origin}/", origin.upper(), origin.replace("http", "https"), f"{origin}:80", f"{origin}, {origin}",
        f"{origin} {origin}",
        f"*, {origin}", "**", "null", "NULL", "Null", "", host, f"//{host}", "http://", "http://*", "http://*.test",
        "*.test", "{origin}",
        f"{origin}, *", f" {origin}", f"{origin}\t", f'"{origin}"', "http://user:pw@app.test", "http:app.test",
        "http:/app.test",
        "http:\\\\app.test", "https://app.test:99999", "https://app.test:0", "https://app.test:",
        "https://app.test:x", "javascript:x",
        "file:///x", "file:", "data:,x", "http://1.2.3.4.5", "http://256.1.1.1", "http://1.2.3", "http://0x7f.1",
        "http://[::1]",
        "http://[::1", "http://[::g]", "http://%61pp.test", "http://%zz.test", "http://b\xfccher.test",
        "localhost:3000", "127.0.0.1:80",
        "about:blank", "blob:http://app.test/x", "http:///app.test", "http://app.test.", "http://app..test",
        "http://-a.test",
        "http://a_b.test", "http://a{b.test", "https://", "https://?", "https://#", "ws://a", "ws:", "ftp://",
        "http://a b", "x", ":", "1:x",
        "http://08", "http://0x", "http://1.", "http://09.1", "http://a:b@", "http://@", "http://:80", "http://a:080",
        "http://a:65536",
        "http://%20", "http://%00", "http://a%2eb", "http://xn--", "http://xn--a.test", "http://\xe9", "http://\xadx",
        "http://4294967296",
    ))  # fmt: skip


def _mutated(random: Random, value: str) -> str:
    place = random.randint(0, len(value))
    kind = random.randrange(3)
    if kind == 0 or not value:
        return value[:place] + random.choice(JUNK) + value[place:]
    return value[:place] + value[place + 1 :] if kind == 1 else value[:place] + random.choice(JUNK) + value[place + 1 :]


def _without(lines: Headers, name: str) -> Headers:
    return tuple(pair for pair in lines if pair[0].lower() != name)
