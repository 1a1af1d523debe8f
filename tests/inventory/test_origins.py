"""Origins in use: kept in step with the history, with who allow each, since when, and what the rules say of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from apis.cors.origin_match import allowed_origin, matching_entries
from apis.cors.policy import CorsPolicy
from apis.inventory import origins
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Account, AllowedOrigin, Change, HttpApi
from apis.inventory.search import apis_matching
from tests.inventory.mirror import an_account, an_api

APP = "https://app.example.com"


@pytest.fixture
def account(db: None) -> Account:
    """An account."""
    return an_account()


def edit(api: HttpApi, user: User, **cors: Any) -> Change:
    """A change made here and applied."""
    return history.settle(history.begin(api, cors, Author(Change.Kind.PANEL, user=user)), cors)


def row(api: HttpApi, value: str = APP) -> AllowedOrigin:
    return AllowedOrigin.objects.get(api=api, value=value)


class TestSince:
    """Since when an entry has been there without a break, and by which change."""

    def test_since_names_the_change_that_added_the_origin(self, account: Account, editor: User) -> None:
        api = an_api(account, "orders", {"AllowOrigins": ["https://old.example"]})
        made = edit(api, editor, AllowOrigins=["https://old.example", APP])
        assert (row(api).change, row(api).since) == (made, made.at)
        found = row(api, "https://old.example").change
        assert found is not None and found.kind == "discovered"

    def test_stays_while_other_fields_change(self, account: Account, editor: User) -> None:
        api = an_api(account, "orders", None)
        first = edit(api, editor, AllowOrigins=[APP])
        edit(api, editor, AllowOrigins=[APP, "https://b.example"], MaxAge=5)
        assert row(api).change == first

    def test_starts_again_after_a_break(self, account: Account, editor: User) -> None:
        api = an_api(account, "orders", {"AllowOrigins": [APP]})
        edit(api, editor, AllowOrigins=[])
        again = edit(api, editor, AllowOrigins=[APP])
        assert row(api).change == again

    def test_knows_drift(self, account: Account) -> None:
        api = an_api(account, "orders", None)
        drift = history.record_live(api, {"AllowOrigins": [APP]}, timezone.now() + timedelta(seconds=1))
        assert row(api).change == drift
        assert drift is not None and drift.kind == "drift"


class TestFlags:
    """What the rules say of an entry, as a word to look for."""

    @pytest.mark.parametrize(
        ("entries", "flagged"),
        [
            ([APP], {}),
            (["*"], {"*": "any"}),
            (["https://*"], {"https://*": "any"}),
            (["null"], {"null": "null"}),
            (["http://shop.example.com"], {"http://shop.example.com": "http"}),
            ([APP, "http://app.example.com"], {"http://app.example.com": "http"}),
            (["https://app.example.com/"], {"https://app.example.com/": "never"}),
            (["https://*.example.com"], {"https://*.example.com": "never"}),
            (["http://localhost"], {"http://localhost": "port"}),
            ([APP, "http://localhost:3000"], {"http://localhost:3000": "local"}),
            ([APP, "https://app.example.com.evil.example"], {"https://app.example.com.evil.example": "look-alike"}),
            (["https://me.github.io"], {"https://me.github.io": "third-party"}),
        ],
    )
    def test_of_a_list(self, account: Account, entries: list[str], flagged: dict[str, str]) -> None:
        an_api(account, "orders", {"AllowOrigins": entries, "AllowMethods": ["GET"]})
        found = {one.value: one.flags.split() for one in AllowedOrigin.objects.exclude(flags="")}
        assert found == {value: [flag] for value, flag in flagged.items()}

    def test_flags_are_removed_when_the_list_changes(self, account: Account, editor: User) -> None:
        """localhost is flagged for what stands besides it."""
        api = an_api(account, "orders", {"AllowOrigins": [APP, "http://localhost:3000"]})
        assert row(api, "http://localhost:3000").flags
        edit(api, editor, AllowOrigins=["http://localhost:3000"])
        assert not row(api, "http://localhost:3000").flags

    def test_each_has_rules_behind_it(self) -> None:
        from apis.cors.lint import rules

        known = {rule.code for rule in rules()}
        assert all(flag.codes <= known for flag in origins.FLAGS.values())


class TestTheList:
    """`in_use` and `described`."""

    def test_counts_apis_and_accounts_and_names_the_first(self, account: Account, editor: User) -> None:
        one = an_api(account, "one", None)
        first = edit(one, editor, AllowOrigins=[APP])
        an_api(an_account("other"), "two", {"AllowOrigins": [APP, "https://b.example"]})
        an_api(account, "three", {"AllowOrigins": [APP]})
        found = origins.described(list(origins.in_use()))
        assert [(each.value, each.apis, each.accounts) for each in found] == [(APP, 3, 2), ("https://b.example", 1, 1)]
        assert (found[0].since, found[0].change, found[0].api) == (first.at, first, one)

    def test_leaves_out_what_is_gone(self, account: Account) -> None:
        api = an_api(account, "one", {"AllowOrigins": [APP]})
        HttpApi.objects.filter(pk=api.pk).update(gone_at=timezone.now())
        assert not origins.in_use()

    @pytest.mark.parametrize(
        ("given", "values"),
        [
            ({"search": "EXAMPLE.com"}, ["http://example.com", "https://example.com"]),
            ({"flag": "http"}, ["http://example.com"]),
            ({"flag": "any"}, ["*"]),
            ({"account": "second"}, ["*"]),
            ({"account": "nobody"}, []),
            ({"sort": "origin"}, ["*", "http://example.com", "https://example.com"]),
            ({"sort": "-origin"}, ["https://example.com", "http://example.com", "*"]),
        ],
    )
    def test_filters_and_sorts(self, account: Account, given: dict[str, str], values: list[str]) -> None:
        an_api(account, "one", {"AllowOrigins": ["https://example.com", "http://example.com"]})
        an_api(an_account("second"), "two", {"AllowOrigins": ["*"]})
        assert [found["value"] for found in origins.in_use(**{"sort": "origin"} | given)] == values


ENTRIES = ["https://a.example", "https://*", "http://*", "*", "null", "https://A.example", "https://a.example/"]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("https://a.example", {"https://a.example", "https://*", "*"}),
        ("http://a.example", {"http://*", "*"}),
        ("https://b.example", {"https://*", "*"}),
        ("chrome-extension://abc", {"*"}),
        ("null", set()),
    ],
)
def test_the_search_finds_whom_the_rules_allow(account: Account, origin: str, allowed: set[str]) -> None:
    """The database's answer is that of `grant`, for each entry automatically."""
    for number, entry in enumerate(ENTRIES):
        an_api(account, f"{number}", {"AllowOrigins": [entry]})
    found = {api.policy.allow_origins[0] for api in apis_matching(origin=origin)}
    ruled = {entry for entry in ENTRIES if allowed_origin(CorsPolicy.from_aws({"AllowOrigins": [entry]}), origin)}
    assert found == ruled == allowed
    assert set(matching_entries(origin)) & set(ENTRIES) == allowed
