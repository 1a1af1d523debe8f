"""What is changed in AWS: all six fields, or none at all."""

from __future__ import annotations

from typing import Any

import pytest

from apis.aws import (
    Invalid,
    NotFound,
    Reach,
    Unreachable,
    delete_cors,
    deploy,
    details,
    get_api,
    list_apis,
    update_cors,
)
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from tests.demo.clients import control

FIELDS: dict[str, Any] = {
    "AllowOrigins": ["https://app.example.com"],
    "AllowHeaders": ["Content-Type"],
    "AllowMethods": ["GET"],
    "ExposeHeaders": [],
    "MaxAge": 600,
    "AllowCredentials": True,
}


def test_what_aws_then_holds_is_reported(reach: Reach, api: str) -> None:
    assert update_cors(reach, "us-east-1", api, FIELDS) == {**FIELDS, "AllowHeaders": ["content-type"]}


def test_nothing_of_the_old_configuration_stays(reach: Reach, api: str) -> None:
    update_cors(reach, "us-east-1", api, FIELDS)
    open_to_all = {**FIELDS, "AllowOrigins": ["*"], "AllowCredentials": False, "AllowHeaders": [], "MaxAge": 0}
    assert update_cors(reach, "us-east-1", api, open_to_all) == open_to_all


def test_all_six_fields_must_be_given(reach: Reach, api: str) -> None:
    without = {name: value for name, value in FIELDS.items() if name != "MaxAge"}
    with pytest.raises(ValueError, match="MaxAge"):
        update_cors(reach, "us-east-1", api, without)
    with pytest.raises(ValueError, match="AllowOrigin:"):
        update_cors(reach, "us-east-1", api, {**FIELDS, "AllowOrigin": []})


def test_a_refusal_carries_awss_own_words(reach: Reach, api: str) -> None:
    with pytest.raises(Invalid) as found:
        update_cors(reach, "us-east-1", api, {**FIELDS, "AllowOrigins": ["*"]})
    assert str(found.value) == "allow-credentials is not supported if 'allow-origin' is *"
    assert found.value.code == "BadRequestException"
    with pytest.raises(Invalid, match="Invalid format for origin localhost:3000"):
        update_cors(reach, "us-east-1", api, {**FIELDS, "AllowOrigins": ["localhost:3000"]})


def test_what_the_sdk_does_not_take_is_refused_alike(reach: Reach, api: str) -> None:
    with pytest.raises(Invalid, match="MaxAge"):
        update_cors(reach, "us-east-1", api, {**FIELDS, "MaxAge": -2})


def test_switching_off(reach: Reach, api: str) -> None:
    update_cors(reach, "us-east-1", api, FIELDS)
    delete_cors(reach, "us-east-1", api)
    assert get_api(reach, "us-east-1", api).cors is None
    delete_cors(reach, "us-east-1", api)
    with pytest.raises(NotFound):
        delete_cors(reach, "us-east-1", "gone123456")


def test_a_stage_is_deployed(partner: Reach) -> None:
    portal = next(one.api_id for one in list_apis(partner, "eu-west-1") if one.name == "partner-portal")
    made = deploy(partner, "eu-west-1", portal, "prod", "from a test")
    stages = {stage["name"]: stage for stage in details(partner, "eu-west-1", portal).stages}
    assert stages["prod"]["deployment"] == made
    with pytest.raises(Invalid, match="AutoDeploy"):
        deploy(partner, "eu-west-1", portal, "staging")


def test_a_write_whose_answer_is_lost_may_have_arrived(demo: Demo, reach: Reach, api: str, faults: Faults) -> None:
    faults.add("lose", operation="UpdateApi")
    with pytest.raises(Unreachable):
        update_cors(reach, "us-east-1", api, FIELDS)
    assert control(demo).get_api(ApiId=api)["CorsConfiguration"]["MaxAge"] == 600
