"""Whatever an API's history holds: the revert of a change gives the configuration before it."""

from __future__ import annotations

from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from apis.cors.policy import CorsPolicy
from apis.editing.apply import reverts
from apis.inventory.history import history
from apis.inventory.history.history import Author
from apis.inventory.models import Account, Change, HttpApi
from tests.cors.test_policy import ALIKE


def changed(api: HttpApi, policy: CorsPolicy, kind: Change.Kind) -> Change:
    """A change that AWS took."""
    change = history.begin(api, policy.to_aws(), Author(kind, name="ann"))
    return history.settle(change, policy.to_aws())


class AnyHistory(TestCase):
    """Any configurations, one after the other."""

    @settings(max_examples=20)
    @given(st.lists(ALIKE, min_size=2, max_size=6), st.data())
    def test_the_revert_of_a_change_gives_the_configuration_before_it(
        self, policies: list[CorsPolicy], data: st.DataObject
    ) -> None:
        account = Account.objects.create(name="any", regions=["eu-west-1"])
        api = HttpApi.objects.create(account=account, region="eu-west-1", api_id="a1b2c3d4e5", name="one")
        history.record_live(api, policies[0].to_aws(), timezone.now())
        changes = [changed(api, policy, Change.Kind.PANEL) for policy in policies[1:]]
        place = data.draw(st.integers(0, len(changes) - 1))
        proposed = reverts.proposal(changes[place])
        assert proposed == policies[place]
        back = changed(api, proposed, Change.Kind.REVERT)
        api.refresh_from_db()
        assert api.policy == policies[place]
        assert back.before_id == changes[-1].after_id
        assert reverts.proposal(back) == policies[-1]
