"""STS: who one is, and the role that leads to another account."""

from __future__ import annotations

import re
import secrets
from datetime import UTC, datetime, timedelta

from apis.demo.emulator.request import AwsRequest, account_of, session_key
from apis.demo.emulator.response import Reply, xml, xml_error

ROLE = "corsdash-demo"
"""The only role there is, in every account; the demo's second account is 210987654321."""

_ARN = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/(\S+)")
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")


def answer(request: AwsRequest) -> Reply:
    """AssumeRole and GetCallerIdentity."""
    if request.operation == "GetCallerIdentity":
        return xml(
            "GetCallerIdentity",
            f"<Arn>{_caller(request)}</Arn><UserId>AIDADEMO</UserId><Account>{request.account}</Account>",
        )
    return _assume(request)


def _assume(request: AwsRequest) -> Reply:
    arn, name = request.query.get("RoleArn", ""), request.query.get("RoleSessionName", "")
    found = _ARN.fullmatch(arn)
    if not found:
        return xml_error(400, "ValidationError", f"{arn} is invalid")
    if not _SESSION_NAME.fullmatch(name):
        return xml_error(400, "ValidationError", "1 validation error detected: Value at 'roleSessionName' is invalid")
    partition, account, role = found.groups()
    if role != ROLE:
        # AWS says the same of a role that is not there and of one that does not trust the caller.
        who = f"User: {_caller(request)} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        return xml_error(403, "AccessDenied", who)
    seconds = int(request.query.get("DurationSeconds") or 3600)
    ends = datetime.now(UTC) + timedelta(seconds=seconds)
    return xml(
        "AssumeRole",
        f"<AssumedRoleUser><AssumedRoleId>AROADEMO:{name}</AssumedRoleId>"
        f"<Arn>arn:{partition}:sts::{account}:assumed-role/{role}/{name}</Arn></AssumedRoleUser>"
        f"<Credentials><AccessKeyId>{session_key(account)}</AccessKeyId>"
        f"<SecretAccessKey>{secrets.token_hex(20)}</SecretAccessKey>"
        f"<SessionToken>{secrets.token_hex(32)}</SessionToken>"
        f"<Expiration>{ends:%Y-%m-%dT%H:%M:%SZ}</Expiration></Credentials>",
    )


def _caller(request: AwsRequest) -> str:
    if account_of(request.key) and not request.key.isdigit():
        return f"arn:aws:sts::{request.account}:assumed-role/{ROLE}/session"
    return f"arn:aws:iam::{request.account}:user/demo"
