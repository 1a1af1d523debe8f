"""The IAM permission behind each operation (Service Authorization Reference, API Gateway Management V2)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

# API Gateway's actions are HTTP verbs on the paths of its resources; `{}` stands for the API's id.
_NEEDS = {
    "GetApis": ("GET", "/apis"),
    "GetApi": ("GET", "/apis/{}"),
    "GetRoutes": ("GET", "/apis/{}/routes"),
    "GetStages": ("GET", "/apis/{}/stages"),
    "GetIntegrations": ("GET", "/apis/{}/integrations"),
    "GetAuthorizers": ("GET", "/apis/{}/authorizers"),
    "GetDomainNames": ("GET", "/domainnames"),
    "GetApiMappings": ("GET", "/domainnames/*/apimappings"),
    "UpdateApi": ("PATCH", "/apis/{}"),
    "DeleteCorsConfiguration": ("DELETE", "/apis/{}/cors"),
    "CreateDeployment": ("POST", "/apis/{}/deployments"),
}

_ELSEWHERE = {
    "LookupEvents": "cloudtrail:LookupEvents",
    "Publish": "sns:Publish",
    "PutEvents": "events:PutEvents",
}
"""Operations of other services, with their actions."""


def needed(operation: str, region: str, api_id: str = "") -> tuple[str, str]:
    """Return the action to grant for an operation, and the resource to grant it on."""
    if operation in _ELSEWHERE:
        return _ELSEWHERE[operation], "*"
    if operation not in _NEEDS:
        return f"sts:{operation}", "*"
    verb, path = _NEEDS[operation]
    return f"apigateway:{verb}", f"arn:{_partition(region)}:apigateway:{region}::{path.format(api_id or '*')}"


def read_policy(region: str = "") -> dict[str, Any]:
    """Return the IAM policy with which every API is read; `region` is any of the account, for its partition."""
    return _policy(
        _statement("ReadApis", "GET", _paths("GET"), region),
        {"Sid": "ReadWhoChangedIt", "Effect": "Allow", "Action": _ELSEWHERE["LookupEvents"], "Resource": "*"},
    )


def edit_policy(region: str = "") -> dict[str, Any]:
    """Return the IAM policy that changing CORS needs besides the one for reading."""
    sids = (("EditCors", "PATCH"), ("TurnCorsOff", "DELETE"), ("Deploy", "POST"))
    return _policy(*(_statement(sid, verb, _paths(verb), region) for sid, verb in sids))


def trust_policy(external_id: str = "", region: str = "") -> dict[str, Any]:
    """Return the trust policy of a role that corsdash assumes from another account."""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{_partition(region)}:iam::ACCOUNT-OF-CORSDASH:root"},
        "Action": "sts:AssumeRole",
    }
    if external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
    return _policy(statement)


def _paths(verb: str) -> list[str]:
    """Return the resources of the operations with this verb. A star also stands for what is below an API."""
    paths = dict.fromkeys(path.format("*") for known, path in _NEEDS.values() if known == verb)
    return [path for path in paths if not any(path != other and fnmatchcase(path, other) for other in paths)]


def _statement(sid: str, verb: str, paths: list[str], region: str) -> dict[str, Any]:
    found = [f"arn:{_partition(region)}:apigateway:*::{path}" for path in paths]
    resource = found if len(found) > 1 else found[0]
    return {"Sid": sid, "Effect": "Allow", "Action": f"apigateway:{verb}", "Resource": resource}


def _policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _partition(region: str) -> str:
    return "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
