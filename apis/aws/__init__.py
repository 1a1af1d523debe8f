"""All calls to AWS; the only room that imports boto3.

Plain data in and out: a `Reach` says how to connect to an account, a region and an API id say where. Every call to
API Gateway first waits for the account's shared `rate_limit`. Every failure is an `AwsError` with a message to act on.
The names below are what other rooms may use.
"""

from apis.aws.cloudtrail import Event, events
from apis.aws.connection import Reach
from apis.aws.deadline import within
from apis.aws.descriptions import ApiSeen, Details, Domain, Mapping
from apis.aws.discovery import details, domains, get_api, list_apis
from apis.aws.errors import AwsError, Invalid, NotFound, Refused, Throttled, Unreachable
from apis.aws.identity import all_regions, default_region, has_credentials, whoami
from apis.aws.notifications import publish, put_event
from apis.aws.rate_limit import in_background
from apis.aws.updates import delete_cors, deploy, update_cors

__all__ = [
    "ApiSeen",
    "AwsError",
    "Details",
    "Domain",
    "Event",
    "Invalid",
    "Mapping",
    "NotFound",
    "Reach",
    "Refused",
    "Throttled",
    "Unreachable",
    "all_regions",
    "default_region",
    "delete_cors",
    "deploy",
    "details",
    "domains",
    "events",
    "get_api",
    "has_credentials",
    "in_background",
    "list_apis",
    "publish",
    "put_event",
    "update_cors",
    "whoami",
    "within",
]
