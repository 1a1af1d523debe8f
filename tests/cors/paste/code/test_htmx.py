"""Elements with htmx's attributes."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
OWN = (("HX-Request", ""), ("HX-Current-URL", ""))
FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")
KEY = ("X-A", "")


@pytest.mark.parametrize(
    ("element", "method", "headers"),
    [
        ('<button hx-get="API">', "GET", ()),
        ("<a data-hx-delete='API' class=x>", "DELETE", ()),
        ("<div hx-get=API hx-trigger=load>", "GET", ()),
        ('<form hx-post="API">', "POST", (FORM,)),
        ('<form hx-put = "API">', "PUT", (FORM,)),
        ('<form hx-patch="API" hx-ext="json-enc">', "PATCH", (JSON,)),
        ('<form hx-encoding="multipart/form-data" hx-post="API">', "POST",
         (("Content-Type", "multipart/form-data; boundary=x"),)),
        ("""<button hx-headers='{"X-A": "1"}' hx-get="API">""", "GET", (KEY,)),
        ("""<button hx-get="API" hx-headers='{"X-A": "1", "X-B": 2}'>""", "GET", (KEY, ("X-B", ""))),
        ("""<button hx-get="API" hx-headers="js:{'X-A': token()}">""", "GET", (KEY,)),
        ("""<button hx-get="API" data-hx-headers='{X-A: true}'>""", "GET", (KEY,)),
        ("""<button hx-get="API" hx-headers="{&quot;X-A&quot;: &quot;1&quot;}">""", "GET", (KEY,)),
        ("""<form hx-post="API" hx-headers='{"content-type": "application/json"}'>""", "POST",
         (("content-type", "application/json"),)),
        ("""<form hx-post="API"><input hx-headers='{"X-B": "1"}'>""", "POST", (FORM,)),
        ("""<p hx-headers='{"X-B": "1"}'><form hx-post="API">""", "POST", (FORM,)),
        ("""<body hx-headers='{"X-A": "1"}'><p>a<br>b</p><form hx-post="API">""", "POST", (KEY, FORM)),
        ("""<div hx-headers='{"X-A": "1"}'><div hx-headers='{"x-a": "2"}'><a hx-get="API">""", "GET", (("x-a", ""),)),
        ("""<div hx-headers='{"X-A": "1"}'><p hx-headers='{"X-B": "2"}'><a hx-get="API">""", "GET",
         (("X-B", ""), KEY)),
        ("""<div hx-headers='{"X-A": "1"}'></div><a hx-get="API">""", "GET", ()),
        ("""<div hx-headers='{"X-A": "1"}'><span></span></p><img src=a><a hx-get="API">""", "GET", (KEY,)),
        ("""<div hx-headers='{"X-A": "1"}'/><a hx-get="API">""", "GET", ()),
        ("""<div hx-headers='{"X-A": "1"}'><b></b></b><a hx-get="API">""", "GET", (KEY,)),
        ("""<div hx-headers='{"X-A": "1"}'><p><div></p><a hx-get="API">""", "GET", (KEY,)),
        ("""<div hx-headers='{"X-A": "1"}'><p><b></p><a hx-get="API">""", "GET", (KEY,)),
        ("""<b hx-headers='{"X-A": "1"}'><b hx-headers='{"X-B": "1"}'></b><a hx-get="API">""", "GET", (KEY,)),
        ("""hx-headers='{"X-A": "1"}' hx-get="API">""", "GET", (KEY,)),
        ("""<DIV hx-headers='{"X-A": "1"}'></div><a hx-get="API">""", "GET", ()),
        ("""<script src="https://unpkg.com/htmx.org@4.0.1"></script><div hx-headers='{"X-A": "1"}'><a hx-get="API">""",
         "GET", ()),
        ("""<!-- htmx.org@next --><i hx-headers='{"X-A": "1"}'><a hx-get="API">""", "GET", ()),
        ("""<script src="/htmx-4.0.1/htmx.js"></script><i hx-headers:inherited='{"X-A": "1"}'><a hx-get="API">""",
         "GET", (KEY,)),
        ("""<!-- htmx.org@next implicitInheritance: true --><i hx-headers='{"X-A": "1"}'><a hx-get="API">""",
         "GET", (KEY,)),
    ],
)  # fmt: skip
def test_an_element(element, method, headers):
    found = read_error(element.replace("API", API) + "Load</button>")
    assert (found.source, found.url, found.method, found.headers) == ("htmx", API, method, (*OWN, *headers))
    assert (found.credentials, found.missing, found.blocked) == ("same-origin", ("origin",), False)


VOID = "area base br col embed hr img input link meta source track wbr"
ENDS_PARAGRAPH = """article aside blockquote details div dl fieldset footer form h1 h2 h3 h4 h5 h6 header hr main nav
    ol p pre section table ul"""


@pytest.mark.parametrize("name", VOID.split())
def test_nothing_is_inside_an_element_that_has_no_end(name):
    assert read_error(f"""<{name} hx-headers='{{"X-A": "1"}}'><a hx-get="{API}">""").headers == OWN
    assert read_error(f"""<x-{name} hx-headers='{{"X-A": "1"}}'><a hx-get="{API}">""").headers == (*OWN, KEY)


@pytest.mark.parametrize("name", ENDS_PARAGRAPH.split())
def test_what_ends_a_paragraph_is_not_inside_it(name):
    paragraph = """<p hx-headers='{"X-A": "1"}'>"""
    assert read_error(f"""{paragraph}<{name} hx-get="{API}">""").headers == OWN
    assert read_error(f"""{paragraph}<x-{name} hx-get="{API}">""").headers == (*OWN, KEY)


@pytest.mark.parametrize("stated", ["""hx-request='{"credentials": true}'""", 'hx-config="credentials: include"'])
def test_the_credentials_of_an_element(stated):
    assert read_error(f'<button hx-get="{API}" {stated}>').credentials == "include"
    assert read_error(f'<button hx-get="{API}"><b {stated}>').credentials == "same-origin"
    assert read_error(f'<body {stated}><br><button hx-get="{API}">').credentials == "include"
    explicit = f'<!-- htmx.org@4 --><body {stated}><button hx-get="{API}">'
    assert read_error(explicit).credentials == "same-origin"


@pytest.mark.parametrize(
    ("before", "mode"),
    [
        ("", "same-origin"), ("htmx.org@2.0.4", "same-origin"), ("/ajax/libs/htmx/2.0.4/htmx.min.js", "same-origin"),
        ("htmx.org@1.9.12", "cors"), ('{"selfRequestsOnly": false}', "cors"),
        ('{"selfRequestsOnly":true}', "same-origin"),
        ("htmx.config.selfRequestsOnly = false;", "cors"), ('htmx.org@4 {"mode": "cors"}', "cors"),
        ('htmx.org@2 {"mode": "cors"}', "same-origin"), ('htmx.org@4 {"selfRequestsOnly": false}', "same-origin"),
        ("htmx.config.mode = 'cors'", "cors"),
    ],
)  # fmt: skip
def test_whether_htmx_calls_other_origins(before, mode):
    assert read_error(f'{before}<a hx-get="{API}">').mode == mode


@pytest.mark.parametrize("element", ['<button hx-get="/items">', f'<a x-hx-get="{API}">', f'<a hx-swap="{API}">'])
def test_what_is_no_call_to_another_origin(element):
    with pytest.raises(ReadingError):
        read_error(element)


@pytest.mark.parametrize(
    ("script", "mode"),
    [
        ("importScripts('API')", "no-cors"), ("self.importScripts('API', 'x.js')", "no-cors"),
        ("const w = new Worker('API')", "same-origin"), ("new Worker('API', {type: 'module'})", "same-origin"),
        ("new SharedWorker('API')", "same-origin"),
    ],
)  # fmt: skip
def test_the_script_of_a_worker(script, mode):
    found = read_error(script.replace("API", API))
    assert (found.source, found.url, found.method, found.mode) == ("fetch", API, "GET", mode)
    assert (found.headers, found.missing) == ((), ("origin",))
