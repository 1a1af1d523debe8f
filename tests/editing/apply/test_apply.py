"""Applying a change: what AWS holds after, what the history says, and whatever may go wrong between."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.cors.policy import CorsPolicy
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from apis.editing.apply import applying, reverts
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Change, HttpApi
from apis.inventory.reading import sync
from tests.demo.clients import control

Ask = Callable[[], CorsPolicy]
Edit = Callable[..., Change]


def test_an_edit_reaches_aws_and_the_history_says_who_when_what_and_why(
    api: HttpApi, edit: Edit, live: Ask, editor: User
) -> None:
    change = edit(AllowOrigins=["https://a.example", "https://b.example"], AllowMethods=["GET"], MaxAge=0, note="T-1")
    assert live() == CorsPolicy.from_aws(
        {"AllowOrigins": ["https://a.example", "https://b.example"], "AllowMethods": ["GET"]}
    )
    assert (change.status, change.kind, change.actor, change.note) == ("applied", "panel", editor, "T-1")
    assert change.summary == "added https://b.example, max-age 600 → 0"
    assert change.before and change.before.policy.max_age == 600
    assert change.after and change.after.policy == live()


def test_a_field_left_empty_is_emptied_in_aws_which_merges(edit: Edit, live: Ask) -> None:
    edit(AllowOrigins=["https://a.example"])
    assert live().to_update() == CorsPolicy.from_aws({"AllowOrigins": ["https://a.example"]}).to_update()


def test_credentials_can_be_taken_off_and_any_origin_allowed_at_once(edit: Edit, live: Ask) -> None:
    edit(AllowOrigins=["https://a.example"], AllowCredentials=True)
    assert edit(AllowOrigins=["*"]).status == "applied"
    assert live().allow_origins == ("*",)


def test_off_deletes_the_configuration(edit: Edit, live: Ask) -> None:
    assert edit(off=True).summary == "CORS turned off"
    assert live().state == "off"


def test_what_aws_would_refuse_is_not_even_stored(api: HttpApi, edit: Edit) -> None:
    with pytest.raises(applying.CannotWork) as found:
        edit(AllowOrigins=["*"], AllowCredentials=True)
    assert found.value.findings[0].field in ("AllowOrigins", "AllowCredentials")
    assert not Change.objects.filter(api=api, kind="panel").exists()


def test_a_change_outside_meanwhile_is_a_conflict_that_loses_nothing(
    api: HttpApi, edit: Edit, live: Ask, outside: Callable[..., None]
) -> None:
    outside(AllowOrigins=["https://theirs.example"])
    change = edit(AllowOrigins=["https://mine.example"])
    assert change.status == "failed"
    conflict = change.conflict
    assert change.failure == "conflict" and conflict is not None
    assert conflict["seen"]["AllowOrigins"] == ["https://a.example"]
    assert conflict["live"]["AllowOrigins"] == ["https://theirs.example"]
    assert conflict["proposed"]["AllowOrigins"] == ["https://mine.example"]
    assert live().allow_origins == ("https://theirs.example",)
    drift = Change.objects.filter(api=api).order_by("-at").first()
    assert drift is not None and drift.kind == "drift"
    assert edit(AllowOrigins=["https://mine.example"]).status == "applied"


def test_a_change_that_comes_between_the_check_and_the_lock_is_not_written_over(
    api: HttpApi, edit: Edit, editor: User, live: Ask
) -> None:
    """A request that read the API before someone else's change was settled still holds the old row."""
    held = HttpApi.objects.select_related("account", "current").get(pk=api.pk)
    edit(AllowOrigins=["https://theirs.example"])
    mine = CorsPolicy.from_aws({"AllowOrigins": ["https://mine.example"]})
    with pytest.raises(applying.ConflictFound) as found:
        applying.begin(held, mine, held.version, Author(Change.Kind.PANEL, user=editor))
    assert found.value.conflict.live.allow_origins == ("https://theirs.example",)
    assert live().allow_origins == ("https://theirs.example",)


