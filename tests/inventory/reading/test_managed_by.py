"""Which tool owns an API, by its tags and name."""

from __future__ import annotations

from typing import Any

import pytest

from apis.cors.formats import FORMATS
from apis.inventory.models import Account, HttpApi
from apis.inventory.reading.managed_by import owner_of, refused

STACK, LOGICAL = "aws:cloudformation:stack-name", "aws:cloudformation:logical-id"


def api(tags: dict[str, str], name: str = "shop", account: Account | None = None) -> HttpApi:
    return HttpApi(account=account or Account(name="production"), name=name, tags=tags)


@pytest.mark.parametrize(
    ("tags", "name", "tool", "confidence"),
    [
        ({STACK: "shop"}, "shop", "cloudformation", "certain"),
        ({STACK: "shop", LOGICAL: "HttpApi"}, "shop", "cloudformation", "certain"),
        ({STACK: "Shop", LOGICAL: "CatalogApi5A2C9D11"}, "shop", "cdk", "likely"),
        ({STACK: "shop", "httpapi:createdBy": "SAM"}, "shop", "sam", "certain"),
        ({STACK: "shop-prod", "STAGE": "prod"}, "shop", "serverless", "likely"),
        ({"STAGE": "prod"}, "prod-shop", "serverless", "likely"),
        ({"STAGE": "prod"}, "shop", "serverless", "possible"),
        ({"managed-by": "terraform"}, "shop", "terraform", "likely"),
        ({"ManagedBy": "Terraform"}, "shop", "terraform", "likely"),
        ({"provisioner": "OpenTofu"}, "shop", "terraform", "likely"),
        ({"managed-by": "Terraform v1.6"}, "shop", "terraform", "likely"),
        ({"created-by": "the CDK pipeline"}, "shop", "cdk", "likely"),
        ({"aws:cdk:path": "Shop/HttpApi/Resource"}, "shop", "cdk", "likely"),
        ({}, "ShopHttpApi5A2C9D11", "cdk", "possible"),
        ({"terraform": "true"}, "shop", "terraform", "likely"),
        ({"Terraform_Workspace": "prod"}, "shop", "terraform", "possible"),
        ({"pulumi:project": "shop"}, "shop", "pulumi", "certain"),
        ({"managed_by": "pulumi"}, "shop", "pulumi", "likely"),
        ({"sst:app": "shop", "sst:stage": "dev"}, "shop", "sst", "certain"),
        ({STACK: "shop", "managed-by": "terraform"}, "shop", "cloudformation", "certain"),
    ],
)
def test_the_tags_tell(tags: dict[str, str], name: str, tool: str, confidence: str) -> None:
    owner = owner_of(api(tags, name))
    assert owner is not None
    assert (owner.tool, owner.confidence) == (tool, confidence)
    assert owner.format in FORMATS
    assert owner.format == (tool if tool in FORMATS else "cdk-typescript")
    assert "next deployment will undo" in owner.sentence


@pytest.mark.parametrize(
    "tags",
    [
        {},
        {"team": "terraform"},
        {"terraform": "false"},
        {"managed-by": "hand"},
        {"created-by": "Sam Smith"},
        {"stage": "prod"},
    ],
)
def test_other_tags_show_nothing(tags: dict[str, str]) -> None:
    assert owner_of(api(tags, "prod-shop")) is None


def test_an_account_refuses_edits_of_what_others_own(settings: Any) -> None:
    strict = Account(name="production", refuse_owned=True)
    assert refused(api({STACK: "shop"})) == ""
    assert refused(api({}, account=strict)) == ""
    assert refused(api({"STAGE": "prod"}, account=strict)) == ""
    why = refused(api({STACK: "shop"}, account=strict))
    assert "The account production refuses" in why and "stack shop" in why and "for AWS CloudFormation" in why


@pytest.mark.parametrize(
    ("rule", "value", "is_refused"),
    [("managed-by=terraform", "terraform", True), ("managed-by=terraform", "hand", False), ("managed-by", "x", True)],
)
def test_a_tag_refuses(settings: Any, rule: str, value: str, is_refused: bool) -> None:
    settings.CORSDASH_REFUSE_EDIT_TAG = ["other", rule]
    assert bool(refused(api({"managed-by": value}))) is is_refused
