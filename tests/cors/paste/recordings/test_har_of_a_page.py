"""In the HAR of a whole page the call that CORS blocked is found among all that needs no permission."""

from __future__ import annotations

import pytest

from apis.cors.paste import ReadingError, read_error
from tests.cors.paste.recordings.test_har import API, PAGE, entry, har

REFERER = ("referer", PAGE + "/")
ORIGIN = ("origin", PAGE)
CORS, NO_CORS = ("sec-fetch-mode", "cors"), ("sec-fetch-mode", "no-cors")
ANYBODY = (("access-control-allow-origin", "*"),)
ASKS_PUT = (("access-control-request-method", "PUT"), ("access-control-request-headers", "content-type"), ORIGIN, CORS)
NOT_SENT = (("content-type", "application/json"), REFERER, ("user-agent", "Mozilla/5.0"))
"""What Chrome shows of a call that it never sent."""


def chrome(kind, *parts, error=None, **more):
    made = entry(*parts, **more) | {"_resourceType": kind}
    made["response"] |= {"_error": error} if error else {}
    return made


PREFLIGHT = chrome("preflight", "OPTIONS", headers=ASKS_PUT, status=204)
PUT = chrome("fetch", "PUT", headers=NOT_SENT, status=0, error="net::ERR_FAILED")
SCRIPT = chrome("script", url="https://cdn.jsdelivr.net/npm/react.js", headers=(REFERER, NO_CORS))
BEACONS = (
    chrome("fetch", "POST", "https://www.google.com/ccm/collect", headers=(REFERER, NO_CORS), status=204),
    chrome("ping", "POST", "https://www.google.com/g/collect", headers=(REFERER, ORIGIN, NO_CORS), status=204),
)
NAVIGATE, FORM = ("sec-fetch-mode", "navigate"), (("content-type", "application/x-www-form-urlencoded"), ORIGIN)
FIREFOX_PUT = entry("PUT", headers=(*NOT_SENT, ORIGIN), status=0)
FIREFOX_PREFLIGHT = entry("OPTIONS", headers=ASKS_PUT, status=204)


def assert_is_the_put(reading):
    assert (reading.origin, reading.url, reading.method) == (PAGE, API, "PUT")
    assert reading.headers == (("content-type", "application/json"),)
    assert reading.code == "PreflightMissingAllowOriginHeader"


def test_the_call_to_the_api_is_found_behind_scripts_and_beacons():
    assert_is_the_put(read_error(har(SCRIPT, *BEACONS, PREFLIGHT, PUT)))


OTHERS = {
    "a page come to from elsewhere": chrome(
        "document", url=PAGE + "/", headers=(("referer", "https://google.com/"), NAVIGATE)
    ),
    "a form": chrome("document", "POST", "https://pay.example/", headers=(*FORM, NAVIGATE)),
    "a form, in Firefox": entry("POST", "https://pay.example/", headers=(*FORM, NAVIGATE)),
    "a form, to plain http": entry(
        "POST", "http://pay.example/", headers=(*FORM, ("upgrade-insecure-requests", "1")), status=302
    ),
    "a form, without its mode": entry(
        "POST", "https://pay.example/", headers=(("content-type", "text/plain"), REFERER)
    ),
    "a preflight whose headers were withheld": chrome("preflight", "OPTIONS", headers=(ORIGIN, CORS), status=204),
    "a socket": chrome("websocket", url="wss://live.example/", headers=(ORIGIN,), status=101),
    "a socket, in Firefox": entry(url="wss://live.example/", headers=(ORIGIN, ("sec-fetch-mode", "websocket"))),
    "a socket, noted as http": entry(
        url="https://live.example/", headers=(ORIGIN, ("sec-websocket-key", "x")), status=101
    ),
    "a script that an extension stopped": chrome(
        "script", url="https://ads.example/ad.js", headers=(REFERER,), status=0, error="net::ERR_BLOCKED_BY_CLIENT"
    ),
    "a style": entry(url="https://fonts.example/css", headers=(REFERER, NO_CORS)),
    "a picture, in Safari": entry(url="https://img.example/a.png", headers=(REFERER,)),
    "a question whether a picture is there": entry("HEAD", url="https://img.example/a.png", headers=(REFERER,)),
    "an inlined picture": chrome("image", url="data:image/png;base64,AA", headers=(REFERER,)),
    "a call of the page's own origin": chrome("xhr", url=PAGE + "/me", headers=(REFERER, CORS), status=401),
}


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("calls", [(PREFLIGHT, PUT), (FIREFOX_PREFLIGHT, FIREFOX_PUT)])
def test_what_needs_no_permission_is_passed_over(other, calls):
    assert_is_the_put(read_error(har(OTHERS[other], *calls)))


def test_a_page_without_a_call_is_reported_what_to_do():
    with pytest.raises(ReadingError, match=r"no fetch or XMLHttpRequest call to another origin.*Network tab"):
        read_error(har(SCRIPT, *BEACONS, *OTHERS.values()))