def test_a_form_opened_before_another_users_edit_is_a_conflict(api: HttpApi, edit: Edit, editor: User) -> None:
    opened = api.version
    edit(AllowOrigins=["https://theirs.example"])
    api.refresh_from_db()
    with pytest.raises(applying.ConflictFound) as found:
        applying.begin(api, CorsPolicy.from_aws({}), opened, Author("panel", user=editor))
    assert found.value.conflict.live.allow_origins == ("https://theirs.example",)
    assert found.value.conflict.seen.allow_origins == ("https://a.example",)


def test_what_one_has_applied_oneself_is_no_conflict(api: HttpApi, edit: Edit, signed_in: Client) -> None:
    """Back to the plan's page, and Apply once more."""
    opened, wanted = api.version, {"AllowOrigins": ["https://b.example"], "AllowMethods": ["GET"]}
    change = edit(**wanted)
    sent = {"proposal": json.dumps(wanted), "version": opened}
    for address in ("apply", "plan"):
        answer = signed_in.post(f"/apis/{api.pk}/{address}/", sent)
        page = answer.content.decode()
        assert answer.status_code == 200, address
        assert "Configuration conflict" not in page and "Nothing to apply" in page
        assert "Already applied" in page and f'href="{change.get_absolute_url()}"' in page
    assert Change.objects.filter(api=api, kind="panel").count() == 1


def test_two_changes_of_one_api_do_not_run_at_once(api: HttpApi, editor: User) -> None:
    author = Author("panel", user=editor)
    applying.begin(api, CorsPolicy.from_aws({"AllowOrigins": ["https://x.example"]}), None, author)
    with pytest.raises(history.ChangeInProgress, match="by ed"):
        applying.begin(api, CorsPolicy.from_aws({"AllowOrigins": ["https://y.example"]}), None, author)


@pytest.mark.parametrize("kind", ["refuse", "expired", "throttle", "broken"])
@pytest.mark.usefixtures("soon_again")
def test_when_aws_does_not_do_it_the_change_says_why(api: HttpApi, edit: Edit, faults: Faults, kind: str) -> None:
    faults.add(kind, operation="UpdateApi", api=api.api_id)
    change = edit(AllowOrigins=["https://b.example"])
    assert change.status == "failed"
    assert len(change.error) > 30
    api.refresh_from_db()
    assert api.policy.allow_origins == ("https://a.example",)


def test_a_write_whose_answer_is_lost_counts_as_applied_once_aws_holds_it(
    api: HttpApi, edit: Edit, faults: Faults, live: Ask
) -> None:
    faults.add("lose", operation="UpdateApi", api=api.api_id)
    assert edit(AllowOrigins=["https://b.example"]).status == "applied"
    assert live().allow_origins == ("https://b.example",)


def test_a_write_of_which_nothing_is_heard_for_long_is_not_called_failed(
    api: HttpApi, editor: User, demo: Demo, faults: Faults
) -> None:
    """It was sent and arrived; its worker died, and AWS is silent when the sweep comes by."""
    proposed = CorsPolicy.from_aws({"AllowOrigins": ["https://b.example"]})
    change = applying.begin(api, proposed, api.version, Author(Change.Kind.PANEL, user=editor))
    Change.objects.filter(pk=change.pk).update(sent_at=datetime(2026, 1, 1, tzinfo=UTC))
    control(demo).update_api(ApiId=api.api_id, CorsConfiguration=proposed.to_update())
    faults.add("drop", operation="GetApi", api=api.api_id)
    swept = applying.carry_out(change)
    assert swept.status == "pending"
    assert "Whether the change arrived is unknown" in swept.error and "Nothing was written" not in swept.error
    faults.clear()
    settled = applying.carry_out(change)
    assert (settled.status, settled.error) == ("applied", "")
    assert not Change.objects.filter(api=api, kind="drift").exists()


