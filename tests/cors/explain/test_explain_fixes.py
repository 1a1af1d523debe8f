"""Every fix that an explanation offers does what it says, for any policy and call."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from apis.cors.aws_validation import refusal
from apis.cors.browser import judge
from apis.cors.exchange import Answer, Exchange, Request
from apis.cors.explain import explain
from apis.cors.gateway import Route, predict
from apis.cors.policy import CorsPolicy

API = "https://abc123def4.execute-api.us-east-1.amazonaws.com/items"
PAGES = ["https://app.example.com", "http://localhost:3000", "https://app.example.com:8443", "null", "capacitor://x"]
ENTRIES = [
    *PAGES,
    "*",
    "https://*",
    "http://*",
    "https://app.example.com/",
    "HTTPS://App.example.com",
    "app.example.com",
]
ENTRIES += ["https://app.example.com, http://localhost:3000", "https://*.example.com", "", "http://localhost"]
NAMES = ["*", "content-type", "Authorization", "x-one", "x one", "x-*", "cookie", ""]
METHODS = ["GET", "POST", "PUT", "DELETE", "patch", "PATCH", "*", "put", "GET, PUT", "OPTIONS", "TRACE"]


def some(values: list[str], most: int = 3) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(values), max_size=most).map(tuple)


policies = st.just(CorsPolicy.off()) | st.builds(
    CorsPolicy,
    allow_origins=some(ENTRIES),
    allow_headers=some(NAMES),
    allow_methods=some(METHODS),
    expose_headers=some(NAMES, 1),
    max_age=st.sampled_from([0, 600, 100_000]),
    allow_credentials=st.booleans(),
)
requests = st.builds(
    Request,
    origin=st.sampled_from(PAGES),
    url=st.just(API),
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "patch", "OPTIONS"]),
    headers=st.lists(
        st.tuples(st.sampled_from(["Content-Type", "Authorization", "X-One", "Accept"]), st.just("application/json")),
        max_size=3,
    ).map(tuple),
    credentials=st.sampled_from(["omit", "same-origin", "include"]),
)
tables = st.none() | st.lists(
    st.builds(
        Route,
        key=st.sampled_from(
            ["ANY /items", "PUT /items", "GET /items", "OPTIONS /items", "$default", "OPTIONS /{proxy+}"]
        ),
        authorization=st.sampled_from(["NONE", "JWT"]),
    ),
    max_size=3,
).map(tuple)


@given(policies, requests, tables)
@example(CorsPolicy.off(), Request(PAGES[0], API, "PUT"), None)
def test_every_fix_makes_the_call_allowed(
    policy: CorsPolicy, request: Request, routes: tuple[Route, ...] | None
) -> None:
    found = explain(policy, request, routes)
    if found.verdict.allowed:
        assert found.fixes == ()
    for suggested_fix in found.fixes:
        assert suggested_fix.fix.apply(policy) == suggested_fix.policy != policy
        assert judge(predict(suggested_fix.policy, request, routes).exchange).allowed
        assert refusal(suggested_fix.policy) is None
        again = explain(suggested_fix.policy, request, routes)
        assert again.verdict.allowed and again.field is None


@given(policies, requests)
def test_a_blocked_call_of_a_proper_page_always_has_a_fix(policy: CorsPolicy, request: Request) -> None:
    found = explain(policy, request)
    proper = request.origin.startswith("http") and request.method not in ("patch", "OPTIONS")
    if not found.verdict.allowed and proper:
        assert found.fixes and found.field


@given(policies, requests, tables)
def test_an_explanation_is_whole_and_always_alike(
    policy: CorsPolicy, request: Request, routes: tuple[Route, ...] | None
) -> None:
    found = explain(policy, request, routes)
    assert json.dumps(found.as_json()) == json.dumps(explain(policy, request, routes).as_json())
    assert found.steps and found.curl and found.fetch
    assert found.steps[-1].stopped is not found.verdict.allowed
    if not found.verdict.allowed:
        assert found.field or found.obstacles


@given(st.text(), st.text(), st.text(), st.text(), st.text(), st.integers(100, 999))
def test_any_text_is_explained(origin: str, url: str, method: str, name: str, entry: str, status: int) -> None:
    policy = CorsPolicy(allow_origins=(entry, origin), allow_headers=(name,), allow_methods=(method,))
    request = Request(origin, url, method, ((name, entry),), "include")
    answer = Answer(status, ((name, entry), ("access-control-allow-origin", entry)))
    found = explain(policy, request, (Route(entry),), observed=Exchange(request, answer, answer))
    assert json.dumps(found.as_json())


def edits_of(policy: CorsPolicy, request: Request) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """The first suggested fix, as what it removes from and adds to each list."""
    [*_, fixed] = [one.policy for one in explain(policy, request).fixes][:1] or [policy]
    found = []
    for field in ("allow_origins", "allow_methods", "allow_headers"):
        before, after = getattr(policy, field), getattr(fixed, field)
        if before != after:
            found.append((field, tuple(sorted({*before} - {*after})), tuple(sorted({*after} - {*before}))))
    return found


PAGE = PAGES[0]
TYPED = (("Content-Type", "application/json"), ("X-One", "1"))


@pytest.mark.parametrize(
    ("origins", "names", "headers", "credentials", "edit"),
    [
        # A wildcard is enough for headers without credentials only, and what is listed is not added again.
        (["http://a.example"], ["*"], TYPED, False, ("allow_origins", (), (PAGE,))),
        ([PAGE], ["*"], TYPED, True, ("allow_headers", (), ("Content-Type", "X-One"))),
        ([PAGE], ["x-one"], TYPED, False, ("allow_headers", (), ("Content-Type",))),
        # Both the wildcard and the entry that was meant go.
        (["*", f"{PAGE}/"], [], (), True, ("allow_origins", ("*", f"{PAGE}/"), (PAGE,))),
        ([f"{PAGE}/"], [], (), False, ("allow_origins", (f"{PAGE}/",), (PAGE,))),
    ],
)
def test_a_fix_changes_no_more_than_the_call_needs(origins, names, headers, credentials, edit) -> None:
    policy = CorsPolicy(allow_origins=(*origins,), allow_headers=(*names,), allow_credentials=credentials)
    request = Request(PAGE, API, "GET", headers, "include" if credentials else "omit")
    [(field, gone, added)] = edits_of(policy, request)
    assert (field, gone, [name.lower() for name in added]) == (*edit[:2], [name.lower() for name in edit[2]])
