"""The IAM policies that an account's pages offer to paste: all that corsdash calls, and nothing more."""

from __future__ import annotations

import html
import json
import re
from fnmatch import fnmatchcase
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apis.aws import permissions
from tests.inventory.mirror import an_account

READS = ("GetApis", "GetApi", "GetRoutes", "GetStages", "GetIntegrations", "GetAuthorizers", "GetDomainNames",
         "GetApiMappings", "LookupEvents")  # fmt: skip
WRITES = ("UpdateApi", "DeleteCorsConfiguration", "CreateDeployment")


def allows(policy: dict[str, Any], operation: str, region: str) -> bool:
    """Whether a policy grants an operation on an API."""
    action, resource = permissions.needed(operation, region, "a1b2c3d4e5")
    return any(
        action == statement["Action"] and any(fnmatchcase(resource, one) for one in _listed(statement["Resource"]))
        for statement in policy["Statement"]
    )


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


@pytest.mark.once
@pytest.mark.parametrize("region", ["eu-west-1", "cn-north-1", "us-gov-west-1"])
def test_the_policies_grant_what_is_called(region: str) -> None:
    read, edit = permissions.read_policy(region), permissions.edit_policy(region)
    assert [name for name in (*READS, *WRITES) if allows(read, name, region)] == list(READS)
    assert [name for name in (*READS, *WRITES) if allows(edit, name, region)] == list(WRITES)
    assert "*" not in {statement["Action"] for statement in (*read["Statement"], *edit["Statement"])}


def test_they_are_offered_where_an_account_is_added_and_edited(signed_in: Client) -> None:
    account = an_account(regions=["cn-north-1"], method="role", external_id="for-us-only")
    for path, external, partition in (
        ("/accounts/add/", "EXTERNAL-ID", "aws"),
        (account.get_absolute_url(), "for-us-only", "aws-cn"),
    ):
        page = signed_in.get(path).content.decode()
        blocks = re.findall(r"<code>(\{.*?)</code>", page, re.DOTALL)
        read, edit, trust = (json.loads(html.unescape(block)) for block in blocks)
        assert (len(read["Statement"]), len(edit["Statement"])) == (2, 3)
        assert f"arn:{partition}:apigateway:" in str(read)
        assert trust["Statement"][0]["Condition"] == {"StringEquals": {"sts:ExternalId": external}}


def test_people_who_cannot_edit_accounts_do_not_see_them(client: Client, viewer: User) -> None:
    client.force_login(viewer)
    account = an_account(external_id="for-us-only")
    assert "for-us-only" not in client.get(account.get_absolute_url()).content.decode()
