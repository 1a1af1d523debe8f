"""What can go wrong with AWS, each as one sentence that says what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from apis.aws.connection import Reach
from apis.aws.endpoint import NotSent
from apis.aws.permissions import needed
from apis.aws.response_shape import UnexpectedShape


class AwsError(Exception):
    """Something that AWS was asked did not work; `code` is AWS's or the SDK's name of it, `status` HTTP's or 0."""

    def __init__(self, message: str, code: str = "", status: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status = status


class Unreachable(AwsError):
    """No answer, or none that makes sense: whether a write arrived is not known."""


class Refused(AwsError):
    """The credentials are missing, wrong or expired, or a permission is missing."""


class Throttled(AwsError):
    """Too many calls; nothing was done."""


class NotFound(AwsError):
    """What was asked for is not there."""


class Invalid(AwsError):
    """AWS does not take what was sent; the message is AWS's own."""


_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized", "403"})
_EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN_KEYS = frozenset({
    "UnrecognizedClientException", "InvalidClientTokenId", "InvalidSignatureException", "SignatureDoesNotMatch",
    "AuthFailure", "IncompleteSignature", "IncompleteSignatureException", "MissingAuthenticationToken",
    "MissingAuthenticationTokenException", "InvalidAccessKeyId", "OptInRequired",
})  # fmt: skip
_THROTTLED = frozenset({
    "TooManyRequestsException", "Throttling", "ThrottlingException", "ThrottledException", "RequestLimitExceeded",
    "RequestThrottled", "RequestThrottledException", "SlowDown",
})  # fmt: skip
_KNOWN = _DENIED | _EXPIRED | _UNKNOWN_KEYS | _THROTTLED | {
    "BadRequestException", "ConflictException", "NotFoundException", "ValidationException", "InternalServerError",
}  # fmt: skip
_NOT_FOUND = frozenset({"NotFoundException", "NotFound", "ResourceNotFoundException"})
_WHO = re.compile(r"User: (\S+) is not authorized")


@contextmanager
def translate_errors(operation: str, reach: Reach, region: str, api_id: str = "") -> Iterator[None]:
    """Whatever boto3 raises inside becomes an AwsError that names the operation and what to do."""
    from boto3.exceptions import Boto3Error
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except UnexpectedShape:
        raise not_aws(operation, reach, region) from None
    except ClientError as error:
        raise _answered(error.response, error.operation_name or operation, reach, region, api_id) from error
    except NotSent as error:
        raise Unreachable(f"{_where(reach, region)}: {error.message}", error.fault) from error
    except (BotoCoreError, Boto3Error) as error:
        raise _unanswered(error, operation, reach, region) from error
    except (ResponseParserError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # The SDK's parser met a response that has not the operation's shape.
        raise not_aws(operation, reach, region) from error


def _answered(answer: dict[str, Any], operation: str, reach: Reach, region: str, api_id: str) -> AwsError:
    """Return an error that AWS sent."""
    detail = answer.get("Error", {})
    code, message = str(detail.get("Code", "")), str(detail.get("Message") or detail.get("message") or "").strip()
    status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) or 0)
    if not reach.shows_text:
        # A viewer reads these sentences, and what answers there may be any service of the network.
        code, message = code if code in _KNOWN else "", ""
    where = _where(reach, region)
    if code in _THROTTLED or status == 429:
        words = f"AWS throttles this account ({operation} in {where}). Try again in a minute."
        return Throttled(words, code, status)
    if code in _EXPIRED:
        words = f"The credentials for {where} have expired: sign in again (aws sso login) or renew them."
        return Refused(words, code, status)
    if code in _UNKNOWN_KEYS:
        words = (
            f"AWS does not know these credentials in {where} ({code}): check the key and its secret, and that the "
            "region is switched on for the account."
        )
        return Refused(words, code, status)
    if code in _DENIED or status in (401, 403):
        return Refused(_denied(message, operation, reach, region, api_id), code, status)
    if status == 404 and code not in _NOT_FOUND:
        # A proxy's, or that of a path which no one serves: it says nothing about what was asked for.
        return not_aws(operation, reach, region)
    if code in _NOT_FOUND:
        return NotFound(message or f"AWS has no such resource in {where} ({operation}).", code, status)
    if status >= 500:
        return Unreachable(f"AWS failed at {operation} in {where} ({status} {code}).", code, status)
    return Invalid(message or f"AWS rejected {operation} in {where} ({code or status}).", code, status)


