"""Commands with which people see an API's CORS for themselves: curl for the preflight, the aws CLI for the fields."""

from __future__ import annotations

import json
import shlex

from django.conf import settings

from apis.cors.origins import parse_url
from apis.cors.routing import sample_path
from apis.inventory.lint_context import routes_of
from apis.inventory.models import HttpApi

SAMPLE_ORIGIN = "https://app.example.com"


def curl_line(api: HttpApi, base_url: str) -> str:
    """Return a browser's preflight as a curl line, for an origin, method and headers that the API allows, if any."""
    policy = api.policy
    origin = sample_origin(api)
    method = next((one for one in policy.allow_methods if one not in {"*", "OPTIONS"}), "POST")
    path = sample_path(routes_of(api) or (), method) or "/"
    headers = [one for one in policy.allow_headers if one != "*"][:2] or ["content-type"]
    parts = [
        f"curl -i -X OPTIONS {shlex.quote(base_url + path)}",
        f"-H {shlex.quote('Origin: ' + origin)}",
        f"-H {shlex.quote('Access-Control-Request-Method: ' + method)}",
        f"-H {shlex.quote('Access-Control-Request-Headers: ' + ','.join(sorted(one.lower() for one in headers)))}",
    ]
    return " \\\n  ".join(parts)


def sample_origin(api: HttpApi) -> str:
    """Return an origin that the API allows, written as a browser sends it, if it allows any by name."""
    named = (parse_url(one) for one in api.policy.allow_origins if "*" not in one)
    return next((url.origin for url in named if url and url.origin != "null"), SAMPLE_ORIGIN)


def read_line(api: HttpApi) -> str:
    """Return the aws CLI's command that reads the six fields."""
    target = f"--api-id {shlex.quote(api.api_id)} --query CorsConfiguration{_where(api)}"
    return f"{_keys(api)}aws apigatewayv2 get-api {target}"


def write_line(api: HttpApi) -> str:
    """Return the aws CLI's command that sets the six fields to what they are now."""
    policy = api.policy
    if not policy.on:
        return f"{_keys(api)}aws apigatewayv2 delete-cors-configuration --api-id {shlex.quote(api.api_id)}{_where(api)}"
    lines = [f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in policy.to_update().items()]
    fields = shlex.quote("{\n" + ",\n".join(lines) + "\n}")
    return update_line(api, fields)


def update_line(api: HttpApi, fields: str) -> str:
    """Return the aws CLI's command that sets these fields, written as the shell takes them."""
    target = f"--api-id {shlex.quote(api.api_id)}{_where(api)}"
    return f"{_keys(api)}aws apigatewayv2 update-api {target} \\\n  --cors-configuration {fields}"


def _keys(api: HttpApi) -> str:
    """Return the keys with which the demo AWS takes a call for an account; for AWS none, as people have their own."""
    account = api.account
    if not account.endpoint_url or account.endpoint_url != settings.CORSDASH_DEMO_ENDPOINT:
        return ""
    return f"AWS_ACCESS_KEY_ID={account.aws_account_id or 'demo'} AWS_SECRET_ACCESS_KEY=any "


def _where(api: HttpApi) -> str:
    account = api.account
    words = [f" --region {shlex.quote(api.region)}"]
    if account.method == account.Method.PROFILE and account.profile:
        words.append(f"--profile {shlex.quote(account.profile)}")
    if account.endpoint_url:
        words.append(f"--endpoint-url {shlex.quote(account.endpoint_url)}")
    return " ".join(words)
