"""Everything that is said to AWS; the only room that imports boto3. Plain data in and out, one family of errors.

Every call takes a slot of its account's budget first, and every failure is an AwsError whose message a person can act
on. Reading is `discover`, writing `write`, who we are `identity`.
"""

from apis.aws.discover import ApiSeen, Details, Domain, Mapping, details, domains, get_api, list_apis
from apis.aws.errors import AwsError, Invalid, NotFound, Refused, Throttled, Unreachable
from apis.aws.identity import all_regions, default_region, has_credentials, whoami
from apis.aws.reach import Reach
from apis.aws.write import delete_cors, deploy, update_cors

__all__ = [
    "ApiSeen",
    "AwsError",
    "Details",
    "Domain",
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
    "get_api",
    "has_credentials",
    "list_apis",
    "update_cors",
    "whoami",
]