def _denied(message: str, operation: str, reach: Reach, region: str, api_id: str) -> str:
    found = _WHO.search(message)
    if operation == "AssumeRole":
        who = found[1] if found else "this machine's identity"
        secret = " with this account's external id" if reach.external_id else ""
        role = f"{reach.role_arn} cannot be assumed"
        return f"{role}: its trust policy must allow {who}{secret}, which itself needs sts:AssumeRole."
    action, resource = needed(operation, region, api_id)
    who = found[1] if found else "this account's identity"
    return f"AWS refused {operation} in {_where(reach, region)}: grant {who} {action} on {resource}."


def _unanswered(error: Exception, operation: str, reach: Reach, region: str) -> AwsError:
    """Return an error of the SDK's: AWS was not asked, or its answer did not come."""
    from botocore import exceptions as sdk

    code, where = type(error).__name__, _where(reach, region)
    if isinstance(error, sdk.ProfileNotFound):
        name = error.kwargs.get("profile", "")
        words = f"No profile {name} in this machine's AWS configuration: add it or choose another."
        return Refused(words, code)
    if isinstance(error, sdk.NoCredentialsError | sdk.PartialCredentialsError):
        words = "No AWS credentials were found: set AWS_PROFILE or AWS_ACCESS_KEY_ID, or run where a role is attached."
        return Refused(words, code)
    credentials = (sdk.CredentialRetrievalError, sdk.SSOError, sdk.TokenRetrievalError, sdk.ConfigParseError)
    if isinstance(error, (*credentials, sdk.InfiniteLoopConfigError, sdk.MetadataRetrievalError)):
        words = f"The AWS credentials cannot be used ({_line(error)}): sign in again or fix the configuration."
        return Refused(words, code)
    if isinstance(error, sdk.ParamValidationError):
        return Invalid(f"AWS rejected this: {_line(error.kwargs.get('report', error))}", code)
    if isinstance(error, sdk.InvalidRegionError | sdk.NoRegionError | sdk.UnknownEndpointError):
        return Invalid(f"{region} is not the name of an AWS region.", code)
    if isinstance(error, sdk.ReadTimeoutError | sdk.ConnectTimeoutError):
        words = f"{where} did not answer {operation} in time: try again, and check this machine's network."
        return Unreachable(words, code)
    if isinstance(error, sdk.SSLError):
        words = f"{where} sent a certificate that this machine does not trust: check the proxy and AWS_CA_BUNDLE."
        return Unreachable(words, code)
    if isinstance(error, sdk.HTTPClientError | sdk.ConnectionError):
        hint = "check this machine's network and the region's name"
        if reach.endpoint_url:
            hint = "check that it runs and that the account's endpoint is right"
        return Unreachable(f"{where} cannot be reached for {operation}: {hint}.", code)
    detail = _line(error) if reach.shows_text else code
    return AwsError(f"{operation} in {where} failed: {detail}.", code)


def not_aws(operation: str, reach: Reach, region: str) -> Unreachable:
    """Return the error for a response that is not from AWS, such as that of a proxy or a sign-in page."""
    where = _where(reach, region)
    words = f"The response of {where} to {operation} is not from AWS: check proxies and networks in between."
    return Unreachable(words, "NotAws")


def _where(reach: Reach, region: str) -> str:
    return f"{region} at {reach.endpoint_url}" if reach.endpoint_url else f"AWS {region}"


def _line(error: object) -> str:
    return " ".join(str(error).split())[:300].rstrip(".")
