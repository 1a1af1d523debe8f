"""The one place where AWS is called: credentials, clients, timeouts, retries, and a turn in the budget for each try."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from apis.aws import deadline, endpoint, rate_limit, response_shape, sdk_models
from apis.aws.connection import Reach
from apis.aws.errors import AwsError, not_aws, translate_errors
from apis.jobs import counters

if TYPE_CHECKING:
    from boto3 import Session
    from botocore.config import Config
    from botocore.session import Session as CoreSession

type Answer = dict[str, Any]

GATEWAY, STS, CLOUDTRAIL = "apigatewayv2", "sts", "cloudtrail"
CLOUDTRAIL_CALLS_PER_S = 1
"""LookupEvents has a budget of its own, 2 a second for each account and region: half of it."""

CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 3, 10
TRIES, TRIES_ELSEWHERE = 4, 2
"""How often one call to AWS, or to another endpoint, is tried, with the SDK's growing pauses between; each try takes a
turn of the budget."""

MOST_PAGES = 1000
"""Pages of one list that are read: at 25 items a page, more than any region holds."""

SESSION_NAME = "corsdash"
"""What CloudTrail shows as the name of an assumed role's session, before the process that did it."""

# Keys and profiles in files change while we run; roles renew their credentials automatically.
_KEEP_S = 15 * 60
# A client is made in a few milliseconds and weighs 300 KB: not to be kept for each of many accounts' regions.
_MOST_CLIENTS = 64
_ROLE_S = 3600
# Of each partition the region that no account can switch off, for asking STS.
_STS_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_PAGING = {"input_token": "NextToken", "output_token": "NextToken", "limit_key": "MaxResults", "result_key": "Items"}

_lock = threading.Lock()
_kept: dict[tuple[Any, ...], tuple[float, Any]] = {}


def call_operation(reach: Reach, region: str, operation: str, service: str = GATEWAY, **parameters: Any) -> Answer:
    """Make one call, by the operation's AWS name; returns its answer without ResponseMetadata. Raises AwsError."""
    from botocore import xform_name

    with translate_errors(operation, reach, region, str(parameters.get("ApiId", ""))):
        deadline.check()
        method = getattr(client(reach, region, service), xform_name(operation))
        answer: Answer = method(**parameters)
    _check_media_type(answer, operation, reach, region)
    return answer


def call_for_api(reach: Reach, region: str, operation: str, **parameters: Any) -> Answer:
    """Make a call that is answered with one API. Raises AwsError, also when the answer holds none."""
    answer = call_operation(reach, region, operation, **parameters)
    if not answer.get("ApiId"):
        raise not_aws(operation, reach, region)
    return answer


def pages(
    reach: Reach, region: str, operation: str, service: str = GATEWAY, page_size: int = 500, **parameters: Any
) -> Iterator[Answer]:
    """Yield every page of a list operation. Raises AwsError, also when AWS repeats a page or the list has no end."""
    from botocore.exceptions import PaginationError

    with translate_errors(operation, reach, region, str(parameters.get("ApiId", ""))):
        paginator = _paginator(client(reach, region, service), operation)
        try:
            found = paginator.paginate(PaginationConfig={"PageSize": page_size}, **parameters)
            for number, page in enumerate(found, 1):
                if number > MOST_PAGES:
                    raise AwsError(f"{operation} in {region} has more than {MOST_PAGES} pages.", "TooManyPages")
                _check_media_type(page, operation, reach, region)
                yield page
                deadline.check()
        except PaginationError:
            raise AwsError(f"AWS repeats a page of {operation} in {region}: try again later.", "RepeatedPage") from None


def items(
    reach: Reach,
    region: str,
    operation: str,
    page_size: int = 500,
    *,
    key: str,
    odd: list[str] | None = None,
    **parameters: Any,
) -> Iterator[Answer]:
    """Yield the items of every page of a Get… operation of API Gateway. Raises AwsError.

    `key` is the member without which an item means nothing. Items that cannot be read are named in `odd`; without such
    a list they are an error.
    """
    for page in pages(reach, region, operation, page_size=page_size, **parameters):
        found = page["Items"]
        unread = [*page.get(response_shape.ODD, ())]
        unread += [str(item.get("Name") or "an item without a name") for item in found if not item.get(key)]
        if unread and odd is None:
            raise not_aws(operation, reach, region)
        if odd is not None:
            odd += unread
        yield from (item for item in found if item.get(key))


def _paginator(made: Any, operation: str) -> Any:
    from botocore import xform_name
    from botocore.paginate import Paginator

    name = xform_name(operation)
    if made.can_paginate(name):
        return made.get_paginator(name)
    # The SDK has none for GetApiMappings, which pages like the others.
    return Paginator(getattr(made, name), _PAGING, made.meta.service_model.operation_model(operation))


def _check_media_type(answer: Answer, operation: str, reach: Reach, region: str) -> None:
    """Raise AwsError for anything but JSON and XML.

    The SDK reads a network's sign-in page as an empty list, and every API would be gone.
    """
    kind = answer.pop("ResponseMetadata", {}).get("HTTPHeaders", {}).get("content-type", "json")
    if "json" not in kind and "xml" not in kind:
        raise not_aws(operation, reach, region)


