"""Each failure says in one sentence what happened and what to do."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from apis.aws import AwsError, Reach, Refused, Throttled, Unreachable, delete_cors, get_api, list_apis, whoami
from apis.aws.errors import translate_errors
from apis.demo.emulator.faults import Faults
from apis.demo.serve import Demo
from tests.aws.conftest import FAST


def test_a_missing_permission_is_named_with_what_to_grant(reach: Reach, api: str, faults: Faults) -> None:
    faults.add("refuse")
    with pytest.raises(Refused) as found:
        list(list_apis(reach, "us-east-1"))
    message = str(found.value)
    assert "GetApis" in message
    assert "grant arn:aws:iam::123456789012:user/demo apigateway:GET on arn:aws:apigateway:us-east-1::/apis." in message
    with pytest.raises(Refused, match=f"apigateway:DELETE on arn:aws:apigateway:us-east-1::/apis/{api}/cors"):
        delete_cors(reach, "us-east-1", api)


def test_expired_credentials(reach: Reach, faults: Faults) -> None:
    faults.add("expired")
    with pytest.raises(Refused, match="sign in again"):
        get_api(reach, "us-east-1", "abc123def4")


def test_a_role_that_may_not_be_assumed(demo: Demo, db: None) -> None:
    arn = "arn:aws:iam::210987654321:role/someone-else"
    reach = Reach("no-role", "role", role_arn=arn, endpoint_url=demo.endpoint, calls_per_s=FAST, trusted=True)
    with pytest.raises(Refused) as found:
        list(list_apis(reach, "us-east-1"))
    assert str(found.value) == (
        f"{arn} cannot be assumed: its trust policy must allow arn:aws:iam::123456789012:user/demo, "
        "which itself needs sts:AssumeRole."
    )


def test_a_region_that_is_not_there(reach: Reach) -> None:
    with pytest.raises(Refused, match="switched on"):
        list(list_apis(reach, "atlantis-north-1"))


def test_no_one_answers(db: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    endpoint = f"http://127.0.0.1:{port}"
    with pytest.raises(Unreachable) as found:
        list(list_apis(Reach("nobody", endpoint_url=endpoint, calls_per_s=FAST, trusted=True), "us-east-1"))
    assert endpoint in str(found.value)
    assert "check that it runs" in str(found.value)


def test_a_fault_of_awss_own_is_tried_again(reach: Reach, faults: Faults, called: Callable[[], list[Any]]) -> None:
    faults.add("broken", times=1)
    assert get_api(reach, "us-east-1", "abc123def4").name == "my-frontend-app-api"
    assert [one.status for one in called()] == [503, 200]


def test_sts_faults_are_reported_too(reach: Reach, faults: Faults) -> None:
    assert whoami(reach)[0] == "123456789012"
    faults.add("refuse", operation="GetCallerIdentity")
    with pytest.raises(Refused, match="sts:GetCallerIdentity"):
        whoami(reach)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (429, "TooManyRequestsException", Throttled),
        (400, "ThrottlingException", Throttled),
        (403, "InvalidClientTokenId", Refused),
        (403, "UnrecognizedClientException", Refused),
        (500, "InternalServerError", Unreachable),
        (504, "", Unreachable),
        (409, "ConflictException", AwsError),
    ],
)
def test_every_kind_of_refusal_is_one_of_the_family(status: int, code: str, kind: type[AwsError]) -> None:
    answer = {"Error": {"Code": code, "Message": ""}, "ResponseMetadata": {"HTTPStatusCode": status}}
    with pytest.raises(AwsError) as found, translate_errors("GetApis", Reach("any"), "us-east-1"):
        raise ClientError(answer, "GetApis")
    assert isinstance(found.value, kind)
    assert (found.value.code, found.value.status) == (code, status)
    assert str(found.value).endswith(".")
