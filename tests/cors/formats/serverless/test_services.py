"""What a service notes of its variables, serves by any method, and is refused for."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, StatedApi, read_apis

A = "https://a.example"


def only(text: str) -> StatedApi:
    name, [found] = read_apis(text)
    assert name == "serverless"
    return found


def service(rest: str, provider: str = "aws") -> str:
    return f"service: s\nprovider:\n  name: {provider}\n  httpApi:\n    cors: {{allowedOrigins: [{A}]}}\n{rest}"


@pytest.mark.parametrize("provider", ["azure", "google", "Kubeless", "p" * 50])
def test_a_service_in_another_cloud(provider: str) -> None:
    texts = {service("", provider): 3, f"service: s\nfunctions: {{}}\nprovider: {provider}\n": 3}
    for text, line in texts.items():
        with pytest.raises(FormatError) as caught:
            read_apis(text)
        error = caught.value
        assert (error.field, error.line) == ("provider", line)
        assert error.message == f"This service runs on {provider[:40]}, not on AWS, so it has no HTTP API."
    assert only(service("", "AWS")).policy.allow_origins == (A,)


@pytest.mark.parametrize(
    ("route", "methods"),
    [
        ("GET /a", ("OPTIONS", "GET")),
        ("put /a", ("OPTIONS", "PUT")),
        ("'*'", ()),
        ("'* /a'", ()),
        ("ANY /a", ()),
        ("any /a", ()),
        ("{path: /a}", ()),
        ("{path: /a, method: any}", ()),
        ("{path: /a, method: post}", ("OPTIONS", "POST")),
    ],
)
def test_the_methods_that_routes_serve(route: str, methods: tuple[str, ...]) -> None:
    found = only(service(f"functions:\n  f:\n    handler: a.b\n    events:\n      - httpApi: {route}\n"))
    every = ("OPTIONS", "DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")
    assert sorted(found.policy.allow_methods) == sorted(methods or every)


def test_a_note_on_a_variable_has_two_hundred_characters_of_its_value() -> None:
    origin = "https://" + "a" * 240 + ".example"
    text = service(f"custom:\n  origin: {origin}\n").replace(A, '"${self:custom.origin}"')
    found = only(text)
    assert found.policy.allow_origins == (origin,)
    assert [note for note in found.notes if "custom.origin" in note] == [
        "${self:custom.origin} is " + origin[:200] + ", as this file states."
    ]
