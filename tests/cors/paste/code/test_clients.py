"""The clients of libraries: their names, what they are made with, and what is chained to their calls."""

from __future__ import annotations

import pytest

from apis.cors.paste import read_calls, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
HOST = API.removesuffix("/items")
JSON = ("Content-Type", "application/json")
TEXT = ("Content-Type", "text/plain;charset=UTF-8")
KEY = ("X-A", "")


def read(script):
    """What is read from a script about API."""
    return read_error(script.replace("API", f"'{API}'").replace("HOST", HOST))


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("axios", "axios"),
        *((name, "fetch") for name in ("ky", "got", "ofetch", "$fetch", "useFetch", "useLazyFetch")),
        ("superagent", "xhr"), ("request", "xhr"),
        *((name, "angular") for name in ("http", "httpClient", "$http", "this._http")),
    ],
)  # fmt: skip
def test_the_name_of_a_client(name, source):
    mark = "" if name != "this._http" else "// HttpClient\n"
    found = read(f"{mark}{name}.get(API)")
    assert (found.source, found.url, found.method) == (source, API, "GET")
    if name != "request":
        found = read(f"{mark or '// HttpClient'}\n{name}({{url: API, method: 'put'}})")
        assert (found.source, found.url, found.method) == (source, API, "PUT")


@pytest.mark.parametrize(
    ("script", "headers"),
    [
        ("superagent.get(API).set('X-A', 1).set({'X-B': 1})", [KEY, ("X-B", "")]),
        ("superagent.get(API).set().set('X-A', 1)", [KEY]),
        ("superagent.get(API).set(x, 1).set('X-A', 1)", [KEY]),
        ("superagent.get(API).retry(2).set('X-A', 1)", [KEY]),
        ("superagent.get(API); set('X-A', 1)", []),
        ("superagent.get(API).set = ('X-A', 1)", []),
        ("superagent.get(API).set", []),
        ("axios.get(API).set('X-A', 1)", []),
        ("superagent.post(API).send()", []),
        ("superagent.post(API).send({a: 1}).send({b: 1})", [JSON]),
        ("superagent.post(API).send('a')", [TEXT]),
        ("superagent.post(API).set('Content-Type', 'text/csv').send({a: 1})", [("Content-Type", "text/csv")]),
    ],
)
def test_what_is_chained_to_a_call(script, headers):
    found = read(script)
    assert (found.url, list(found.headers), found.credentials) == (API, headers, "same-origin")


@pytest.mark.parametrize(
    ("script", "headers"),
    [
        ("axios.defaults.headers.common['X-A'] = t; axios.get(API)", [KEY]),
        ("common['X-A'] = t; axios.get(API)", []),
        ("axios.interceptors.request.use(c => { c.headers['X-A'] = t; return c }); axios.get(API)", [KEY]),
        ("c.headers['X-A'] = t; axios.get(API)", []),
        ("axios.defaults.headers.common['X-A'] = t; ky.get(API)", []),
        ("axios.get(API, {headers: {Origin: 'https://shop.example', 'X-A': 1}})", [KEY]),
    ],
)
def test_the_headers_of_every_call_of_axios(script, headers):
    found = read(script)
    assert (found.url, list(found.headers)) == (API, headers)
    assert found.origin == ("https://shop.example" if "Origin" in script else "")


def test_a_referrer_in_a_script_is_no_origin():
    assert read("axios.get(API, {headers: {Referer: 'https://shop.example/'}})").origin == ""


@pytest.mark.parametrize(
    "script",
    [
        "axios.defaults.baseURL = 'HOST'; axios.defaults.baseURL = 'https://b.example'; axios.get('/items')",
        "axios.defaults.baseURL = 'HOST'\nconst c = axios.create(); axios.get('/items')",
        "axios.defaults.x.baseURL = 'https://b.example'; axios.defaults.baseURL = 'HOST'; axios.get('/items')",
        "axios.defaults['baseURL'] = 'https://b.example'; axios.get(API)",
        "x.defaults.baseURL = 'https://b.example'; axios.get(API)",
        "axios.get(API); axios.defaults",
        "axios.get(API); axios.defaults.baseURL",
        "const c = axios.create({baseURL: 'HOST'}), d = c.extend({baseURL: 'HOST/v1'}); c.get('items')",
        "const c = ky.create({prefixUrl: 'HOST'}); c('items')",
        f"axios.get<{'a,' * 18}b>(API)",
        "axios.get<';'>(API)",
    ],
)
def test_where_the_address_comes_from(script):
    assert read(script).url == API


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "GET", "HEAD", "OPTIONS"])
def test_axios_drops_the_type_of_calls_without_a_body(method):
    """Other libraries send what the script states."""
    stated = f"({{url: API, method: '{method}', headers: {{'Content-Type': 'application/json'}}}})"
    kept = (JSON,) if method in ("POST", "PUT", "PATCH", "DELETE") else ()
    assert read(f"axios{stated}").headers == kept
    assert read(f"ky{stated}").headers == (JSON,)