def test_what_was_sent_is_noted_before_it_is_sent(api: HttpApi, editor: User, faults: Faults) -> None:
    """Or anyone who comes after a dead worker could not know."""
    proposed = CorsPolicy.from_aws({"AllowOrigins": ["https://b.example"]})
    change = applying.begin(api, proposed, api.version, Author(Change.Kind.PANEL, user=editor))
    applying.carry_out(change)
    assert Change.objects.get(pk=change.pk).sent_at is not None


def test_a_process_that_dies_after_the_write_leaves_a_change_that_the_next_sync_settles(
    api: HttpApi, editor: User, demo: Demo
) -> None:
    proposed = {"AllowOrigins": ["https://b.example"], "AllowMethods": ["GET"], "MaxAge": 600}
    change = applying.begin(api, CorsPolicy.from_aws(proposed), api.version, Author("panel", user=editor))
    control(demo).update_api(ApiId=api.api_id, CorsConfiguration=CorsPolicy.from_aws(proposed).to_update())
    for region in sync.start().regions.select_related("account", "run"):
        sync.run_region(region)
    change.refresh_from_db()
    assert change.status == "applied"
    assert not Change.objects.filter(api=api, kind="drift").exists()


def test_a_change_left_before_the_write_is_carried_out_by_the_next_worker(
    api: HttpApi, editor: User, live: Ask
) -> None:
    change = applying.begin(api, CorsPolicy.from_aws({"AllowOrigins": ["https://b.example"]}), None, Author("panel"))
    assert applying.carry_out(change).status == "applied"
    assert applying.carry_out(change).status == "applied"
    assert live().allow_origins == ("https://b.example",)
    assert Change.objects.filter(api=api, kind="panel").count() == 1


def test_an_api_deleted_in_aws_fails_the_change_and_is_marked_gone(api: HttpApi, edit: Edit, demo: Demo) -> None:
    client = control(demo)
    client.delete_api(ApiId=api.api_id)
    try:
        change = edit(AllowOrigins=["https://b.example"])
        assert change.status == "failed" and "no longer" in change.error
        api.refresh_from_db()
        assert api.gone_at
        with pytest.raises(applying.EditRefused, match="no longer exists"):
            edit(AllowOrigins=["https://b.example"])
    finally:
        # The fixture deletes it once more.
        api.api_id = client.create_api(Name="stand-in", ProtocolType="HTTP")["ApiId"]


def test_a_read_only_account_refuses(api: HttpApi, edit: Edit) -> None:
    api.account.read_only = True
    api.account.save()
    with pytest.raises(applying.EditRefused, match="read-only"):
        edit(AllowOrigins=["https://b.example"])


def test_the_way_back_is_not_barred_by_a_mistake_that_was_there(
    api: HttpApi,
    edit: Callable[..., Change],
    editor: User,
    outside: Callable[..., None],
    live: Callable[[], CorsPolicy],
) -> None:
    """AWS held it, whatever our rules say of it."""
    flawed = {"AllowOrigins": ["https://b.example/"], "AllowMethods": ["GET"], "MaxAge": 600}
    outside(**flawed)
    sync.reread_api(api)
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"])
    api.refresh_from_db()
    back = applying.begin(
        api, reverts.proposal(change), api.version, Author(Change.Kind.REVERT, user=editor, reverts=change)
    )
    assert applying.carry_out(back).status == "applied"
    assert live() == CorsPolicy.from_aws(flawed)


def test_what_is_so_already_is_not_reverted_again(api: HttpApi, edit: Callable[..., Change], editor: User) -> None:
    change = edit(AllowOrigins=["https://b.example"], AllowMethods=["GET"])
    for number in range(2):
        api.refresh_from_db()
        author = Author(Change.Kind.REVERT, user=editor, reverts=change)
        if number:
            with pytest.raises(applying.NothingToChange):
                applying.begin(api, reverts.proposal(change), api.version, author)
        else:
            applying.carry_out(applying.begin(api, reverts.proposal(change), api.version, author))
