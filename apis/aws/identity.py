"""Who we are to AWS, whether there are credentials at all, and which regions there are."""

from __future__ import annotations

import os

import boto3
from botocore.exceptions import BotoCoreError
from botocore.session import get_session

from apis.aws.discover import speaking
from apis.aws.reach import Reach, client


def whoami(reach: Reach, region: str = "us-east-1") -> tuple[str, str]:
    """The account's 12-digit id and the caller's ARN (sts:GetCallerIdentity). Raises AwsError."""
    with speaking("ask who the caller is"):
        found = client(reach, "sts", region).get_caller_identity()
        return found["Account"], found["Arn"]


def has_credentials() -> bool:
    """Whether boto3's chain finds credentials on this machine. Asks an instance's metadata once, for a second at most."""
    session = get_session()
    session.set_config_variable("metadata_service_timeout", 1)
    session.set_config_variable("metadata_service_num_attempts", 1)
    try:
        return session.get_credentials() is not None
    except BotoCoreError:
        return False


def default_region() -> str:
    """The region that the environment or the default profile names; us-east-1 when neither does."""
    return os.environ.get("AWS_REGION") or boto3.Session().region_name or "us-east-1"


def all_regions() -> list[str]:
    """The regions of API Gateway's HTTP APIs, from the SDK's own list; no call is made."""
    return sorted(boto3.Session().get_available_regions("apigatewayv2"))
