"""Identity: whether this machine has AWS credentials, whose they are, and which regions there are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from apis.aws.clients import GATEWAY, STS, call_operation, core_session
from apis.aws.connection import Reach
from apis.aws.errors import AwsError, not_aws

DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class Identity:
    """An AWS account, who we are in it, and the region to begin with; account and ARN are "" where AWS did not say."""

    account_id: str
    arn: str
    region: str


def has_credentials() -> bool:
    """Return whether the default chain finds credentials: environment, files, container or, asked for a second, EC2."""
    from botocore.exceptions import BotoCoreError

    try:
        return core_session().get_credentials() is not None
    except BotoCoreError:
        # A profile that is not there, or half a key pair: nothing that could be used.
        return False


def whoami(reach: Reach, region: str = DEFAULT_REGION) -> tuple[str, str]:
    """Return the account's id and our ARN in it. Raises AwsError."""
    answer = call_operation(reach, region, "GetCallerIdentity", STS)
    if not (answer.get("Account") and answer.get("Arn")):
        raise not_aws("GetCallerIdentity", reach, region)
    return answer["Account"], answer["Arn"]


def default() -> Identity:
    """Return the account of this machine's own credentials ("" when AWS cannot be asked now) and its region."""
    region = default_region()
    try:
        account_id, arn = whoami(Reach("default"), region)
    except AwsError:
        account_id = arn = ""
    return Identity(account_id, arn, region)


def default_region() -> str:
    """Return the region that the environment or the default profile names, else us-east-1."""
    from botocore.exceptions import BotoCoreError

    if named := os.environ.get("AWS_REGION"):
        return named
    try:
        return core_session().get_config_variable("region") or DEFAULT_REGION
    except BotoCoreError:
        return DEFAULT_REGION


@cache
def all_regions() -> Mapping[str, str]:
    """Return the names of the public regions that have HTTP APIs, by code, as the SDK lists them.

    A release of the SDK brings new ones; no call is made.
    """
    session = core_session()
    (partition,) = (
        one for one in session.get_component("data_loader").load_data("partitions")["partitions"] if one["id"] == "aws"
    )
    codes = sorted(session.get_available_regions(GATEWAY), key=lambda code: (not code.startswith("us-"), code))
    return {code: partition["regions"].get(code, {}).get("description", code) for code in codes}
