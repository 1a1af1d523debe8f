"""Which route takes a request."""

from __future__ import annotations

import pytest

from apis.cors.gateway import Route, who_answers

GUIDE = tuple(
    Route(key)
    for key in (
        "$default",
        "ANY /{proxy+}",
        "GET /pets/{proxy+}",
        "GET /pets/dog/{id}",
        "GET /pets/dog/1",
        "POST /pets",
    )
)


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1"),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}"),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}"),
        ("GET", "/pets", "ANY /{proxy+}"),
        ("POST", "/pets", "POST /pets"),
        ("POST", "/test/5", "ANY /{proxy+}"),
        ("OPTIONS", "/pets/dog/1", "ANY /{proxy+}"),
        ("GET", "/", "$default"),
        ("GET", "/pets?x=/pets/dog/1", "ANY /{proxy+}"),
    ],
)
def test_the_most_specific_route_wins(method: str, path: str, key: str) -> None:
    for routes in (GUIDE, tuple(reversed(GUIDE))):
        found = who_answers(routes, method, path)
        assert found is not None and found.key == key


@pytest.mark.parametrize(
    ("keys", "path", "winner"),
    [
        (["ANY /items", "OPTIONS /items"], "/items", "OPTIONS /items"),
        (["ANY /items", "OPTIONS /{proxy+}"], "/items", "ANY /items"),
        (["ANY /{proxy+}", "OPTIONS /{proxy+}"], "/items", "OPTIONS /{proxy+}"),
        (["$default", "ANY /{proxy+}"], "/items", "ANY /{proxy+}"),
        (["$default", "GET /items"], "/items", "$default"),
        (["GET /items", "POST /items"], "/items", None),
        (["OPTIONS /items/{id}"], "/items", None),
        (["OPTIONS /items/{id}"], "/items/", None),
        (["OPTIONS /items/{id}"], "/items/7", "OPTIONS /items/{id}"),
        (["OPTIONS /items/{id}/parts"], "/items/7/parts", "OPTIONS /items/{id}/parts"),
        (["OPTIONS /items/{rest+}"], "/items/7/parts", "OPTIONS /items/{rest+}"),
        (["OPTIONS /items/{rest+}"], "/items", None),
        (["OPTIONS /{proxy+}"], "/", None),
        (["OPTIONS /"], "/", "OPTIONS /"),
        (["OPTIONS /Items"], "/items", None),
    ],
)
def test_who_takes_options(keys: list[str], path: str, winner: str | None) -> None:
    found = who_answers([Route(key) for key in keys], "OPTIONS", path)
    assert (found.key if found else None) == winner