def client(reach: Reach, region: str, service: str = GATEWAY) -> Any:
    """Return a boto3 client, kept temporarily; boto3's clients may be used by several threads."""
    with _lock:
        return _keep(("client", reach, region, service), lambda: _make_client(reach, region, service))


def _keep(key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    # Sockets must not be shared with a process forked off us.
    key = (os.getpid(), *key)
    now = time.monotonic()
    if key in _kept and _kept[key][0] > now:
        return _kept[key][1]
    for old in [old for old, (until, _) in _kept.items() if until <= now]:
        del _kept[old]
    clients = [old for old in _kept if old[1] == "client"]
    if key[1] == "client" and len(clients) >= _MOST_CLIENTS:
        del _kept[clients[0]]
    made = make()
    _kept[key] = (now + _KEEP_S, made)
    return made


def _make_client(reach: Reach, region: str, service: str) -> Any:
    session = _keep(("session", reach), lambda: _make_session(reach))
    made = _new_client(session, reach, region, service)
    made.meta.events.register("before-parse", response_shape.check)
    if service == GATEWAY:

        def turn(**_: Any) -> None:
            deadline.check()
            rate_limit.take(reach.key, reach.calls_per_s)
            counters.add({("aws_calls_total", service): 1})

        def answered(response_dict: dict[str, Any] | None = None, **_: Any) -> None:
            if response_dict and response_dict.get("status_code") == 429:
                rate_limit.back_off(reach.key)
                counters.add({("aws_throttles_total", service): 1})

        # The last moment before the request is sent; its signature is good for minutes, the wait is shorter.
        made.meta.events.register("before-send.apigatewayv2", turn)
        made.meta.events.register("response-received.apigatewayv2", answered)
    if service == CLOUDTRAIL:

        def cloudtrail_turn(**_: Any) -> None:
            rate_limit.take(f"{reach.key}/trail/{region}", CLOUDTRAIL_CALLS_PER_S)
            counters.add({("aws_calls_total", service): 1})

        made.meta.events.register("before-send.cloudtrail", cloudtrail_turn)
    return made


def _new_client(session: Session, reach: Reach, region: str, service: str) -> Any:
    """Return a client that sends as the reach says. AWS's own endpoint of API Gateway is none of STS or CloudTrail."""
    url = "" if reach.is_aws and service != GATEWAY else reach.endpoint_url
    made = session.client(service, region_name=region, endpoint_url=url or None, config=_config(reach))
    if url and not reach.trusted:
        assert reach.send is not None
        endpoint.route(made, reach.send)
    return made


def _config(reach: Reach) -> Config:
    from botocore.config import Config

    return Config(
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "total_max_attempts": TRIES if reach.shows_text else TRIES_ELSEWHERE},
        user_agent_extra="corsdash",
        # A proxy could not find this machine's own endpoint.
        **({"proxies": {}} if reach.is_local else {}),
    )


def _make_session(reach: Reach) -> Session:
    if reach.method == "role":
        source = _plain_session(replace(reach, method="chain", profile="", role_arn="", external_id=""))
        return _assumed(source, reach)
    return _plain_session(reach)


def _plain_session(reach: Reach) -> Session:
    import boto3

    if not reach.is_aws:
        # Anyone who listens there, real credentials are none of their business.
        return boto3.Session(
            aws_access_key_id="corsdash", aws_secret_access_key="corsdash", botocore_session=core_session()
        )
    return boto3.Session(profile_name=reach.profile or None, botocore_session=core_session())


def core_session() -> CoreSession:
    """Return a botocore session that does not wait long for the metadata service of EC2, which is mostly not there."""
    from botocore.session import Session

    session = Session()
    session.set_config_variable("metadata_service_timeout", 1)
    session.set_config_variable("metadata_service_num_attempts", 1)
    session.register_component("data_loader", sdk_models.loader())
    return session


def _assumed(source: Session, reach: Reach) -> Session:
    """Return a session with a role's credentials, which renews them before they end."""
    import boto3
    from botocore.credentials import DeferredRefreshableCredentials

    partition = reach.role_arn.split(":")[1] if reach.role_arn.count(":") >= 5 else "aws"
    region = _STS_REGIONS.get(partition, "us-east-1")
    sts = _new_client(source, reach, region, STS)

    def assume() -> dict[str, str]:
        wanted = {"RoleArn": reach.role_arn, "RoleSessionName": f"{SESSION_NAME}-{os.getpid()}"}
        if reach.external_id:
            wanted["ExternalId"] = reach.external_id
        found = sts.assume_role(DurationSeconds=_ROLE_S, **wanted)
        try:
            given = found["Credentials"]
            return {
                "access_key": given["AccessKeyId"],
                "secret_key": given["SecretAccessKey"],
                "token": given["SessionToken"],
                "expiry_time": given["Expiration"].isoformat(),
            }
        except (KeyError, TypeError, AttributeError):
            raise not_aws("AssumeRole", reach, region) from None

    core = core_session()
    # The SDK has no public door for credentials that renew themselves.
    core._credentials = DeferredRefreshableCredentials(assume, "sts-assume-role")
    return boto3.Session(botocore_session=core)
