"""An account that is switched off is not read again, so that its last failure says nothing about the sync."""

from __future__ import annotations

import pytest
from django.test import Client

from apis.inventory.models import Account
from apis.inventory.reading import sync
from apis.inventory.tags import latest_run


@pytest.mark.parametrize(("enabled", "failed"), [(True, 1), (False, 0)])
def test_its_failure_is_not_in_the_header(admin_client: Client, enabled: bool, failed: int) -> None:
    account = Account.objects.create(name="old", regions=["us-east-1"])
    [region] = sync.start(account=account).regions.all()
    sync.give_up(region, "AWS could not be reached.")
    Account.objects.update(enabled=enabled)
    run = latest_run()
    assert run is not None
    assert vars(run)["failed"] == failed
    assert ("troubled" in admin_client.get("/sync/status/").content.decode()) is bool(failed)
