"""The Configure panel over HTTP, as it works without any script: six fields, findings, fixes, presets, nothing lost."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from django.test import Client

from apis.cors.policy import FIELDS, HEADER_OF_FIELD
from apis.inventory.models import HttpApi
from tests.inventory.mirror import an_account, an_api
from tests.support.pages import flat, words

# A page of forms over rules: another database tells nothing new.
pytestmark = pytest.mark.once

LIVE: dict[str, Any] = {
    "AllowOrigins": ["https://app.example.com", "http://localhost:3000"],
    "AllowHeaders": ["content-type"],
    "AllowMethods": ["GET", "POST"],
    "MaxAge": 600,
}


@pytest.fixture
def api(db: None) -> HttpApi:
    """An API with LIVE, whose routes are known."""
    row = an_api(an_account(), "orders", LIVE, endpoint="https://abcdefghij.execute-api.us-east-1.amazonaws.com")
    row.routes = [{"key": "GET /items", "authorization": "NONE", "authorizer": "", "target": "t"}]
    row.save()
    return row


def inputs(page: Any) -> dict[str, list[str]]:
    """The six fields as the form would post them again."""
    text = page.content.decode()
    found: dict[str, list[str]] = {name: [] for name in FIELDS}
    for tag in re.findall(r"<input[^>]+>", text.partition('id="panel-fields"')[2].partition("<template")[0]):
        name = re.search(r'\sname="([A-Za-z]+)"', tag)
        if name is None or name[1] not in found:
            continue
        if 'type="checkbox"' in tag:
            if re.search(r"\schecked\b", tag):
                value = re.search(r'\svalue="([^"]*)"', tag)
                found[name[1]].append(value[1] if value else "on")
        else:
            value = re.search(r'\svalue="([^"]*)"', tag)
            found[name[1]].append(html.unescape(value[1]) if value else "")
    return found


def form(api: HttpApi, **changed: Any) -> dict[str, Any]:
    """The panel of `api` filled in as it opens, with some fields changed."""
    return {**LIVE, "MaxAge": "600", "version": str(api.version), **changed}


def test_the_six_fields_stand_in_the_consoles_order_with_what_is_live(signed_in: Client, api: HttpApi) -> None:
    page = signed_in.get(f"/apis/{api.pk}/configure/")
    places = [page.content.decode().index(f'id="label-{name}"') for name in FIELDS]
    assert places == sorted(places)
    text = words(page)
    assert all(HEADER_OF_FIELD[name] in text for name in FIELDS)
    expected = {**{name: [] for name in FIELDS}, **LIVE, "MaxAge": ["600"]}
    assert inputs(page) == expected
    assert "Cached for 10 minutes in Chrome, Firefox and Safari." in text


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_leads_to_its_rules(signed_in: Client, api: HttpApi, name: str) -> None:
    assert f'href="/explain/rules/#rules-{name}"' in signed_in.get(f"/apis/{api.pk}/configure/").content.decode()
    assert f'id="rules-{name}"' in signed_in.get("/explain/rules/").content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        "https://b.example, https://c.example",
        "https://b.example\nhttps://c.example",
        "https://b.example https://c.example",
        '["https://b.example", "https://c.example"]',
        'AllowOrigins="https://b.example","https://c.example"',
    ],
)
def test_what_stands_in_the_box_counts_however_it_is_written(signed_in: Client, api: HttpApi, typed: str) -> None:
    page = signed_in.post(f"/apis/{api.pk}/configure/", form(api, AllowOrigins_typed=typed, add="AllowOrigins"))
    assert inputs(page)["AllowOrigins"] == [*LIVE["AllowOrigins"], "https://b.example", "https://c.example"]
    plan = words(signed_in.post(f"/apis/{api.pk}/plan/", form(api, AllowOrigins_typed=typed)))
    assert "Add https://b.example and https://c.example" in plan


def test_enter_in_a_box_adds_also_where_a_tool_owns_the_api(signed_in: Client, api: HttpApi) -> None:
    # HTML, implicit submission: Enter presses the first submit button of the form in tree order, wherever it stands.
    api.tags = {"aws:cloudformation:stack-name": "shop"}
    api.save()
    page = signed_in.get(f"/apis/{api.pk}/configure/").content.decode()
    assert "manages this API" in " ".join(page.split())
    start, end = page.index('<form class="form panel"'), page.index("</form>", page.index('<form class="form panel"'))
    buttons = [
        found[0]
        for found in re.finditer(r"<button[^>]*>", page)
        if 'type="submit"' in found[0] and (start < found.start() < end or 'form="panel"' in found[0])
    ]
    assert 'name="add"' in buttons[0]
    assert any("/plan/export/" in button for button in buttons[1:])


def test_an_entry_is_removed_by_its_button(signed_in: Client, api: HttpApi) -> None:
    page = signed_in.post(f"/apis/{api.pk}/configure/", form(api, remove="AllowOrigins:http://localhost:3000"))
    assert inputs(page)["AllowOrigins"] == ["https://app.example.com"]


def test_findings_stand_at_their_field_as_one_types(signed_in: Client, api: HttpApi) -> None:
    url = f"/apis/{api.pk}/configure/check/"
    found = signed_in.post(url, form(api, AllowOrigins=["https://a.example/"]), headers={"HX-Request": "true"})
    text = flat(found)
    at_origins = text.partition('id="findings-AllowOrigins"')[2].partition('id="findings-AllowHeaders"')[0]
    assert "Trailing slash" in at_origins
    assert 'name="fix" value="origin-trailing-slash:https://a.example/"' in at_origins
    assert "Trailing slash" not in text.replace(at_origins, "")


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_fix_button_fixes_the_field_and_keeps_the_rest(
    signed_in: Client, api: HttpApi, headers: dict[str, str]
) -> None:
    asked = form(
        api, AllowOrigins=["https://a.example/", "https://b.example"], MaxAge="5",
        fix="origin-trailing-slash:https://a.example/",
    )  # fmt: skip
    page = signed_in.post(f"/apis/{api.pk}/configure/", asked, headers=headers)
    found = inputs(page)
    assert found["AllowOrigins"] == ["https://a.example", "https://b.example"]
    assert (found["MaxAge"], found["AllowMethods"]) == (["5"], ["GET", "POST"])
    assert ("<html" in page.content.decode()) is not bool(headers)


def test_a_link_can_bring_a_fix_or_a_proposal(signed_in: Client, api: HttpApi) -> None:
    cors = json.dumps({"AllowOrigins": ["https://b.example"]})
    assert inputs(signed_in.get(f"/apis/{api.pk}/configure/", {"cors": cors}))["AllowOrigins"] == ["https://b.example"]
    for nonsense in ("{", "[]", '{"AllowOrigin": []}'):
        page = signed_in.get(f"/apis/{api.pk}/configure/", {"cors": nonsense})
        assert inputs(page)["AllowOrigins"] == LIVE["AllowOrigins"]
        assert "is invalid; showing the live configuration" in words(page)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("MaxAge", "ten", "“ten” is not a number of seconds"),
        ("MaxAge", "9" * 30, "is not a number of seconds"),
        ("AllowOrigins", ["x" * 1001], "An entry can have at most 1000 characters."),
        (
            "AllowHeaders",
            [f"x-{n}" for n in range(501)],
            "There are 501 entries, and at most 500 can be planned: remove some.",
        ),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field_and_kept(
    signed_in: Client, api: HttpApi, field: str, value: Any, message: str
) -> None:
    page = signed_in.post(f"/apis/{api.pk}/plan/", form(api, **{field: value, "ExposeHeaders": ["x-kept"]}))
    assert page.status_code == 422
    text = page.content.decode()
    at_field = text.partition(f'id="findings-{field}"')[2].partition("</section>")[0]
    assert message in html.unescape(at_field)
    assert inputs(page)["ExposeHeaders"] == ["x-kept"]
    if field == "MaxAge":
        assert inputs(page)["MaxAge"] == [value]
    else:
        assert inputs(page)[field] == value, "every entry is still there"


def test_a_list_that_is_too_long_can_be_shortened(signed_in: Client, api: HttpApi) -> None:
    names = [f"x-{number}" for number in range(502)]
    page = signed_in.post(f"/apis/{api.pk}/configure/", form(api, AllowHeaders=names, remove="AllowHeaders:x-3"))
    assert len(inputs(page)["AllowHeaders"]) == 501
    shorter = form(api, AllowHeaders=inputs(page)["AllowHeaders"], remove="AllowHeaders:x-4")
    page = signed_in.post(f"/apis/{api.pk}/configure/", shorter)
    assert page.status_code == 200 and len(inputs(page)["AllowHeaders"]) == 500


def test_a_text_that_is_too_long_to_be_taken_apart_stays_in_its_box(signed_in: Client, api: HttpApi) -> None:
    typed = "a" * 300_000
    for url in (f"/apis/{api.pk}/plan/", f"/apis/{api.pk}/configure/"):
        page = signed_in.post(url, form(api, AllowOrigins_typed=typed))
        assert page.status_code == 422
        assert "longer than 262,144 characters" in words(page)
        assert f'value="{typed}"' in page.content.decode()


def test_the_way_back_from_switching_off_keeps_what_was_typed(signed_in: Client, api: HttpApi) -> None:
    plan = signed_in.post(f"/apis/{api.pk}/plan/", form(api, AllowOrigins=["https://typed.example"], off="1"))
    assert "Plan: turn CORS off" in words(plan)
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', plan.content.decode())
    back = {name: [value for key, value in hidden if key == name] for name, _ in hidden}
    page = signed_in.post(f"/apis/{api.pk}/configure/", back)
    assert inputs(page)["AllowOrigins"] == ["https://typed.example"]
    assert inputs(page)["MaxAge"] == ["600"]


@pytest.mark.parametrize("path", ["plan", "plan/export", "apply", "propose"])
def test_an_address_of_a_form_leads_to_the_panel(signed_in: Client, api: HttpApi, path: str) -> None:
    """One comes there by signing in after the form was sent."""
    answer = signed_in.get(f"/apis/{api.pk}/{path}/")
    assert answer.status_code == 302 and answer["Location"] == f"/apis/{api.pk}/configure/"


@pytest.mark.parametrize("proposal", ["", "{", "[" * 100_000, '{"AllowOrigin": []}'])
@pytest.mark.parametrize("path", ["plan", "plan/export", "apply", "propose"])
def test_a_proposal_that_no_page_sends_is_refused(signed_in: Client, api: HttpApi, path: str, proposal: str) -> None:
    answer = signed_in.post(f"/apis/{api.pk}/{path}/", {"proposal": proposal, "version": str(api.version)})
    assert answer.status_code == 400


def preset(client: Client, api: HttpApi, name: str, **more: str) -> Any:
    return client.post(f"/apis/{api.pk}/configure/", form(api, preset=name, **more))


def test_presets_fill_the_panel_in(signed_in: Client, api: HttpApi) -> None:
    local = inputs(preset(signed_in, api, "local"))
    assert local["AllowOrigins"] == [*LIVE["AllowOrigins"], "http://localhost:5173", "http://localhost:8080"]
    assert local["MaxAge"] == ["600"]
    production = inputs(preset(signed_in, api, "production", preset_origin="https://shop.example.com/path"))
    assert production["AllowOrigins"] == ["https://shop.example.com"]
    assert (production["AllowMethods"], production["MaxAge"]) == (["GET"], ["7200"]), "the routes serve GET alone"
    public = inputs(preset(signed_in, api, "public"))
    assert (public["AllowOrigins"], public["AllowCredentials"]) == (["*"], [])
    api.refresh_from_db()
    assert api.policy.to_aws() == LIVE, "Nothing is applied yet"


def test_an_empty_panel_has_no_findings_until_it_is_planned(signed_in: Client, api: HttpApi) -> None:
    dark = an_api(api.account, "dark", None)
    assert "CORS allows no origin" not in words(signed_in.get(f"/apis/{dark.pk}/configure/"))
    empty = {"MaxAge": "0", "version": "1"}
    assert "CORS allows no origin" in words(signed_in.post(f"/apis/{dark.pk}/plan/", empty))


def test_another_api_is_copied(signed_in: Client, api: HttpApi) -> None:
    other = an_api(api.account, "shop", {"AllowOrigins": ["https://shop.example"], "MaxAge": 9})
    for name in ("shop", "SHOP", other.api_id, str(other.pk)):
        found = inputs(preset(signed_in, api, "api", preset_api=name))
        assert (found["AllowOrigins"], found["MaxAge"], found["AllowMethods"]) == (["https://shop.example"], ["9"], [])
    an_api(api.account, "shop", None)
    an_api(api.account, "dark", None)
    for name, message in (
        ("", "Enter the name or id"), ("nobody", "No API has"), ("orders", "This is the open API"),
        ("shop", "Several APIs are called “shop”"), ("dark", "dark has CORS off"),
    ):  # fmt: skip
        page = preset(signed_in, api, "api", preset_api=name)
        assert page.status_code == 422
        assert message in words(page)
        assert inputs(page)["AllowOrigins"] == LIVE["AllowOrigins"]


@pytest.mark.parametrize(
    "text",
    [
        '{"AllowOrigins": ["https://new.example"], "MaxAge": 30}',
        "AllowOrigins=https://new.example,MaxAge=30",
        "aws apigatewayv2 update-api --api-id x --cors-configuration AllowOrigins=https://new.example,MaxAge=30",
        'cors_configuration {\n  allow_origins = ["https://new.example"]\n  max_age = 30\n}',
    ],
)
def test_an_export_is_read(signed_in: Client, api: HttpApi, text: str) -> None:
    found = inputs(preset(signed_in, api, "import", preset_text=text))
    assert (found["AllowOrigins"], found["MaxAge"]) == (["https://new.example"], ["30"])


@pytest.mark.parametrize(
    ("name", "more", "message"),
    [
        ("production", {"preset_origin": "nonsense"}, "Enter one origin"),
        ("production", {"preset_origin": ""}, "Enter one origin"),
        ("import", {"preset_text": "hello"}, "preset-text"),
        ("import", {"preset_text": "null"}, "preset-text"),
        ("magic", {}, ""),
    ],
)
def test_a_preset_that_cannot_be_says_why_and_loses_nothing(
    signed_in: Client, api: HttpApi, name: str, more: dict[str, str], message: str
) -> None:
    page = signed_in.post(f"/apis/{api.pk}/configure/", form(api, preset=name, ExposeHeaders=["x-kept"], **more))
    assert page.status_code == 422
    assert message in page.content.decode()
    assert inputs(page)["ExposeHeaders"] == ["x-kept"]
    assert all(html.escape(value) in page.content.decode() for value in more.values())


def test_off_opens_as_an_empty_form_and_an_empty_one_turns_it_on(signed_in: Client, db: None) -> None:
    api = an_api(an_account(), "dark", None)
    page = signed_in.get(f"/apis/{api.pk}/configure/")
    assert inputs(page) == {**{name: [] for name in FIELDS}, "MaxAge": ["0"]}
    plan = words(signed_in.post(f"/apis/{api.pk}/plan/", {"version": "1", "AllowOrigins": "https://a.example"}))
    assert "Turn CORS on, add https://a.example" in plan


def test_five_hundred_bad_entries_fit_a_page(signed_in: Client, api: HttpApi) -> None:
    """150 KB of HTML hold the panel, the plan and the API's page; what is left out is counted."""
    bad = [f"https://tenant-{number}.customers.example.com/" for number in range(500)]
    panel = signed_in.post(f"/apis/{api.pk}/configure/", form(api, AllowOrigins=bad))
    plan = signed_in.post(f"/apis/{api.pk}/plan/", form(api, AllowOrigins=bad))
    good = [origin.rstrip("/") for origin in bad]
    other = signed_in.post(f"/apis/{api.pk}/plan/", form(api, AllowOrigins=good))
    full = an_api(api.account, "full", {"AllowOrigins": bad})
    for page in (panel, plan, other, signed_in.get(f"/apis/{full.pk}/")):
        assert len(page.content) < 150_000
    assert "485 more. Fix these first" in words(panel)
    assert "more origins not checked" in words(other)