STOPPED, STYLE = OTHERS["a script that an extension stopped"], OTHERS["a style"]


@pytest.mark.parametrize("other", [SCRIPT, *BEACONS, OTHERS["a form"], OTHERS["a socket"], STOPPED, STYLE])
def test_one_entry_that_is_no_call_is_refused_as_well(other):
    with pytest.raises(ReadingError, match="own origin"):
        read_error(har(other))


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(
            chrome(
                "fetch", url="https://ads.example/", headers=(REFERER,), status=0, error="net::ERR_BLOCKED_BY_CLIENT"
            ),
            id="stopped by an extension",
        ),
        pytest.param(chrome("xhr", url="https://a.example/", headers=(REFERER,), status=0), id="without an answer"),
        pytest.param(
            chrome("font", url="https://a.example/f", headers=(ORIGIN, CORS, ("sec-fetch-dest", "font"))),
            id="a font that is blocked",
        ),
        pytest.param(chrome("fetch", url="https://a.example/", headers=(ORIGIN, CORS), answer=ANYBODY), id="allowed"),
    ],
)
def test_a_call_that_cors_blocked_comes_before_one_that_failed_otherwise_or_went_well(other):
    assert_is_the_put(read_error(har(other, PREFLIGHT, PUT)))


def test_a_call_that_an_extension_stopped_comes_after_one_that_went_well():
    stopped = chrome(
        "fetch", url="https://ads.example/", headers=(REFERER,), status=0, error="net::ERR_BLOCKED_BY_CLIENT"
    )
    fine = chrome("xhr", headers=(ORIGIN, CORS), answer=ANYBODY)
    assert read_error(har(stopped, fine)).url == API


def test_a_font_that_went_well_comes_after_scripts_call():
    font = chrome("font", url="https://a.example/f", headers=(ORIGIN, CORS), answer=ANYBODY)
    by_use = entry(url="https://a.example/f", headers=(ORIGIN, CORS, ("sec-fetch-dest", "font")), answer=ANYBODY)
    for use in ((), (("sec-fetch-dest", "empty"),)):
        fine = entry(headers=(ORIGIN, CORS, *use), answer=ANYBODY)
        assert read_error(har(font, by_use, fine)).url == API


def test_a_call_that_a_preflight_asked_for_is_one_of_script():
    asks = entry("OPTIONS", headers=(("access-control-request-method", "GET"), ORIGIN, CORS), status=204)
    reading = read_error(har(asks, entry("get", headers=(REFERER,), status=500)))
    assert (reading.url, reading.method, reading.status) == (API, "get", 500)


def test_a_preflight_alone_comes_before_a_font_that_is_blocked():
    font = chrome("font", url="https://a.example/f", headers=(ORIGIN, CORS))
    assert_is_the_put(read_error(har(font, PREFLIGHT)))


def test_an_answer_without_permission_is_seen_though_the_preflight_came_from_the_cache():
    cached = chrome("fetch", "PUT", headers=(*NOT_SENT, ORIGIN, CORS))
    fine = chrome("xhr", url="https://a.example/", headers=(ORIGIN, CORS), answer=ANYBODY)
    reading = read_error(har(fine, cached))
    assert (reading.url, reading.method, reading.code) == (API, "PUT", "MissingAllowOriginHeader")


def test_a_blocked_preflight_is_the_call_though_only_another_call_was_recorded():
    fine = chrome("xhr", url="https://a.example/", headers=(ORIGIN, CORS), answer=ANYBODY)
    assert_is_the_put(read_error(har(fine, PREFLIGHT)))


@pytest.mark.parametrize("kind", ["fetch", None])
def test_the_preflight_shows_the_origin_that_the_page_is_said_to_have(kind):
    sandboxed = [("origin", "null") if line == ORIGIN else line for line in ASKS_PUT]
    put = entry("PUT", headers=NOT_SENT, status=0) | ({"_resourceType": kind} if kind else {})
    assert read_error(har(entry("OPTIONS", headers=sandboxed, status=204), put)).origin == "null"
    assert_is_the_put(read_error(har(PREFLIGHT, entry("PUT", status=0))))


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(entry("DELETE", headers=(REFERER,), status=0), id="a method that only script has"),
        pytest.param(entry("POST", headers=NOT_SENT, status=0), id="a type that only script sends"),
        pytest.param(entry("POST", headers=(ORIGIN,), status=0), id="an Origin"),
        pytest.param(chrome("XHR", "POST", headers=(REFERER,), status=0), id="a kind"),
        pytest.param(chrome("eventsource", headers=(REFERER,), status=0), id="an event stream"),
    ],
)
def test_a_call_is_known_without_its_mode(call):
    reading = read_error(har(OTHERS["a picture, in Safari"], call))
    assert (reading.origin, reading.url, reading.method) == (PAGE, API, call["request"]["method"])
