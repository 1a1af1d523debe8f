"""Exports hold in their own language whatever the texts are."""

from __future__ import annotations

import ast
import json
import shlex

import pytest
import yaml
from hypothesis import example, given

from apis.cors.formats import FORMATS, ExportContext
from apis.cors.policy import CorsPolicy
from tests.cors.formats.policies import CONTEXTS, HOSTILE, POLICIES

TUTORIAL = CorsPolicy(
    allow_origins=("http://localhost:3000", "https://example.com"),
    allow_methods=("GET", "POST", "PUT", "DELETE"),
    allow_headers=("content-type", "authorization"),
    max_age=86400,
)
CONTEXT = ExportContext("abc123def4", "my-frontend-app-api", "us-east-1")


def written(name, policy=TUTORIAL, context=CONTEXT):
    return FORMATS[name].export(policy, context)


@given(policy=POLICIES, context=CONTEXTS)
@example(policy=CorsPolicy(allow_origins=HOSTILE), context=ExportContext("'; id #", "x", "$(id)"))
def test_a_shell_reads_the_command_as_it_is_meant(policy, context):
    command = shlex.split(written("cli", policy, context), comments=True)
    options = dict(zip(command[3::2], command[4::2], strict=True))
    assert options["--api-id"] == (context.api_id or "API_ID")
    assert options.get("--region", "") == context.region
    if policy.on:
        assert command[:3] == ["aws", "apigatewayv2", "update-api"]
        assert json.loads(options["--cors-configuration"]) == policy.to_update()
    else:
        assert command[:3] == ["aws", "apigatewayv2", "delete-cors-configuration"]
        assert "--cors-configuration" not in options


@pytest.mark.parametrize("name", ["cdk-python", "pulumi-python"])
@given(policy=POLICIES, context=CONTEXTS)
@example(policy=CorsPolicy(allow_origins=HOSTILE), context=ExportContext(name='"), exec("id"'))
def test_python_reads_the_code_as_it_is_meant(name, policy, context):
    tree = ast.parse(written(name, policy, context))
    texts = [node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert (context.name or "my-api") in texts
    if policy.on:
        for entry in policy.allow_origins + policy.allow_headers + policy.expose_headers:
            assert entry in texts


@pytest.mark.parametrize("name", ["cdk-typescript", "pulumi"])
@given(policy=POLICIES, context=CONTEXTS)
@example(policy=CorsPolicy(allow_origins=HOSTILE), context=ExportContext(name='" });\nprocess.exit();//'))
def test_javascript_reads_the_texts_as_they_are_meant(name, policy, context):
    # A JSON text is a JavaScript expression, so what follows a property's name is read as JSON.
    lines = dict(line.strip().split(": ", 1) for line in written(name, policy, context).splitlines() if ": [" in line)
    if policy.on:
        assert json.loads(lines["allowOrigins"].rstrip(",")) == list(policy.allow_origins)
        assert json.loads(lines["exposeHeaders"].rstrip(",")) == list(policy.expose_headers)


@given(policy=POLICIES, context=CONTEXTS)
@example(policy=CorsPolicy(allow_origins=HOSTILE), context=ExportContext(name='"); System.exit(1); //'))
def test_java_reads_the_texts_as_they_are_meant(policy, context):
    # What JSON escapes Java escapes alike, and a line's end is never written by its number, which Java reads first.
    text = written("cdk-java", policy, context)
    assert "\\u000a" not in text and "\\u000d" not in text and "\\u0022" not in text
    if policy.on:
        for method, entries in (("allowOrigins", policy.allow_origins), ("exposeHeaders", policy.expose_headers)):
            (line,) = [line for line in text.splitlines() if line.startswith(f"        .{method}(List.of(")]
            listed = line.strip().removeprefix(f".{method}(List.of(").removesuffix("))")
            assert json.loads(f"[{listed}]") == list(entries)


@pytest.mark.parametrize("name", ["cloudformation", "sam", "serverless", "pulumi-yaml"])
@given(policy=POLICIES, context=CONTEXTS)
def test_a_yaml_parser_reads_the_document(name, policy, context):
    assert isinstance(yaml.safe_load(written(name, policy, context)), dict)


@pytest.mark.parametrize("name", ["cdk-typescript", "cdk-python", "cdk-java"])
def test_cdk_warns_of_what_it_refuses_or_changes(name):
    refused, any_method = "refuse credentials together with the origin *", "ANY is written as *"
    for origins, credentials, methods in ((["*"], True, ["*"]), (["*"], False, ["GET"]), (["a"], True, ["GET"])):
        policy = CorsPolicy(allow_origins=tuple(origins), allow_methods=tuple(methods), allow_credentials=credentials)
        text = written(name, policy)
        assert (refused in text) is (origins == ["*"] and credentials)
        assert (any_method in text) is (methods == ["*"])
