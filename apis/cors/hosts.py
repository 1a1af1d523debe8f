"""What answers at a host, by the form of its name: an HTTP API, a function URL, another service, this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from apis.cors.origins import is_local, parse_url

Kind = Literal[
    "execute-api",
    "function-url",
    "cloudfront",
    "aws-service",
    "other-service",
    "websocket",
    "local",
    "masked",
    "unknown",
]

_API_ID = re.compile(r"(?:^|[./@])([a-z0-9]{3,16})(?:-vpce-[a-z0-9]+)?\.execute-api\.([a-z0-9-]+)\.", re.IGNORECASE)
_FUNCTION_URL = re.compile(r"\.lambda-url\.[a-z0-9-]+\.on\.aws$")
_SERVICES = (
    (re.compile(r"^apigateway\.[a-z0-9-]+\.amazonaws\.com"), "API Gateway's own control plane"),
    (re.compile(r"(?:^|\.)s3[.-](?:[a-z0-9.-]+\.)?amazonaws\.com|\.s3-website[.-]|(?:^|\.)s3\.amazonaws\.com"), "S3"),
    (re.compile(r"^cognito-(?:idp|identity)\.|\.amazoncognito\.com$|\.auth\.[a-z0-9-]+\.amazoncognito"), "Cognito"),
    (re.compile(r"\.appsync-(?:api|realtime-api)\."), "AppSync"),
    (re.compile(r"\.elb\.(?:[a-z0-9-]+\.)?amazonaws\.com$|\.elb\.amazonaws\.com$"), "a load balancer (ELB)"),
    (re.compile(r"\.awsapprunner\.com$"), "App Runner"),
    (re.compile(r"\.elasticbeanstalk\.com$"), "Elastic Beanstalk"),
    (re.compile(r"\.amplifyapp\.com$"), "Amplify Hosting"),
    (re.compile(r"\.iot\.[a-z0-9-]+\.amazonaws\.com$"), "IoT Core"),
    (re.compile(r"^lambda\.[a-z0-9-]+\.amazonaws\.com$"), "Lambda's own API"),
    (re.compile(r"^dynamodb\.[a-z0-9-]+\.amazonaws\.com$"), "DynamoDB"),
    (re.compile(r"^(?:sqs|sns|sts|ssm|kms|ses|email|events|states|logs|kinesis|firehose|bedrock[a-z-]*|"
                r"secretsmanager|rekognition|polly|translate|comprehend|textract|location|geo|iam|monitoring)\."), ""),
)  # fmt: skip
_OTHERS = {
    "supabase.co": "Supabase",
    "netlify.app": "Netlify",
    "vercel.app": "Vercel",
    "herokuapp.com": "Heroku",
    "onrender.com": "Render",
    "railway.app": "Railway",
    "fly.dev": "Fly.io",
    "workers.dev": "Cloudflare Workers",
    "pages.dev": "Cloudflare Pages",
    "github.io": "GitHub Pages",
    "run.app": "Google Cloud Run",
    "cloudfunctions.net": "Google Cloud Functions",
    "googleapis.com": "a Google API",
    "firebaseio.com": "Firebase",
    "firebaseapp.com": "Firebase",
    "web.app": "Firebase Hosting",
    "azurewebsites.net": "Azure App Service",
    "azure-api.net": "Azure API Management",
    "core.windows.net": "Azure Storage",
    "microsoftonline.com": "Microsoft Entra ID",
    "auth0.com": "Auth0",
    "okta.com": "Okta",
}
"""Services outside of AWS, by the end of their host names."""
_LOOPBACK_NAMES = (".localhost.localstack.cloud", ".localtest.me", ".lvh.me", ".nip.io", ".sslip.io")
"""Names in the public DNS that lead to this machine or to a private address."""
_AWS = re.compile(r"\.(?:amazonaws\.com(?:\.cn)?|on\.aws|api\.aws|aws)$")
_MASKED = re.compile(
    r"\*|…|\.\.\.|<[^<>]*>|\{[^{}]*\}|\[[^\[\]]*\]|x{4,}|#{2,}|your[-_]?(?:api|url|domain|host|app|endpoint|site)\b|"
    r"redacted|placeholder|api[-_]?id\.execute-api",
    re.IGNORECASE,
)


_LOCAL = "this machine or a private network"
SOME_SERVICE = "an AWS service"
"""The name of an AWS host whose service is unknown."""


@dataclass(frozen=True, slots=True)
class Host:
    """What a host is: its kind, the service's name for people, and the API id and region of an execute-api name."""

    kind: Kind
    name: str = ""
    api_id: str = ""
    region: str = ""


def host_of_url(url: str) -> Host:
    """Return what answers at a URL, by its form alone."""
    text = url.strip()[:2000]
    found = _API_ID.search(text)
    if text.lower().startswith(("ws:", "wss:")) or "/socket.io/" in text or "/sockjs" in text or "/signalr" in text:
        return Host("websocket", "a WebSocket", found[1].lower() if found else "", found[2].lower() if found else "")
    parsed = parse_url(text)
    if parsed is not None and (parsed.host.endswith((".localhost", *_LOOPBACK_NAMES))):
        api_id, region = (found[1].lower(), found[2].lower()) if found else ("", "")
        return Host("local", _LOCAL, api_id, region)
    if found:
        return Host("execute-api", "an API of API Gateway", found[1].lower(), found[2].lower())
    if is_masked(text):
        return Host("masked")
    if parsed is None or not parsed.host:
        return Host("unknown")
    host = parsed.host
    if _FUNCTION_URL.search(host):
        return Host("function-url", "a Lambda function URL")
    if host.endswith(".cloudfront.net"):
        return Host("cloudfront", "CloudFront")
    for pattern, name in _SERVICES:
        if pattern.search(host) and (name or _AWS.search(host)):
            return Host("aws-service", name or f"AWS {host.partition('.')[0]}")
    if is_local(host) or host == "0.0.0.0":
        return Host("local", _LOCAL)
    if _AWS.search(host):
        return Host("aws-service", SOME_SERVICE)
    other = _OTHERS.get(".".join(host.rsplit(".", 2)[-2:]))
    return Host("other-service", other) if other else Host("unknown")


def is_masked(text: str) -> bool:
    """Return whether a URL or an origin was made unreadable on purpose, or never filled in."""
    authority = text.partition("://")[2] or text
    for mark in "/?#":
        authority = authority.partition(mark)[0] if not authority.startswith(("<", "{", "[")) else authority
    return bool(_MASKED.search(authority))
