"""Write: set and remove an API's CORS configuration, and deploy a stage."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apis.aws.clients import call_for_api, call_operation
from apis.aws.connection import Reach
from apis.aws.discovery import six_fields
from apis.cors.policy import FIELDS


def update_cors(reach: Reach, region: str, api_id: str, fields: Mapping[str, Any]) -> dict[str, Any] | None:
    """Set all six fields; returns what AWS then holds.

    Every field must be given: UpdateApi merges, so that one left out would keep its old value. Raises ValueError that
    names a missing or unknown field; Invalid with AWS's own words when it cannot be; AwsError.
    """
    if wrong := sorted(set(FIELDS) ^ set(fields)):
        raise ValueError(f"{', '.join(wrong)}: exactly the six fields must be given")
    answer = call_for_api(reach, region, "UpdateApi", ApiId=api_id, CorsConfiguration=dict(fields))
    return six_fields(answer.get("CorsConfiguration"))


def delete_cors(reach: Reach, region: str, api_id: str) -> None:
    """Switch CORS off; nothing happens when it is off already. Raises AwsError."""
    call_operation(reach, region, "DeleteCorsConfiguration", ApiId=api_id)


def deploy(reach: Reach, region: str, api_id: str, stage: str, description: str = "") -> str:
    """Deploy the API as it is now to a stage; returns the deployment's id. Raises AwsError.

    A stage with auto-deploy does this automatically, and AWS refuses it there.
    """
    more = {"Description": description} if description else {}
    answer = call_operation(reach, region, "CreateDeployment", ApiId=api_id, StageName=stage, **more)
    return str(answer.get("DeploymentId", ""))
