"""The IAM permission behind each operation (Service Authorization Reference, API Gateway Management V2)."""

from __future__ import annotations

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
    partition = "aws-cn" if region.startswith("cn-") else "aws-us-gov" if region.startswith("us-gov-") else "aws"
    return f"apigateway:{verb}", f"arn:{partition}:apigateway:{region}::{path.format(api_id or '*')}"