@pytest.mark.parametrize(
    ("script", "headers"),
    [
        ("axios.put(API, [])", (JSON,)),
        ("axios.put(API, x)", (JSON,)),
        ("axios.put(API, null)", ()),
        ("axios.put(API, undefined)", ()),
        ("axios.put(API, JSON.stringify(x))", (TEXT,)),
        ("axios.put(API, x.y)", ()),
        ("axios.put(API, 'a' + b)", (TEXT,)),
        ("axios.put(API, a + b)", ()),
        ("axios.put(API, {a: 1}, {headers: {'content-type': 'text/csv'}})", (("content-type", "text/csv"),)),
        ("ky.put(API, {body: x})", (JSON,)),
        ("ky.put(API, {data: {a: 1}})", ()),
        ("this.http.put(API, {a: 1}, {headers: {'X-A': 1}})", (KEY, JSON)),
        ("this.http.request('PUT', API)", ()),
    ],
)
def test_the_type_of_a_body(script, headers):
    found = read(script)
    assert (found.url, found.method, found.headers) == (API, "PUT", headers)


@pytest.mark.parametrize(
    ("script", "method", "headers"),
    [
        (
            "$.post({url: API, data: d})",
            "POST",
            (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),),
        ),
        ("$.get(API, {a: 1})", "GET", ()),
        ("$.getJSON(API, {type: 'PUT'})", "GET", ()),
        ("$.ajax(API, {method: 'put'})", "PUT", ()),
        ("$.ajax({url: API, type: 'PUT', contentType: 'application/json'})", "PUT", (JSON,)),
        ("$.ajax({url: API, xhrFields: {withCredentials: false}})", "GET", ()),
    ],
)
def test_jquery(script, method, headers):
    found = read(script)
    assert (found.source, found.url, found.method, found.headers) == ("jquery", API, method, headers)
    assert (found.credentials, found.missing) == ("same-origin", ("origin",))


@pytest.mark.parametrize(
    ("script", "headers", "credentials"),
    [
        ("x.open('GET', API); x.setRequestHeader('Accept', 'text/html')", (("Accept", "text/html"),), "same-origin"),
        ("x.open('GET', API); x.setRequestHeader('X-A')", (KEY,), "same-origin"),
        ("x.open('GET', API); x.setRequestHeader(); x.setRequestHeader(n, 1)", (), "same-origin"),
        ("x.open('GET', API); x.withCredentials = false", (), "same-origin"),
        ("x.open('GET', API); x.withCredentials == true", (), "same-origin"),
        ("x.withCredentials = true; x.open('GET', API)", (), "include"),
        (".open('GET', API)", (), "same-origin"),
    ],
)
def test_an_xml_http_request(script, headers, credentials):
    found = read(script)
    assert (found.source, found.url, found.headers, found.credentials) == ("xhr", API, headers, credentials)


def test_calls_of_several_libraries_are_read_in_order():
    calls = read_calls(f"$.get('{API}/1'); axios.put('{API}/2'); x.open('POST', '{API}/3'); new EventSource('{API}/4')")
    assert isinstance(calls, list)
    assert [(call.method, call.url) for call in calls] == [
        ("GET", f"{API}/1"), ("PUT", f"{API}/2"), ("POST", f"{API}/3"), ("GET", f"{API}/4"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("script", "headers", "missing"),
    [
        ("new GraphQLClient(API)", (), ()),
        ("new GraphQLClient(API, {headers: {'X-A': 1}})", (KEY,), ()),
        ("new ApolloClient({url: API, headers: {'X-A': 1}})", (KEY,), ()),
        ("createClient({url: API, fetchOptions: () => { return {headers: {'X-A': t}} }})", (KEY,), ()),
        ("createClient({url: API, fetchOptions() { const t = {a: 1}; return {headers: {'X-A': t}} }})", (KEY,), ()),
        ("createClient({url: API, fetchOptions: o}); const o = {headers: {'X-A': t}}", (KEY,), ()),
        ("createClient({url: API, fetchOptions: f(), headers: {'X-A': 1}})", (KEY,), ()),
        ("createClient({url: API, fetchOptions: {headers: h()}})", (), ("headers",)),
    ],
)
def test_graphql(script, headers, missing):
    found = read(script)
    assert (found.source, found.url, found.method) == ("fetch", API, "POST")
    assert (found.headers, found.missing) == ((*headers, ("content-type", "application/json")), ("origin", *missing))
