"""PUT apis/{id}/cors: the write, and each reason to refuse it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apis.cors.policy import CorsPolicy
from apis.demo.emulator.faults import Faults
from apis.inventory.models import Account, Change, HttpApi
from tests.rest.conftest import Program
from tests.support.mirrored import START

WANTED = {"AllowOrigins": ["https://a.example", "https://b.example"], "AllowMethods": ["GET"], "MaxAge": 600}


def put(writer: Program, api: HttpApi, cors: Any, **more: Any) -> Any:
    return writer.put(f"apis/{api.pk}/cors", {"cors": cors, "version": api.version, **more})


def test_reaches_aws_and_answers_with_the_change(writer: Program, api: HttpApi, live: Callable[[], CorsPolicy]) -> None:
    found = put(writer, api, WANTED, note="ticket 7").good()
    row = Change.objects.get(pk=found["id"])
    assert found["at"].endswith("Z")
    assert {key: value for key, value in found.items() if key not in ("id", "at")} == {
        "api": api.pk,
        "kind": "rest",
        "status": "applied",
        "actor": "ed",
        "note": "ticket 7",
        "summary": "added https://b.example",
        "before": START,
        "after": row.after.cors if row.after else None,
        "group": None,
        "error": None,
    }
    assert CorsPolicy.from_aws(found["after"]) == CorsPolicy.from_aws(WANTED) == live()
    assert writer.get(f"apis/{api.pk}").good()["version"] == api.version + 1


def test_null_switches_cors_off(writer: Program, api: HttpApi, live: Callable[[], CorsPolicy]) -> None:
    assert put(writer, api, None).good()["after"] is None
    assert not live().on
    assert writer.get(f"apis/{api.pk}").good()["cors"] is None


def test_what_is_left_out_is_cleared(writer: Program, api: HttpApi, live: Callable[[], CorsPolicy]) -> None:
    """UpdateApi merges; PUT does not."""
    put(writer, api, {"AllowOrigins": ["https://a.example"]}).good()
    assert live() == CorsPolicy.from_aws({"AllowOrigins": ["https://a.example"]})


def test_is_refused_when_aws_has_moved_on(
    writer: Program, api: HttpApi, outside: Callable[..., None], live: Callable[[], CorsPolicy]
) -> None:
    outside(**START | {"MaxAge": 7})
    found = put(writer, api, WANTED).problem(409)
    assert (found["seen"], found["live"], found["proposed"]) == (START, START | {"MaxAge": 7}, WANTED)
    assert live().max_age == 7
    failed = writer.get(f"changes/{found['change']}").good()
    assert (failed["status"], failed["after"]) == ("failed", WANTED)


def test_is_refused_when_the_mirror_has_moved_on(writer: Program, api: HttpApi) -> None:
    seen = api.version
    put(writer, api, WANTED).good()
    found = writer.put(f"apis/{api.pk}/cors", {"cors": START | {"MaxAge": 60}, "version": seen}).problem(409)
    assert found["seen"] == START
    assert CorsPolicy.from_aws(found["live"]) == CorsPolicy.from_aws(WANTED)
    assert found["proposed"] == START | {"MaxAge": 60}


def test_is_refused_with_the_findings_when_it_cannot_work(
    writer: Program, api: HttpApi, live: Callable[[], CorsPolicy]
) -> None:
    found = put(writer, api, {"AllowOrigins": ["*"], "AllowCredentials": True}).problem(422)
    assert {"code", "title", "severity", "field", "value", "why", "todo", "fix"} == found["findings"][0].keys()
    assert live().to_aws() == START
    assert api.changes.exclude(kind="discovered").count() == 0


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"cors": {"AllowOrigins": "x"}, "version": 1}, "AllowOrigins"),
        ({"cors": {"MaxAge": 1.5}, "version": 1}, "MaxAge"),
        ({"cors": {"Origins": []}, "version": 1}, "Origins"),
        ({"cors": []}, "cors"),
        ({"version": 1}, "cors"),
        ({"cors": None}, "version"),
        ({"cors": None, "version": "x"}, "version"),
        ({"cors": None, "version": 0}, "version"),
        ({"cors": None, "version": 99}, "version"),
        ({"cors": None, "version": 1, "note": "x" * 501}, "note"),
        ({"cors": None, "version": 1, "guard": "maybe"}, "guard"),
        ({"cors": None, "version": 1, "comment": ""}, "comment"),
        ({"cors": {"AllowOrigins": ["https://a.example\0"]}, "version": 1}, "cors.AllowOrigins[0]"),
        ({"cors": {"AllowOrigins": ["\ud800"]}, "version": 1}, "cors.AllowOrigins[0]"),
    ],
)
def test_names_the_field_at_fault(writer: Program, api: HttpApi, body: dict[str, Any], field: str) -> None:
    writer.put(f"apis/{api.pk}/cors", body).problem(422, field)


def test_of_what_is_so_already(writer: Program, api: HttpApi) -> None:
    """The answer is the change that made it so, and there is no further one."""
    made = put(writer, api, WANTED).good()
    api.refresh_from_db()
    assert put(writer, api, WANTED).good()["id"] == made["id"]
    assert Change.objects.filter(api=api).count() == 2


def test_sent_once_more_is_answered_as_the_first_time(writer: Program, api: HttpApi) -> None:
    """A client that did not hear the answer sends the same again, with the version that it saw."""
    made = put(writer, api, WANTED).good()
    assert put(writer, api, WANTED).good() == made
    plan = writer.post(f"apis/{api.pk}/plan", {"cors": WANTED, "version": api.version}).good()
    assert (plan["conflict"], plan["summary"]) == (None, "no difference")


def test_of_a_read_only_account(writer: Program, api: HttpApi) -> None:
    Account.objects.update(read_only=True)
    assert "read-only" in put(writer, api, WANTED).problem(409)["detail"]


def test_while_another_change_is_on_its_way(writer: Program, api: HttpApi) -> None:
    from apis.inventory.history import history
    from apis.inventory.history.history import Author

    history.begin(api, None, Author(Change.Kind.PANEL, name="ada"))
    assert "ada" in put(writer, api, WANTED).problem(409)["detail"]


@pytest.mark.parametrize("kind", ["refuse", "broken"])
def test_says_what_aws_said(writer: Program, api: HttpApi, faults: Faults, kind: str) -> None:
    faults.add(kind, operation="UpdateApi", api=api.api_id)
    found = put(writer, api, WANTED).problem(502)
    assert writer.get(f"changes/{found['change']}").good()["error"]


def test_shows_a_write_whose_answer_was_lost_by_looking_again(writer: Program, api: HttpApi, faults: Faults) -> None:
    faults.add("lose", operation="UpdateApi", api=api.api_id)
    assert put(writer, api, WANTED).good()["status"] == "applied"


def test_of_an_api_that_aws_no_longer_has(writer: Program, api: HttpApi) -> None:
    HttpApi.objects.filter(pk=api.pk).update(api_id="0000000000")
    assert "no longer" in put(writer, api, WANTED).problem(502)["detail"]
    assert writer.get(f"apis/{api.pk}").good()["gone_at"]
    assert "no longer" in put(writer, api, WANTED).problem(409)["detail"]


def test_is_refused_where_another_tool_owns_the_api(
    writer: Program, api: HttpApi, live: Callable[[], CorsPolicy], settings: Any
) -> None:
    HttpApi.objects.filter(pk=api.pk).update(tags={"managed-by": "terraform"})
    settings.CORSDASH_REFUSE_EDIT_TAG = ["managed-by=terraform"]
    found = put(writer, api, WANTED).problem(409)
    assert "managed-by=terraform" in found["detail"]
    assert found["patch"]["format"] == "terraform"
    assert "https://b.example" in found["patch"]["text"]
    assert live() == CorsPolicy.from_aws(START)
