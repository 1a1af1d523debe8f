"""The door of the JSON API: who is allowed, who may do what, and how every refusal reads."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.access import people, tokens
from apis.inventory.models import Account, HttpApi
from apis.rest import urls  # noqa: F401  # It hangs the operations on the door.
from apis.rest.api import api as door
from tests.inventory.mirror import an_account, an_api
from tests.rest.conftest import Program

pytestmark = pytest.mark.once

UUID = "00000000-0000-4000-8000-000000000000"
# What each operation needs besides a token; what is not here any signed-in person may do.
EDIT = [
    ("PUT", "apis/1/cors", {"cors": None, "version": 1}),
    ("POST", "changes/1/revert", {"note": ""}),
    ("POST", "bulk", {"apis": [1], "add": {"AllowMethods": ["GET"]}}),
    ("POST", "bulk/1/pause", None),
    ("POST", "bulk/1/resume", None),
    ("POST", "bulk/1/retry", None),
    ("POST", f"groups/{UUID}/revert", {"note": ""}),
    ("POST", "probes", {"api": 1, "origin": "https://a.example"}),
    ("PATCH", "probes/1", {"name": "x"}),
    ("DELETE", "probes/1", None),
    ("POST", "probes/1/run", None),
    ("POST", "incidents/1/acknowledge", {"note": ""}),
    ("POST", "incidents/1/snooze", {"until": None}),
    ("POST", "incidents/1/assign", {"user": ""}),
    ("POST", "incidents/1/comment", {"text": "x"}),
    ("POST", "sync", {}),
    ("POST", "maintenance", {"name": "x", "ends_at": "2099-01-01T00:00:00Z"}),
    ("DELETE", "maintenance/1", None),
    ("POST", "status-pages", {"name": "x"}),
    ("PATCH", "status-pages/1", {"name": "x"}),
    ("POST", "status-pages/1/link", None),
    ("DELETE", "status-pages/1", None),
]
ADMIN = [
    ("GET", "channel-kinds", None),
    ("GET", "channel-kinds/apprise/acceptance", None),
    ("PUT", "channel-kinds/apprise/acceptance", {"accepted": True}),
    ("GET", "channels", None),
    ("POST", "channels", {"kind": "email", "name": "x", "address": "a@example.com"}),
    ("POST", "channels/1/test", None),
    ("GET", "channels/1", None),
    ("PATCH", "channels/1", {"name": "y"}),
    ("DELETE", "channels/1", None),
    ("GET", "deliveries", None),
    ("POST", "rules", {"name": "x"}),
    ("PATCH", "rules/1", {"name": "x"}),
    ("DELETE", "rules/1", None),
]


def operations() -> list[tuple[str, str]]:
    """Every operation of the OpenAPI document, with numbers for its parameters."""
    found = []
    for path, methods in door.get_openapi_schema(path_prefix="").get("paths", {}).items():
        place = path.lstrip("/").replace("{pk}", "1").replace("{group}", UUID)
        found += [(method.upper(), place) for method in methods if not place.startswith("health")]
    return found


@pytest.mark.parametrize(("method", "path"), operations())
def test_no_one_gets_in_without_a_token(db: None, program: Callable[..., Program], method: str, path: str) -> None:
    answer = program(None).call(method, path)
    assert "token" in answer.problem(401)["detail"]
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("shown", ["Bearer", "Bearer ", "Bearer cd_wrong", "Basic YTpi", "cd_x", "Bearer \u00e9"])
def test_what_is_no_token_does_not_open(db: None, program: Callable[..., Program], shown: str) -> None:
    program(None).call("GET", "apis", Authorization=shown).problem(401)


def test_a_revoked_token_and_that_of_a_deactivated_person_do_not_open(viewer: User, editor: User, admin: User) -> None:
    token, plain = tokens.create(viewer, "old")
    tokens.revoke(token, None)
    Program(plain).get("apis").problem(401)
    _, plain = tokens.create(editor, "gone")
    people.deactivate(None, editor)
    Program(plain).get("apis").problem(401)


def test_a_browsers_session_is_no_token(client: Client, admin: User) -> None:
    """Or any page could make a signed-in browser change AWS."""
    client.force_login(admin)
    assert client.get("/api/v1/apis").status_code == 401
    assert client.post("/api/v1/sync", {}, content_type="application/json").status_code == 401


@pytest.mark.parametrize(("method", "path", "body"), EDIT)
def test_a_viewer_may_not_change(reader: Program, method: str, path: str, body: object) -> None:
    assert "edit" in reader.call(method, path, body).problem(403)["detail"]


@pytest.mark.parametrize(("method", "path", "body"), ADMIN)
def test_an_editor_may_not_manage(writer: Program, method: str, path: str, body: object) -> None:
    assert "admin" in writer.call(method, path, body).problem(403)["detail"]


OPEN = {("POST", "apis/1/plan"), ("POST", "judge"), ("POST", "explain"), ("POST", "rules/dry-run")}


@pytest.mark.parametrize(("method", "path"), [one for one in operations() if one[0] != "GET" and one not in OPEN])
def test_a_viewer_gets_nothing_done(reader: Program, method: str, path: str) -> None:
    """Whatever is added. 422 is for a body that had to say more, 404 for what is not there to be allowed."""
    answer = reader.call(method, path, {})
    assert answer.status in (403, 404, 422), answer.json


@pytest.fixture
def row(db: None) -> HttpApi:
    """An API in the mirror."""
    return an_api(an_account(), "orders", {"AllowOrigins": ["https://a.example"]})


@pytest.fixture
def two_accounts(db: None) -> None:
    """More than fit on a page of one."""
    for name in ("one", "two"):
        Account.objects.create(name=name, regions=["us-east-1"])


BODIES = [
    ("PUT", "apis/{}/cors"),
    ("POST", "apis/{}/plan"),
    ("POST", "bulk"),
    ("POST", "probes"),
    ("POST", "channels"),
    ("POST", "judge"),
    ("POST", "explain"),
]


@pytest.mark.parametrize(("method", "path"), BODIES)
@pytest.mark.parametrize("raw", [b"{", b"nonsense", b"\xff\xfe", b'{"a": 1} x', b"[" * 100_000])
def test_malformed_json_is_said_so(ruler: Program, row: HttpApi, method: str, path: str, raw: bytes) -> None:
    found = ruler.call(method, path.format(row.pk), raw=raw).problem(400)
    assert "JSON" in found["detail"]


@pytest.mark.parametrize(("method", "path"), BODIES)
@pytest.mark.parametrize("body", [[], "text", 7, None])
def test_a_body_that_is_no_object(ruler: Program, row: HttpApi, method: str, path: str, body: object) -> None:
    ruler.call(method, path.format(row.pk), raw=json.dumps(body).encode()).problem(422)


@pytest.mark.parametrize(("method", "path"), BODIES)
def test_no_body_at_all(ruler: Program, row: HttpApi, method: str, path: str) -> None:
    ruler.call(method, path.format(row.pk)).problem(422)


@pytest.mark.parametrize("path", [f"groups/{UUID}/revert", "changes/1/revert", "incidents/1/acknowledge"])
def test_a_note_may_be_left_out_with_the_whole_body(writer: Program, path: str) -> None:
    """404: the body was no obstacle."""
    writer.call("POST", path).problem(404)


@pytest.mark.parametrize(("method", "path"), [one for one in BODIES if one[1] != "judge"])
def test_an_unknown_member_is_named(ruler: Program, row: HttpApi, method: str, path: str) -> None:
    """It would be lost without a word otherwise."""
    ruler.call(method, path.format(row.pk), {"corss": {}}).problem(422, "corss")


@pytest.mark.parametrize("path", ["apis", "changes", "probes", "incidents", "channels", "deliveries", "accounts"])
def test_an_unknown_filter_is_named(ruler: Program, path: str) -> None:
    ruler.get(f"{path}?colour=red").problem(422, "colour")


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=", "cursor=abc", "cursor=bnVsbA", "limit=1e3"]
)
def test_a_page_that_cannot_be(reader: Program, query: str) -> None:
    reader.get(f"apis?{query}").problem(422, query.partition("=")[0])


@pytest.mark.parametrize("path", ["apis/{0}", "accounts", "changes"])
def test_an_unknown_parameter_is_named_where_there_are_none(ruler: Program, row: HttpApi, path: str) -> None:
    ruler.get(f"{path.format(row.pk)}?colour=red").problem(422, "colour")


def test_a_cursor_belongs_to_its_list(ruler: Program, two_accounts: None) -> None:
    """Neither what someone made up nor the cursor of another list gets any further than a 422."""
    theirs = ruler.get("accounts?limit=1").good()["next"].partition("cursor=")[2].partition("&")[0]
    made_up = base64.urlsafe_b64encode(b'["a\\u0000", 1]').decode()
    for cursor in (theirs, made_up, theirs[:-1], theirs + "x"):
        ruler.get(f"apis?cursor={cursor}").problem(422, "cursor")
    assert len(ruler.get(f"accounts?limit=1&cursor={theirs}").good()["items"]) == 1


def test_a_list_that_no_answer_could_carry(writer: Program, row: HttpApi) -> None:
    """It would keep the rules busy for minutes."""
    many = {"AllowOrigins": [f"https://{number}.example" for number in range(501)]}
    writer.post(f"apis/{row.pk}/plan", {"cors": many}).problem(422, "cors.AllowOrigins")
    writer.post("bulk/plan", {"apis": [row.pk], "add": many}).problem(422, "add.AllowOrigins")


@pytest.mark.parametrize("path", ["health", "apis", "apis/{0}"])
def test_monitors_may_ask_with_head(reader: Program, row: HttpApi, path: str) -> None:
    assert reader.call("HEAD", path.format(row.pk)).status == 200


def test_a_body_that_is_too_large(writer: Program, row: HttpApi) -> None:
    found = writer.call("PUT", f"apis/{row.pk}/cors", raw=b'{"note": "' + b"x" * 3_000_000 + b'"}').problem(413)
    assert "MB" in found["detail"]


@pytest.mark.parametrize(
    ("method", "path"), [("DELETE", "apis"), ("POST", "apis/1"), ("GET", "judge"), ("PATCH", "sync"), ("PUT", "health")]
)
def test_a_method_that_is_not_there(reader: Program, method: str, path: str) -> None:
    answer = reader.call(method, path)
    assert method in answer.problem(405)["detail"]
    assert answer.headers["Allow"]


@pytest.mark.parametrize(
    "path", ["", "nothing", "apis/", "apis/x", "apis/-1", "apis/1/nothing", "changes/1.5", "a%0Ab", "groups/7/revert"]
)
def test_an_address_that_is_not_there(reader: Program, path: str) -> None:
    reader.get(path).problem(404)
    reader.post(path, {}).problem(404)


@pytest.mark.parametrize("path", ["apis", "changes", "probes", "incidents", "sync", "bulk"])
@pytest.mark.parametrize("number", [0, 4711, 2**31, 2**63, 10**40])
def test_an_id_that_is_not_there(reader: Program, path: str, number: int) -> None:
    assert "does not exist" in reader.get(f"{path}/{number}").problem(404)["detail"]


@pytest.mark.parametrize("path", ["apis?search=%00", "apis?account=%00", "apis?origin=a%00b", "apis?region=%00"])
def test_characters_that_no_database_holds(reader: Program, path: str) -> None:
    reader.get(path).problem(422)


def test_a_failure_of_our_own_is_a_problem_document(reader: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    """What no one foresaw is said in a form that programs read, and without our insides."""

    def broken(*_: object) -> None:
        raise RuntimeError("secret insides")

    monkeypatch.setattr(Account, "objects", property(broken))
    found = reader.get("accounts").problem(500)
    assert "secret" not in str(found)


def test_the_openapi_document_is_open_and_names_the_problem_document(client: Client, db: None) -> None:
    found = client.get("/api/v1/openapi.json")
    assert found.status_code == 200
    schema = found.json()
    assert schema["openapi"].startswith("3.1")
    refused = schema["paths"]["/api/v1/apis/{pk}/cors"]["put"]["responses"]["409"]["content"]
    assert list(refused) == ["application/problem+json"]


def test_a_host_that_is_not_ours_is_refused_as_a_program_reads_it(client: Client) -> None:
    answer = client.get("/api/v1/apis", headers={"Host": "evil.example"})
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert client.get("/", headers={"Host": "evil.example"})["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"cors": {}, "version": True}, "version"),
        ({"cors": {}, "version": "7"}, "version"),
        ({"cors": {}, "version": 1.0}, "version"),
        ({"cors": {}, "guard": "yes"}, "guard"),
        ({"cors": {}, "note": 5}, "note"),
    ],
)
def test_a_member_of_another_type_is_refused(writer: Program, row: HttpApi, body: dict[str, Any], field: str) -> None:
    writer.put(f"apis/{row.pk}/cors", body).problem(422, field)


def test_a_member_that_is_there_twice_is_refused(client: Client, editor: User) -> None:
    _, plain = tokens.create(editor, "twice")
    sent = '{"origin": "https://a.example", "origin": "https://b.example"}'
    headers = {"Authorization": f"Bearer {plain}"}
    answer = client.post("/api/v1/probes", sent, content_type="application/json", headers=headers)
    assert answer.status_code == 400 and "more than once" in answer.json()["detail"]
