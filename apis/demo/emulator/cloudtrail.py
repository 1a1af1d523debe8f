"""CloudTrail's event history of the demo, without its delay."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import Any

from apis.demo.emulator.faults import Call, Calls
from apis.demo.emulator.request import AwsRequest, account_of
from apis.demo.emulator.response import Reply, error
from apis.demo.emulator.sts import ROLE

_SOURCE = "apigateway.amazonaws.com"
_LARGEST_PAGE = 50
_ERRORS = {400: "BadRequestException", 403: "AccessDeniedException", 429: "TooManyRequestsException"}
_TYPE = (("Content-Type", "application/x-amz-json-1.1"),)


def answer(request: AwsRequest, calls: Calls) -> Reply:
    """LookupEvents, newest first, of one source and a stretch of time."""
    try:
        wanted = request.json()
        size, skip = int(wanted.get("MaxResults") or _LARGEST_PAGE), int(wanted.get("NextToken") or 0)
        since, until = float(wanted.get("StartTime") or 0), float(wanted.get("EndTime") or 2**40)
    except (TypeError, ValueError):
        return error(400, "InvalidLookupAttributesException", "The request is not valid.")
    sources = [one.get("AttributeValue") for one in wanted.get("LookupAttributes") or []]
    found = [
        call
        for call in reversed(list(calls))
        if (call.account, call.region) == (request.account, request.region)
        and call.api
        and not call.operation.startswith("Get")
        and call.status
        and since <= call.at <= until
        and (not sources or _SOURCE in sources)
    ]
    page = found[skip : skip + min(size, _LARGEST_PAGE)]
    payload: dict[str, Any] = {"Events": [_event(call) for call in page]}
    if skip + len(page) < len(found):
        payload["NextToken"] = str(skip + len(page))
    return Reply(200, json.dumps(payload).encode(), _TYPE)


def _event(call: Call) -> dict[str, Any]:
    at = datetime.fromtimestamp(call.at, UTC)
    number = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{call.at}{call.operation}{call.api}"))
    record = {
        "eventID": number,
        "eventName": call.operation,
        "eventSource": _SOURCE,
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "awsRegion": call.region,
        "sourceIPAddress": call.source,
        "userAgent": call.agent,
        "userIdentity": {"arn": _arn(call), "accountId": call.account},
        "requestParameters": {"apiId": call.api, **{name: {} for name in call.parameters}},
    }
    if call.status >= 300:
        record |= {"errorCode": _ERRORS.get(call.status, "ServiceException")}
    return {
        "EventId": number,
        "EventName": call.operation,
        "EventSource": _SOURCE,
        "EventTime": int(call.at),
        "Username": _arn(call).rpartition("/")[2],
        "CloudTrailEvent": json.dumps(record),
    }


def _arn(call: Call) -> str:
    """Any keys will do; anyone who uses a name as access key is that user."""
    if account_of(call.key) and not call.key.isdigit():
        return f"arn:aws:sts::{call.account}:assumed-role/{ROLE}/session"
    name = call.key if call.key.isalnum() and call.key.islower() else "demo"
    return f"arn:aws:iam::{call.account}:user/{name}"
