"""What a document is known by, and what is refused as another service's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import read_apis
from apis.cors.policy import CorsPolicy
from tests.cors.formats.refusals import refusal

A = "https://a.example"
AWS = {"AllowOrigins": [A], "MaxAge": 60}
CAMEL = {"allowOrigins": [A], "maxAge": 60}
POLICY = CorsPolicy.from_aws(AWS)


def read(value: Any) -> tuple[str, list[tuple[str, str, CorsPolicy]]]:
    """The format of a text or JSON value, and name, kind and policy of each API."""
    name, found = read_apis(value if isinstance(value, str) else json.dumps(value))
    return name, [(api.name, api.kind, api.policy) for api in found]


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ({"CORSRules": []}, "S3"),
        ({"CORSConfiguration": {}}, "S3"),
        ({"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}, "S3"),
        ({"CorsPolicy": []}, "MediaStore"),
        ({"CorsConfig": {}}, "CloudFront"),
        ({"ResponseHeadersPolicy": {}}, "CloudFront"),
        ({"AccessControlAllowOrigins": {}}, "CloudFront"),
        ({"graphqlApi": {}}, "AppSync"),
        ({"apiKeySource": "HEADER", "endpointConfiguration": {}}, "REST API"),
        ({"rootResourceId": "x", "id": "y"}, "REST API"),
    ],
)
def test_another_services_answer_is_refused_by_its_name(document: Any, words: str) -> None:
    assert words in str(refusal(document))


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("aws s3api put-bucket-cors --bucket b --cors-configuration file://c.json", "S3"),
        ("aws cloudfront create-response-headers-policy --response-headers-policy-config CorsConfig={}", "CloudFront"),
        ("aws apigateway put-gateway-response --response-parameters access-control-allow-origin=x", "REST API"),
        ("aws mediastore put-cors-policy --container-name c --cors-policy x", "MediaStore"),
        ("aws appsync update-graphql-api --name cors", "AppSync"),
        ("aws apigatewayv2 create-api --protocol-type WEBSOCKET --cors-configuration AllowOrigins=*", "WebSocket"),
        ("aws apigatewayv2 update-api --api-id a --name b", "nothing of CORS"),
        ("aws lambda list-functions --max-items 5", "nothing of CORS"),
    ],
)
def test_a_command_of_another_kind_is_refused_by_its_name(command: str, words: str) -> None:
    assert words in str(refusal(command))


OPTION = f"AllowOrigins={A},MaxAge=60"


@pytest.mark.parametrize(
    ("command", "name", "kind"),
    [
        (f"aws apigatewayv2 update-api --api-id abc --cors-configuration {OPTION}", "abc", "http-api"),
        (f"aws apigatewayv2 create-api --name web --cors-configuration={OPTION}", "web", "http-api"),
        (f"awslocal apigatewayv2 update-api --api-id abc --cors-configuration {OPTION}", "abc", "http-api"),
        (f"apigatewayv2 update-api --api-id abc --cors-configuration {OPTION}", "abc", "http-api"),
        (f"/usr/bin/aws apigatewayv2 update-api --api-id abc --cors-configuration {OPTION}", "abc", "http-api"),
        (f"aws lambda create-function-url-config --function-name f --cors {OPTION}", "f", "function-url"),
        (f"aws lambda update-function-url-config --function-name f --cors {OPTION}", "f", "function-url"),
        (f"--cors-configuration {OPTION}", "", "http-api"),
        (f"--cors {OPTION}", "", "function-url"),
        (f"--cors={OPTION}", "", "function-url"),
        (OPTION, "", "http-api"),
        (f"aws apigatewayv2 update-api --api-id abc --cli-input-json '{json.dumps({'CorsConfiguration': AWS})}'",
         "abc", "http-api"),
        (f"aws lambda update-function-url-config --cli-input-json '{json.dumps({'Cors': AWS})}'", "", "function-url"),
        ("aws apigatewayv2 update-api --api-id abc --cli-input-yaml 'CorsConfiguration: {AllowOrigins: "
         f"[\"{A}\"], MaxAge: 60}}'", "abc", "http-api"),
        (f"cat > c.json <<'E'\n{json.dumps(AWS)}\nE\naws apigatewayv2 update-api --api-id abc "
         "--cors-configuration file://c.json", "abc", "http-api"),
        (f"cat > c.json <<'E'\n{json.dumps(AWS)}\nE\naws apigatewayv2 update-api --api-id abc "
         "--cors-configuration file://./c.json", "abc", "http-api"),
        (f"aws apigatewayv2 update-api --api-id abc --cors-configuration AllowOrigins=* --cors-configuration {OPTION}",
         "abc", "http-api"),
        (f"aws apigatewayv2 update-api --api-id abc --cors-configuration AllowOrigins={A} MaxAge=60", "abc",
         "http-api"),
    ],
)  # fmt: skip
def test_a_command_names_its_api(command: str, name: str, kind: str) -> None:
    assert read(command) == ("cli", [(name, kind, POLICY)])


def test_of_several_commands_for_one_api_the_last_counts() -> None:
    first = "aws apigatewayv2 update-api --api-id {} --cors-configuration AllowOrigins={}\n"
    off = "aws apigatewayv2 delete-cors-configuration --api-id b\n"
    text = first.format("a", "https://x.example") + first.format("b", A) + first.format("a", A) + off
    assert read(text) == ("cli", [("a", "http-api", CorsPolicy.from_aws({"AllowOrigins": [A]})),
                                  ("b", "http-api", CorsPolicy.off())])  # fmt: skip


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ("$ORIGIN", "--cors-configuration"),
        ('"$(cat x)"', "--cors-configuration"),
        ("%ORIGIN%", "--cors-configuration"),
        ("file://other.json", "--cors-configuration"),
        ("", "--cors-configuration"),
        ("word", None),
    ],
)
def test_a_value_that_the_command_does_not_have_is_refused(value: str, field: str | None) -> None:
    found = refusal(f"aws apigatewayv2 update-api --api-id a --cors-configuration {value}")
    assert found.field == field


def call(name: str = "UpdateApi", source: str = "apigateway", **more: Any) -> dict[str, Any]:
    """An event of CloudTrail."""
    request = {"apiId": "abc", "corsConfiguration": CAMEL}
    return {"eventSource": f"{source}.amazonaws.com", "eventName": name, "requestParameters": request} | more


URL_CALL = call("UpdateFunctionUrlConfig20211031", "lambda", requestParameters={"functionName": "f", "cors": CAMEL})
ITEM = {"resourceType": "AWS::ApiGatewayV2::Api", "resourceName": "web", "configuration": {"CorsConfiguration": AWS}}
URL_ITEM = {"resourceType": "AWS::Lambda::Url", "resourceId": "arn", "configuration": json.dumps({"Cors": AWS})}


@pytest.mark.parametrize(
    ("document", "format_name", "name", "kind"),
    [
        (call(), "cloudtrail", "abc", "http-api"),
        (call("CreateApi"), "cloudtrail", "abc", "http-api"),
        (URL_CALL, "cloudtrail", "f", "function-url"),
        (URL_CALL | {"eventName": "CreateFunctionUrlConfig"}, "cloudtrail", "f", "function-url"),
        (call(requestParameters={}, responseElements={"apiId": "abc", "corsConfiguration": CAMEL}), "cloudtrail", "abc",
         "http-api"),
        (call(responseElements={"cors": CAMEL}, requestParameters={"apiId": "abc", "cors": {}}),
         "cloudtrail", "abc", "http-api"),
        ({"Records": [call()]}, "cloudtrail", "abc", "http-api"),
        ({"Events": [{"CloudTrailEvent": json.dumps(call())}]}, "cloudtrail", "abc", "http-api"),
        ({"detail-type": "AWS API Call via CloudTrail", "detail": call()}, "cloudtrail", "abc", "http-api"),
        (ITEM, "config", "web", "http-api"),
        (URL_ITEM, "config", "arn", "function-url"),
        ({"configurationItems": [ITEM]}, "config", "web", "http-api"),
        ({"baseConfigurationItems": [ITEM]}, "config", "web", "http-api"),
        ({"configurationItem": ITEM}, "config", "web", "http-api"),
        ({"Results": [json.dumps(ITEM)]}, "config", "web", "http-api"),
    ],
)  # fmt: skip
def test_what_aws_records(document: Any, format_name: str, name: str, kind: str) -> None:
    assert read(document) == (format_name, [(name, kind, POLICY)])


def test_the_later_of_two_events_counts() -> None:
    off = call("DeleteCorsConfiguration", requestParameters={"apiId": "abc"}, eventTime="2026-01-02")
    on = call(eventTime="2026-01-01")
    assert read({"Records": [off, on]})[1] == [("abc", "http-api", CorsPolicy.off())]
    assert read({"Records": [off | {"eventTime": "2025"}, on]})[1] == [("abc", "http-api", POLICY)]
    other = call(eventTime="2027", requestParameters={"apiId": "x", "corsConfiguration": CAMEL})
    assert [row[0] for row in read({"Records": [on, other]})[1]] == ["abc", "x"]


def test_what_was_deleted_later_or_made_from_a_document_does_not_count() -> None:
    for last in ("DeleteApi", "ReimportApi"):
        later = call(last, eventTime="2027", requestParameters={"apiId": "abc"})
        assert refusal({"Records": [later, call()]}).field == "eventName"
        assert read({"Records": [later | {"eventTime": "1"}, call(eventTime="2")]})[1] == [("abc", "http-api", POLICY)]
        other = later | {"requestParameters": {"apiId": "x"}}
        failed = later | {"errorCode": "AccessDenied"}
        for harmless in (other, failed, later | {"eventName": "DeleteApiMapping"}):
            assert read({"Records": [harmless, call()]})[1] == [("abc", "http-api", POLICY)]
    url = call("DeleteFunctionUrlConfig20211031", "lambda", eventTime="2027", requestParameters={"functionName": "f"})
    assert refusal({"Records": [url, URL_CALL]}).field == "eventName"
    gone = ITEM | {"configurationItemStatus": "ResourceDeleted", "configurationItemCaptureTime": "2027"}
    assert refusal({"configurationItems": [gone, ITEM]}).field == "configurationItemStatus"


def test_an_update_keeps_what_its_request_leaves_out() -> None:
    aged = call(eventTime="2027", requestParameters={"apiId": "abc", "corsConfiguration": {"maxAge": 5}})
    assert read({"Records": [aged, call()]})[1] == [("abc", "http-api", POLICY.with_field("MaxAge", 5))]
    whole = aged | {"responseElements": {"corsConfiguration": {"maxAge": 6}}}
    assert read({"Records": [whole, call()]})[1] == [("abc", "http-api", CorsPolicy(max_age=6))]
    off = call("DeleteCorsConfiguration", eventTime="2026", requestParameters={"apiId": "abc"})
    assert read({"Records": [call(), off, aged]})[1] == [("abc", "http-api", CorsPolicy(max_age=5))]


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (call("DeleteApi"), "eventName"),
        (ITEM | {"configurationItemStatus": "ResourceDeleted"}, "configurationItemStatus"),
        (ITEM | {"configurationItemStatus": "ResourceDeletedNotRecorded"}, "configurationItemStatus"),
        (call(source="s3"), "eventName"),
        (call(errorCode="AccessDenied"), "errorCode"),
        (call(requestParameters={"protocolType": "WEBSOCKET"}), "protocolType"),
        (call(requestParameters={"apiId": "a"}), "requestParameters"),
        (call(requestParameters={"corsConfiguration": 3}), "corsConfiguration"),
        (ITEM | {"resourceType": "AWS::S3::Bucket"}, "resourceType"),
        (ITEM | {"configuration": 3}, "configuration"),
        (ITEM | {"configuration": {"ProtocolType": "WEBSOCKET"}}, "ProtocolType"),
    ],
)
def test_an_event_that_sets_no_cors_says_where_it_is_seen(document: Any, field: str) -> None:
    assert refusal(document).field == field


def test_an_api_without_cors_in_what_aws_records_is_off() -> None:
    for document in (ITEM | {"configuration": {}}, call("CreateApi", requestParameters={"apiId": "web"})):
        assert read(document)[1][0][2] == CorsPolicy.off()
    mixed = {"Records": [call("DeleteApi"), call()]}
    assert read(mixed) == ("cloudtrail", [("abc", "http-api", POLICY)])


def manifest(
    kind: str = "API", group: str = "apigatewayv2.aws.upbound.io/v1beta1", key: str = "corsConfiguration"
) -> Any:
    """A Kubernetes manifest."""
    spec = {"forProvider": {"protocolType": "HTTP", key: [CAMEL]}}
    return {"apiVersion": group, "kind": kind, "metadata": {"name": "web"}, "spec": spec}


ACK = {"apiVersion": "apigatewayv2.services.k8s.aws/v1alpha1", "kind": "API", "metadata": {"name": "web"},
       "spec": {"corsConfiguration": CAMEL}}  # fmt: skip


@pytest.mark.parametrize(
    ("document", "format_name", "kind"),
    [
        (manifest(), "crossplane", "http-api"),
        (manifest("FunctionURL", "lambda.aws.upbound.io/v1beta1", "cors"), "crossplane", "function-url"),
        (ACK, "ack", "http-api"),
        (ACK | {"kind": "FunctionURLConfig", "apiVersion": "lambda.services.k8s.aws/v1", "spec": {"cors": CAMEL}},
         "ack", "function-url"),
        ({"apiVersion": "v1", "kind": "List", "items": [manifest()]}, "crossplane", "http-api"),
        ({"apiVersion": "apiextensions.crossplane.io/v1", "kind": "Composition",
          "spec": {"resources": [{"base": manifest()}]}}, "crossplane", "http-api"),
    ],
)  # fmt: skip
def test_a_kubernetes_manifest(document: Any, format_name: str, kind: str) -> None:
    assert read(document) == (format_name, [("web", kind, POLICY)])


def test_what_crossplane_sets_when_it_makes_an_api() -> None:
    spec = {"forProvider": {"protocolType": "HTTP"}, "initProvider": {"corsConfiguration": CAMEL}}
    assert read(manifest() | {"spec": spec}) == ("crossplane", [("web", "http-api", POLICY)])
    both = spec | {"forProvider": {"corsConfiguration": CAMEL}}
    assert refusal(manifest() | {"spec": both}).field == "initProvider"


def test_a_composition_that_patches_the_cors_of_an_api() -> None:
    patch = {"toFieldPath": "spec.forProvider.corsConfiguration[0].allowOrigins"}
    for patches, is_read in (([patch], False), ([{"toFieldPath": "spec.forProvider.name"}], True)):
        resources = [{"base": manifest(), "patches": patches}]
        document = {"apiVersion": "x/v1", "kind": "Composition", "spec": {"resources": resources}}
        if is_read:
            assert read(document) == ("crossplane", [("web", "http-api", POLICY)])
        else:
            assert refusal(document).field == "patches"


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (manifest("Deployment", "apps/v1"), "Deployment"),
        (manifest("API", "example.com/v1"), "API"),
        (manifest() | {"spec": {"forProvider": {"protocolType": "WEBSOCKET"}}}, "WebSocket"),
        (manifest() | {"spec": {"forProvider": {"body": "{}"}}}, "body"),
        (manifest() | {"spec": 3}, "spec"),
        (manifest() | {"spec": {"forProvider": {"corsConfiguration": [1, 2]}}}, "corsConfiguration"),
        (manifest() | {"spec": {"forProvider": {"corsConfiguration": "x"}}}, "corsConfiguration"),
    ],
)
def test_a_manifest_of_another_kind_or_form(document: Any, words: str) -> None:
    assert words in str(refusal(document))


def test_a_manifest_without_cors_is_off() -> None:
    forms: tuple[Any, ...] = ({}, {"corsConfiguration": []}, {"corsConfiguration": None})
    for stated in forms:
        assert read(manifest() | {"spec": {"forProvider": stated}})[1] == [("web", "http-api", CorsPolicy.off())]


OPENAPI: dict[str, Any] = {"openapi": "3.0.1", "info": {"title": "web"}, "paths": {}}


def test_openapi() -> None:
    extension = {"x-amazon-apigateway-cors": CAMEL}
    assert read(OPENAPI | extension) == ("openapi", [("web", "http-api", POLICY)])
    assert read(extension) == ("openapi", [("", "http-api", POLICY)])
    assert read(CAMEL) == ("openapi", [("", "http-api", POLICY)])
    assert read(OPENAPI) == ("openapi", [("web", "http-api", CorsPolicy.off())])
    assert read(OPENAPI | {"info": {"title": 3}})[1][0][0] == ""
    assert read(OPENAPI | extension | {"x-google-x": 1})[1][0][2] == POLICY


REST_ONLY = ["gateway-responses", "policy", "request-validators", "request-validator", "api-key-source",
             "binary-media-types", "endpoint-configuration", "minimum-compression-size", "documentation",
             "models"]  # fmt: skip


@pytest.mark.parametrize("key", [f"x-amazon-apigateway-{name}" for name in REST_ONLY])
def test_the_document_of_a_rest_api_is_known_by_its_extensions(key: str) -> None:
    found = refusal(OPENAPI | {key: {}})
    assert (found.field, "REST API" in found.message) == (key, True)
    assert refusal(OPENAPI | {key: {}, "x-amazon-apigateway-cors": CAMEL}).field == key


@pytest.mark.parametrize("vendor", ["google", "azure", "ms", "kong", "tyk", "ibm"])
def test_the_document_of_another_gateway_is_known_by_its_extensions(vendor: str) -> None:
    found = refusal(OPENAPI | {f"x-{vendor}-cors": {}})
    assert found.field == f"x-{vendor}-cors" and "another gateway" in found.message


@pytest.mark.parametrize(
    ("kind", "refused"), [("MOCK", True), ("aws", True), ("aws_proxy", False), ("http_proxy", False)]
)
def test_integrations_of_rest_apis(kind: str, refused: bool) -> None:
    paths = {"/x": {"get": {"x-amazon-apigateway-integration": {"type": kind}}}}
    if refused:
        assert kind.lower() in refusal(OPENAPI | {"paths": paths}).message
    else:
        assert read(OPENAPI | {"paths": paths})[1][0][2] == CorsPolicy.off()


@pytest.mark.parametrize("value", [3, [CAMEL], "x"])
def test_the_extension_is_an_object(value: Any) -> None:
    assert refusal(OPENAPI | {"x-amazon-apigateway-cors": value}).field == "x-amazon-apigateway-cors"
    assert refusal(OPENAPI | {"swagger": "2.0"}).field == "swagger"


COMMAND = f"aws apigatewayv2 update-api --api-id abc --cors-configuration {OPTION}"
KEYS = ["run", "script", "before_script", "after_script", "command", "commands", "cmd", "cmds", "shell",
        "ansible.builtin.shell", "ansible.builtin.command", "inlineScript", "bash", "pwsh", "powershell",
        "args"]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_command_in_a_workflow(key: str) -> None:
    expected = ("cli", [("abc", "http-api", POLICY)])
    assert read({"jobs": {"a": {"steps": [{key: COMMAND}]}}}) == expected
    assert read({"jobs": {"a": {"steps": [{key: ["echo", COMMAND]}]}}}) == expected
    assert read({"scripts": {"cors": COMMAND}}) == expected


@pytest.mark.parametrize("key", ["env", "variables", "environment", "vars"])
def test_the_variables_of_a_workflow_are_put_in(key: str) -> None:
    run = "aws apigatewayv2 update-api --api-id abc --cors-configuration AllowOrigins=$ORIGIN,MaxAge=60"
    assert read({key: {"ORIGIN": A}, "steps": [{"run": run}]})[1] == [("abc", "http-api", POLICY)]
    two = {"a": {key: {"ORIGIN": A}}, "b": {key: {"ORIGIN": "https://b.example"}}, "steps": [{"run": run}]}
    assert "ORIGIN" in str(refusal(two))


def test_a_makefile() -> None:
    rule = f"deploy: build\n\t@{COMMAND}\n"
    assert read(rule) == ("cli", [("abc", "http-api", POLICY)])
    called = COMMAND.replace(f"={A},", "=$(ORIGIN),").replace(" abc ", " ${ID} ")
    named = f"ORIGIN := {A} # the page\nID ?= abc\n\ncors:\n\t-{called}\n"
    assert read(named) == ("cli", [("abc", "http-api", POLICY)])
    shell = f"cors:\n\tORIGIN={A}; {COMMAND}\n".replace(f"={A},", "=$$ORIGIN,")
    assert read(shell) == ("cli", [("abc", "http-api", POLICY)])
    assert "ORIGIN" in str(refusal(named.replace("ORIGIN :=", "OTHER :=")))


@pytest.mark.parametrize(
    "program",
    [
        f'import os\nos.system("{COMMAND}")',
        f"import subprocess\nsubprocess.run({COMMAND.split()!r})",
        f"import subprocess\nsubprocess.run('''{COMMAND}''')",
        f'import subprocess\nsubprocess.run("""{COMMAND}""")',
        f"const cp = require('child_process');\ncp.execSync(`{COMMAND}`)",
        f"const cp = require('child_process');\ncp.spawn('aws', {json.dumps(COMMAND.split()[1:])})",
    ],
)
def test_a_command_in_a_program(program: str) -> None:
    assert read(program) == ("cli", [("abc", "http-api", POLICY)])
