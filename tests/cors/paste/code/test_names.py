"""Names in scripts that stand for one another, and scripts in which these have no end."""

from __future__ import annotations

import pytest

from apis.cors.paste import read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
HOST = API.removesuffix("/items")


def read(script):
    """What is read from a script about API."""
    return read_error(script.replace("API", f"'{API}'").replace("HOST", f"'{HOST}'"))


def chain(length):
    """Names of which each stands for the next, and the last one for PUT."""
    return "".join(f"const n{at} = n{at + 1};" for at in range(length)) + f"const n{length} = 'PUT'; const m = n0;"


@pytest.mark.parametrize(
    ("script", "method"),
    [
        (chain(2), "PUT"),
        (chain(3), None),
        ("const a = 'P'; const b = a + ''; const c = b + 'U'; const d = c + 'T'; const m = d + ''", "PUT"),
        ("const m = base + 'T'; const base = 'PU'", "PUT"),
        ("const a = 'PU', b = 'T'; const m = a + b", "PUT"),
        ("const m = a == b ? 'PUT' : 'PUT'", None),
        ("const m = 'P' + ('UT');", "PUT"),
        ("const m = f['PUT']", None),
        ("const p = new Path()\nconst m = 'PUT'", "PUT"),
        ("const m = new Path", None),
        ("const p = [1]\nm = 'PUT'", "PUT"),
        ("const m = 'PUT' // the method\nv = 1", "PUT"),
        ("const m = 'PUT' in [1]", "PUT"),
        ("const m = {a: ']'} in 'PUT'", None),
        ("const p = {a: 1, b: [2, m = 'x']}, q = 'PUT'; const m = q", "x"),
        ("const m = 'PUT'; const m = 'POST'", "PUT"),
        ("function f(m = 'PUT') { return 1 }", "PUT"),
        ("const m = b = 'PUT'", None),
        ("const m = `P${u}` + 'T', u = 'U'", "PUT"),
        ("const m = `P${x.u}`", None),
        ("const m = ''", None),
        ("const m == 'PUT'", None),
        ("const x.m = 'PUT'", None),
        ("'m' = 'PUT'", None),
        (")](]}{)} const m = 'PUT'", "PUT"),
    ],
)
def test_a_method_behind_names(script, method):
    found = read(f"{script}\nfetch(API, {{method: m}})")
    assert found.url == API
    assert (found.method, "method" in found.missing) == ((method, False) if method else ("GET", True))


@pytest.mark.parametrize(
    ("script", "headers"),
    [
        ("h.set('X-A', 1); const h = new Headers(); fetch(API, {headers: h})", ["X-A"]),
        ("h['X-A'] = 'v'; h['X-B'] = t\nfetch(API, {headers: h})", ["X-A", "X-B"]),
        ("h.auth = `Bearer ${t}`; fetch(API, {headers: h})", ["auth"]),
        ("const n = 'X-A'; h.append(n, v); fetch(API, {headers: h})", ["X-A"]),
        ("h.append(n, v); const n = 'X-A'; fetch(API, {headers: h})", ["X-A"]),
        ("h['X-A'] == 'v'; h.b == 1; h.set('X-C'); h.get('X-D', 1); fetch(API, {headers: h})", []),
        ("h('X-A') = 1; h{'X-B'} = 1; h['X-C'] + 1; h[x] = 1; fetch(API, {headers: h})", []),
        ("'h'.b = 1; 'h'['X-C'] = 1; 'h'.set('X-D', 1); fetch(API, {headers: h})", []),
        ("const o = {'X-A': 1}, p = {...o, 'X-B': 1}; fetch(API, {headers: p})", ["X-A", "X-B"]),
        ("const o = {'X-A': 1}; const p = {...o}; const q = {...p}; fetch(API, {headers: {...q}})", ["X-A"]),
    ],
)
def test_the_headers_behind_names(script, headers):
    assert [name for name, _ in read(script).headers] == headers


@pytest.mark.parametrize(
    "call",
    [
        "fetch(API, {headers: {Accept: x}})",
        "fetch(API, {headers: [['Accept', x]]})",
        "fetch(API, {headers: new HttpHeaders().set('Accept', x)})",
        "fetch(API, {headers: new HttpHeaders().set('Accept')})",
        "h.set('Accept', x); fetch(API, {headers: h})",
        "h['Accept'] = x; fetch(API, {headers: h})",
        "superagent.get(API).set('Accept', x)",
        "r.open('GET', API); r.setRequestHeader('Accept', x)",
        "r.open('GET', API); r.setRequestHeader('Accept')",
    ],
)
def test_a_value_that_is_not_to_be_seen_is_empty(call):
    assert read(call).headers == (("Accept", ""),)


@pytest.mark.parametrize("value", ["application/json", "text/plain"])
def test_the_value_of_an_added_header(value):
    for added in (f"h['Content-Type'] = '{value}'", f"h.set('Content-Type', '{value}')"):
        found = read(f"const h = new Headers(); {added}; fetch(API, {{headers: h}})")
        assert found.headers == (("Content-Type", value),)


@pytest.mark.parametrize(
    "script",
    [
        "const o = {...o}; fetch(API, o)",
        "const o = {...p, method: 'PUT'}, p = {...o}; fetch(API, o)",
        "".join(f"const o{at} = {{{f'...o{at + 1},' * 40}}};" for at in range(40)) + "fetch(API, o0)",
        "x = ''" + " + x" * 60 + "; fetch(API, {method: x})",
        "x = `" + "${x}" * 60 + "`; fetch(API, {method: x})",
        "".join(f"const s{at} = s{at + 1} + s{at + 1};" for at in range(40)) + "fetch(API, {method: s0})",
        "".join(f"x{at}=" for at in range(8_000)) + "1; fetch(API)",
        "x.y=" * 4_000 + "1; fetch(API)",
        "x['y']=" * 3_000 + "1; fetch(API)",
    ],
)
def test_names_that_stand_for_themselves_or_for_much_take_no_time(script):
    assert read(script).url == API
