"""Writing: the only operations with which corsdash changes anything in AWS."""

from __future__ import annotations

from typing import Any

from apis.aws.discover import cors_of, speaking
from apis.aws.reach import Reach, client


def update_cors(reach: Reach, region: str, api_id: str, fields: dict[str, Any]) -> dict[str, Any] | None:
    """Set an API's CORS configuration; returns what AWS then holds. Raises Invalid with AWS's words when it refuses.

    `fields` must have all six members: UpdateApi merges, so that what is left out would keep its old value.
    """
    with speaking(f"update the API {api_id} (apigateway:PATCH)"):
        return cors_of(client(reach, "apigatewayv2", region).update_api(ApiId=api_id, CorsConfiguration=fields))


def delete_cors(reach: Reach, region: str, api_id: str) -> None:
    """Switch CORS off. An empty configuration would not do it: that one is on and allows nothing. Raises AwsError."""
    with speaking(f"delete the CORS configuration of the API {api_id} (apigateway:DELETE)"):
        client(reach, "apigatewayv2", region).delete_cors_configuration(ApiId=api_id)


def deploy(reach: Reach, region: str, api_id: str, stage: str) -> str:
    """Deploy an API to a stage without auto-deploy; returns the deployment's id. Raises AwsError."""
    with speaking(f"deploy the API {api_id} to {stage} (apigateway:POST)"):
        made = client(reach, "apigatewayv2", region).create_deployment(ApiId=api_id, StageName=stage)
        return str(made.get("DeploymentId", ""))
