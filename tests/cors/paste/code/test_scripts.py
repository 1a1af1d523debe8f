"""Calls in scripts: the names in them, the clients that libraries make, and what these add."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
HOST = API.removesuffix("/items")
JSON = (("Content-Type", "application/json"),)
FORM = (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),)
KEY = (("X-A", ""),)


def read(script):
    """What is read from a script about API."""
    found = read_error(script.replace("API", f"'{API}'").replace("HOST", HOST))
    assert found.origin == ""
    return found


@pytest.mark.parametrize(
    "script",
    [
        "const u = API; fetch(u)",
        "let u = API\nlet v = 1\nfetch(u)",
        "var u = API, v = 2; fetch(u)",
        "const base = 'HOST';\nfetch(`${base}/items`)",
        "const base = 'HOST';\nfetch(base + '/items')",
        "const base = 'HOST';\nconst u = base + '/items'\nfetch(u)",
        "const base = 'HOST';\nconst u = `${base}/items`\nfetch(u)",
        "const config = {api: {url: API}};\nconst u = API; fetch(u)",
        "fetch(new URL('/items', 'HOST'))",
        "fetch(new URL(API))",
        "fetch(new Request(API))",
        "const r = new Request(API);\nfetch(r)",
        "useSWR(API, url => fetch(url))",
        "if (u == 'x') {}\nconst u = API\nfetch(u)",
        "this.u = 'x'; const u = API; fetch(u)",
        "const u = API\nasync function load() { return await fetch(u) }",
        "const u = await API\nfetch(API)",
        "const f = (a) => a\nfetch(API)",
        "/* fetch */ fetch (API)",
        "fetch(/**/API/* ')' */)",
        "fetch(/*/ 'no', */ API)",
        "// a 'quote\nfetch(API)",
        "const re = 'it\\'s';\nfetch(API)",
        "fetch('https:\\u002f\\x2fabc123def4.execute-api.us-east-1.amazonaws.com\\u{2f}items')",
    ],
)
def test_the_url_is_found_through_names(script):
    found = read(script)
    assert (found.url, found.method, found.missing) == (API, "GET", ("origin",))


@pytest.mark.parametrize(
    ("script", "url"),
    [
        ("fetch(u)", "${u}"),
        ("fetch(new URL('/items', 'https://[x'))", "/items"),
        ("fetch(new URL('/items', base))", "/items"),
        ("a('https://a.example/1'); fetch(u.v)", "${u.v}"),
        ("fetch(u.v)", "${u.v}"),
        ("fetch('HOST/items/' + 1.5)", f"{API}/${{1.5}}"),
        ("const b = 'HOST'; fetch(`${b}/items/${id}`)", f"{API}/${{id}}"),
        ("const b = 'HOST'; fetch(b + '/items/' + id)", f"{API}/${{id}}"),
        ("a('https://a.example/1'); b('https://b.example/2'); fetch(u)", "${u}"),
    ],
)
def test_a_url_with_an_unknown_part_is_missing(script, url):
    found = read(script)
    assert (found.url, found.missing) == (url, ("origin", "url"))


@pytest.mark.parametrize(
    ("script", "method", "headers", "missing"),
    [
        ("const o = {method: 'PUT', headers: {'X-A': '1'}}; fetch(API, o)", "PUT", KEY, ()),
        ("const h = {'X-A': '1'}; fetch(API, {headers: h})", "GET", KEY, ()),
        ("const h = {'X-A': '1'}; fetch(API, {headers: {...h}})", "GET", KEY, ()),
        ("fetch(API, {headers: {...h, 'X-A': '1'}})", "GET", KEY, ("headers",)),
        ("fetch(API, {...o, method: 'PUT'})", "PUT", (), ("headers", "credentials")),
        ("fetch(API, o)", "GET", (), ("method", "headers", "credentials")),
        ("const h = new Headers(); h.append('X-A', v); fetch(API, {headers: h})", "GET", KEY, ()),
        ("const h = new Headers(); h.set('X-A', 'v'); fetch(API, {headers: h})", "GET", KEY, ()),
        ("const h = new Headers({'X-A': '1'}); fetch(API, {headers: h})", "GET", KEY, ()),
        ("fetch(API, {headers: new Headers([['X-A', '1']])})", "GET", KEY, ()),
        ("fetch(API, {headers: [['X-A', x]]})", "GET", KEY, ()),
        ("fetch(API, {headers: [['X-A', x], y]})", "GET", KEY, ("headers",)),
        ("fetch(API, {headers: f()})", "GET", (), ("headers",)),
        ("fetch(API, {headers: new Headers})", "GET", (), ()),
        ("fetch(API, {headers: new HttpHeaders()})", "GET", (), ()),
        ("fetch(API, {headers: new Map()})", "GET", (), ("headers",)),
        ("fetch(API, {headers: new Headers(h)})", "GET", (), ("headers",)),
        ("fetch(API, {headers: [['X-A']]})", "GET", (), ("headers",)),
        ("fetch(API, {headers: [['X-A', 1, 2]]})", "GET", (), ("headers",)),
        ("fetch(API, {headers: [[n, 1]]})", "GET", (), ("headers",)),
        ("fetch(API, {headers: []})", "GET", (), ()),
        ("const h = {'X-A': 1}; h['X-B'] = 1; fetch(API, {headers: h})", "GET", (*KEY, ("X-B", "")), ()),
        ("const h = [['X-A', 1]]; h['X-B'] = 1; fetch(API, {headers: h})", "GET", (*KEY, ("X-B", "")), ()),
        ("const h = f(); h['X-A'] = 1; fetch(API, {headers: h})", "GET", KEY, ("headers",)),
        ("fetch(API, {body: a + 'b'})", "GET", (("Content-Type", "text/plain;charset=UTF-8"),), ()),
        ("fetch(API, {body: [1] + 'b'})", "GET", (), ()),
        ("fetch(API, {body: f('b')})", "GET", (), ()),
        ("fetch(new Request(API, {method: 'PUT'}), {method: 'PATCH'})", "PATCH", (), ()),
        ("fetch(API, {method: 'PUT', headers: {Cookie: 'a=b'}})", "PUT", (), ()),
        ("fetch(API, {method: m})", "GET", (), ("method",)),
        ("fetch(API, {credentials: c})", "GET", (), ("credentials",)),
        ("fetch(new Request(API, {method: 'PUT'}))", "PUT", (), ()),
        ("fetch(new Request(API), {method: 'PUT'})", "PUT", (), ()),
        ("fetch(API, {['method']: 'PUT'})", "GET", (), ("method", "headers", "credentials")),
    ],
)
def test_the_options_of_fetch(script, method, headers, missing):
    found = read(script)
    assert (found.source, found.url, found.method, found.headers) == ("fetch", API, method, headers)
    assert found.missing == ("origin", *missing)


@pytest.mark.parametrize("mode", ["cors", "no-cors", "same-origin", "navigate"])
def test_the_mode_of_fetch(mode):
    assert read(f"fetch(API, {{mode: '{mode}'}})").mode == mode
    assert read("fetch(API, {mode: 'other'})").mode == "cors"


@pytest.mark.parametrize("mode", ["omit", "same-origin", "include"])
def test_the_credentials_of_fetch(mode):
    found = read(f"fetch(API, {{credentials: '{mode}'}})")
    assert (found.credentials, found.missing) == (mode, ("origin",))


def test_the_page_of_a_copied_fetch():
    assert read_error(f"fetch('{API}', {{referrer: 'https://a.example/x'}})").origin == "https://a.example"
    assert read_error(f"fetch('{API}', {{headers: {{Origin: 'https://a.example'}}}})").origin == "https://a.example"


@pytest.mark.parametrize("script", ["fetch()", "fetch("])
def test_a_fetch_without_a_url_is_refused(script):
    with pytest.raises(ReadingError):
        read_error(script)


@pytest.mark.parametrize(
    ("verb", "method"),
    [("get", "GET"), ("delete", "DELETE"), ("head", "HEAD"), ("options", "OPTIONS"), ("post", "POST"), ("put", "PUT"),
     ("patch", "PATCH"), ("postForm", "POST"), ("putForm", "PUT"), ("patchForm", "PATCH")],
)  # fmt: skip
def test_the_verbs_of_axios(verb, method):
    found = read(f"axios.{verb}(API)")
    assert (found.source, found.url, found.method, found.headers) == ("axios", API, method, ())
    body = ", {a: 1}" if method in ("POST", "PUT", "PATCH") else ""
    options = f"axios.{verb}(API{body}, {{headers: {{'X-A': '1'}}, withCredentials: true}})"
    assert (read(options).headers, read(options).credentials) == ((*KEY, *(JSON if body else ())), "include")


@pytest.mark.parametrize(
    ("script", "method", "headers"),
    [
        ("axios(API)", "GET", ()),
        ("axios({url: API, method: 'put', data: {a: 1}})", "PUT", JSON),
        ("axios.request({url: API, method: 'delete'})", "DELETE", ()),
        ("axios.post(API, [1])", "POST", JSON),
        ("axios.post(API, body)", "POST", JSON),
        ("axios.post(API, null)", "POST", ()),
        ("axios.post(API, undefined)", "POST", ()),
        ("axios.post(API, 'a')", "POST", (("Content-Type", "text/plain;charset=UTF-8"),)),
        ("axios.post(API, new FormData())", "POST", (("Content-Type", "multipart/form-data; boundary=x"),)),
        ("axios.get(API, {headers: {'Content-Type': 'application/json', 'X-A': 1}})", "GET", KEY),
        ("axios.delete(API, {headers: {'Content-Type': 'application/json'}})", "DELETE", JSON),
        ("axios.get<Item[]>(API)", "GET", ()),
        ("const c = axios.create({baseURL: 'HOST/'}); c.get('/items')", "GET", ()),
        ("const c = axios.create({baseURL: 'HOST', headers: {'X-A': 1}}); c.put('items')", "PUT", KEY),
        ("const c = axios.create(); c.get(API)", "GET", ()),
        ("axios.defaults.baseURL = 'HOST'; axios.get('/items')", "GET", ()),
        ("axios.defaults.baseURL = 'HOST/items'; axios.get('')", "GET", ()),
    ],
)
def test_axios(script, method, headers):
    found = read(script)
    assert (found.source, found.url, found.method, found.headers) == ("axios", API, method, headers)
    assert (found.credentials, found.missing) == ("same-origin", ("origin",))


@pytest.mark.parametrize(
    "script",
    [
        "axios.get('/query', {baseURL: 'https://api.example/faq/'})",
        "const c = axios.create({baseURL: 'https://api.example/faq'}); c.get('query')",
        "fetchBaseQuery({baseUrl: 'https://api.example/faq/'}); b.query({query: () => '/query'})",
        "axios.get('https://api.example/faq/query', {baseURL: 'https://other.example'})",
        '{"config": {"baseURL": "https://api.example/faq/", "url": "/query"}}',
    ],
)
def test_a_path_below_a_base(script):
    assert read_error(script).url == "https://api.example/faq/query"


@pytest.mark.parametrize("stated", ["withCredentials: true", "withCredentials: !0", "credentials: 'include'"])
def test_credentials_of_clients(stated):
    assert read(f"axios.get(API, {{{stated}}})").credentials == "include"
    assert read(f"axios.create({{{stated}}}); axios.get(API)").credentials == "same-origin"
    assert read(f"const c = axios.create({{{stated}}}); c.get(API)").credentials == "include"
    assert read("axios.get(API, {withCredentials: false})").credentials == "same-origin"


@pytest.mark.parametrize(
    ("script", "source", "method", "headers"),
    [
        ("ky.put(API, {headers: {'X-A': 1}})", "fetch", "PUT", KEY),
        ("ky.post(API, {json: {a: 1}})", "fetch", "POST", JSON),
        ("ky.post(API, {body: 'a'})", "fetch", "POST", (("Content-Type", "text/plain;charset=UTF-8"),)),
        ("const c = ky.extend({prefixUrl: 'HOST'}); c.get('items')", "fetch", "GET", ()),
        ("superagent.post(API).set('X-A', '1').send({a: 1})", "xhr", "POST", (*KEY, *JSON)),
        ("request.get(API).set({'X-A': '1'})", "xhr", "GET", KEY),
        (
            "superagent.post(API).set('Content-Type', 'text/plain').send({})",
            "xhr",
            "POST",
            (("Content-Type", "text/plain"),),
        ),
        ("this.http.get(API)", "angular", "GET", ()),
        ("this.httpClient.post<Item>(API, {a: 1})", "angular", "POST", JSON),
        ("this.http.request('PUT', API, {headers: {'X-A': 1}})", "angular", "PUT", KEY),
        ("this.http.get(API, {headers: new HttpHeaders({'X-A': 1})})", "angular", "GET", KEY),
        ("this.http.get(API, {headers: new HttpHeaders().set('X-A', v)})", "angular", "GET", KEY),
        ("this.http.get(API, {headers: new HttpHeaders().append('X-A', v)})", "angular", "GET", KEY),
        ("$http.get(API, {headers: {'Content-Type': 'application/json'}})", "angular", "GET", JSON),
        ("$.get(API)", "jquery", "GET", ()),
        ("$.getJSON(API)", "jquery", "GET", ()),
        ("$.post(API)", "jquery", "POST", ()),
        ("$.post(API, {a: 1})", "jquery", "POST", FORM),
        ("jQuery.ajax(API, {type: 'put'})", "jquery", "PUT", ()),
        ("$.ajax({url: API, method: 'DELETE', headers: {'X-A': 1}})", "jquery", "DELETE", KEY),
        ("$.ajax({url: API, type: 'POST', data: d, contentType: 'application/json'})", "jquery", "POST", JSON),
        ("$.ajax({url: API, type: 'POST', data: d, contentType: false})", "jquery", "POST", ()),
        ("$.ajax({url: API, type: 'POST', data: d})", "jquery", "POST", FORM),
        ("$.ajax({url: API, data: d})", "jquery", "GET", ()),
        ("x.open('put', API); x.setRequestHeader('X-A', v)", "xhr", "PUT", KEY),
        (
            "new GraphQLClient(API, {headers: {'X-A': 1}})",
            "fetch",
            "POST",
            (*KEY, ("content-type", "application/json")),
        ),
        ("new ApolloClient({uri: API})", "fetch", "POST", (("content-type", "application/json"),)),
        ("createHttpLink({uri: API})", "fetch", "POST", (("content-type", "application/json"),)),
        ("new HttpLink({uri: API})", "fetch", "POST", (("content-type", "application/json"),)),
        ("new BatchHttpLink({uri: API})", "fetch", "POST", (("content-type", "application/json"),)),
        (
            "createClient({url: API, exchanges: [fetchExchange]})",
            "fetch",
            "POST",
            (("content-type", "application/json"),),
        ),
        (
            "new Client({url: API, fetchOptions: {headers: {'X-A': 1}}})",
            "fetch",
            "POST",
            (*KEY, ("content-type", "application/json")),
        ),
        (
            "createClient({url: API, fetchOptions: () => ({headers: {'X-A': t}})})",
            "fetch",
            "POST",
            (*KEY, ("content-type", "application/json")),
        ),
    ],
)
def test_other_libraries(script, source, method, headers):
    found = read(script)
    assert (found.source, found.url, found.method, found.headers) == (source, API, method, headers)
    assert (found.credentials, found.missing) == ("same-origin", ("origin",))


@pytest.mark.parametrize(
    "script",
    [
        "$.ajax({url: API, xhrFields: {withCredentials: true}})",
        "x.open('GET', API); x.withCredentials = true",
        "superagent.get(API).withCredentials()",
        "new ApolloClient({uri: API, credentials: 'include'})",
        "createClient({url: API, fetchOptions: () => ({credentials: 'include'})})",
        "new HttpLink({uri: API, fetchOptions: {credentials: 'include'}})",
        "new GraphQLClient(API, {credentials: 'include'})",
        "axios.defaults.withCredentials = true; axios.get(API)",
        "this.http.get(API, {withCredentials: true})",
        "ky.get(API, {credentials: 'include'})",
    ],
)
def test_credentials_of_other_libraries(script):
    assert read(script).credentials == "include"
    assert (
        read(
            script.replace("true", "false").replace("'include'", "'omit'").replace(".withCredentials()", "")
        ).credentials
        == "same-origin"
    )


@pytest.mark.parametrize(
    "script",
    ["axios.get(API, {headers: h()})", "$.ajax({url: API, beforeSend: f})", "$.ajax({url: API, headers: h()})",
     "new HttpLink({uri: API, headers: h()})", "createClient({url: API, fetchOptions: {headers: h()}})"],
)  # fmt: skip
def test_headers_that_are_not_to_be_seen_are_missing(script):
    assert read(script).missing == ("origin", "headers")


@pytest.mark.parametrize(
    ("script", "url"),
    [
        ("axios.get(u)", "${u}"),
        ("axios.get(u.v)", "${u.v}"),
        ("x.open('GET', u.v)", "${u.v}"),
        ("axios.defaults.baseURL = 'HOST'; axios.get(`/items/${id}`)", f"{API}/${{id}}"),
    ],
)
def test_a_url_of_a_library_with_an_unknown_part_is_missing(script, url):
    found = read(script)
    assert (found.url, found.missing[:2]) == (url, ("origin", "url"))


def test_the_headers_of_another_request_object_are_not_its_own():
    found = read(
        "x.open('GET', API); y.setRequestHeader('X-B', 1); x.setRequestHeader('X-A', 1); y.withCredentials = true"
    )
    assert (found.headers, found.credentials) == (KEY, "same-origin")


@pytest.mark.parametrize(
    "script",
    [
        "axios.get()",
        "$.ajax()",
        "$.each(API)",
        "x.open(API)",
        "x.open(m, API)",
        "axios.isCancel(e)",
        "axios.get; f(API)",
        "axios.get = f(API)",
        "axios.get {(API)",
        f"axios.get<{'a,' * 19}>(API)",
        "f(API); axios.",
        "f(API); $.",
        "f(API); jQuery.ajax",
        "x.setRequestHeader('X-A', API); open('GET', API)",
        "new ApolloClient()",
        "new HttpLink({})",
        "createClient()",
        "defaults // axios",
        "createClient({url: API})",
    ],
)
def test_what_is_no_call_of_a_library(script):
    with pytest.raises(ReadingError):
        read(script)
