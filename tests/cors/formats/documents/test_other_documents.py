"""What is no configuration of an HTTP API is refused by the whole name of what it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import read_apis
from tests.cors.formats.refusals import refusal

S3, S3_RULE = "the CORS of an S3 bucket", "a CORS rule of an S3 bucket"
CLOUDFRONT, APPSYNC, REST = "a CloudFront response headers policy", "an AppSync API", "a REST API"
STORAGE = "the CORS of a Google Cloud Storage bucket"
POWERSHELL = "a command of AWS Tools for PowerShell (paste what aws apigatewayv2 get-api prints)"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("<CORSConfiguration><CORSRule/></CORSConfiguration>", S3),
        ("\n<?xml version='1.0'?>\n <CORSConfiguration xmlns='x'>", S3),
        ("<s3:CORSRule>", S3),
        ("<policies><inbound>", "a policy of Azure API Management"),
        ("<inbound>", "a policy of Azure API Management"),
        (" <cors allow-credentials='true'>", "a policy of Azure API Management"),
        ("<!DOCTYPE html>\n<html>", "an XML or HTML document"),
        ("<?xml version='1.0'?><a/>", "an XML or HTML document"),
        ("\n<Html>", "an XML or HTML document"),
        ("// app\nresource app 'Microsoft.Web/sites@2022-03-01' = {\n}", "an Azure template (Bicep)"),
        ("module site 'br:example.azurecr.io/site:v1' = {", "an Azure template (Bicep)"),
        ("targetScope = 'resourceGroup'\nmodule s 'br/public:app:1' = {", "an Azure template (Bicep)"),
        ("<IfModule mod_headers.c>\n  Header set Access-Control-Allow-Origin x", "an Apache configuration"),
        ("Update-AG2Api -ApiId a", POWERSHELL),
        ("PS C:\\> $api = New-AG2Api -Name a", POWERSHELL),
        ("[server.cors]\nallow_origins = ['*']", "a TOML or INI file"),
        ("# dynamic\n\n[[cors]] # x\n  allow_origins = ['*']", "a TOML or INI file"),
        ({"CORSRules": []}, S3),
        ({"CORSConfiguration": {}}, S3),
        ({"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}, S3_RULE),
        ([{"AllowedOrigins": ["*"], "AllowedMethods": ["GET"]}], S3_RULE),
        ({"CorsPolicy": []}, "the CORS of a MediaStore container"),
        ({"CorsConfig": {}}, CLOUDFRONT),
        ({"ResponseHeadersPolicy": {}}, CLOUDFRONT),
        ({"ResponseHeadersPolicyConfig": {}}, CLOUDFRONT),
        ({"AccessControlAllowOrigins": {}}, CLOUDFRONT),
        ([{"origin": ["*"], "method": ["GET"], "maxAgeSeconds": 60}], STORAGE),
        ([{"origin": ["*"], "method": ["GET"], "responseHeader": ["*"]}], STORAGE),
        ({"graphqlApi": {}}, APPSYNC),
        ({"apiKeySource": "HEADER", "endpointConfiguration": {}}, REST),
        ({"rootResourceId": "x", "id": "y"}, REST),
    ],
)
def test_a_document_of_another_kind(text: Any, what: str) -> None:
    assert refusal(text).message == f"This is {what}, not the configuration of an HTTP API."


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("location / {\n  add_header 'Access-Control-Allow-Origin' '*' always;\n}", "an nginx configuration"),
        ("Header always set Access-Control-Allow-Origin *", "an Apache configuration"),
        ("frontend web\n  http-response set-header Access-Control-Allow-Origin *", "a HAProxy configuration"),
        ("az functionapp cors add -g g -n n --allowed-origins *", "a command of Azure's CLI"),
        ("gcloud storage buckets update gs://b --cors-file=c.json", "a command of Google Cloud's CLI"),
        ("gsutil cors set c.json gs://b", "a command of Google Cloud's CLI"),
        ({"$schema": "https://schema.management.azure.com/schemas/x#", "resources": []}, "an Azure template (ARM)"),
        ({"deployment": {"resources": [{"urn": "urn:pulumi:dev::x"}]}}, "the state of a Pulumi stack"),
        ("quarkus.http.cors.origins=https://a.example", "the configuration of a Quarkus application"),
        ("spring:\n  globalcors: {}", "the configuration of a Spring application"),
        ("api.example {\n header Access-Control-Allow-Origin *\n}", "the setting of another server's response headers"),
    ],
)
def test_another_server_or_cloud(text: Any, what: str) -> None:
    assert refusal(text).message == f"No CORS configuration of an HTTP API was found here: this is {what}."


OTHERS = {
    "AWS::Serverless::Api": REST,
    "AWS::ApiGateway::RestApi": REST,
    "AWS::AppSync::GraphQLApi": APPSYNC,
    "AWS::CloudFront::ResponseHeadersPolicy": CLOUDFRONT,
    "AWS::S3::Bucket": "an S3 bucket",
}


@pytest.mark.parametrize("kind", OTHERS)
def test_a_template_of_another_kind(kind: str) -> None:
    found = refusal({"Type": kind, "Properties": {}})
    assert (found.field, f"it is {OTHERS[kind]};" in found.message) == ("Type", True)
    assert f"It makes {OTHERS[kind]}, whose" in refusal({"Resources": {"A": {"Type": kind}}}).message


def test_everything_that_a_template_makes_instead_is_named_once() -> None:
    rest = {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"E": {"Type": "Api"}}}}
    socket = {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}}
    bucket = {"Type": "AWS::S3::Bucket"}
    made = refusal({"Resources": {"A": rest, "B": socket, "C": bucket, "D": bucket}}).message
    assert "It makes a REST API and a WebSocket API and an S3 bucket, whose" in made
    plain = {"Type": "AWS::Serverless::Function", "Properties": {"Events": {"E": {"Type": "SQS"}}}}
    assert "It makes" not in refusal({"Resources": {"A": plain, "Q": {"Type": "AWS::SQS::Queue"}}}).message
    assert "it is a WebSocket API;" in refusal(socket).message
    assert "is no HTTP API;" in refusal({"Type": "AWS::SQS::Queue"}).message


SERVICES = {
    "s3api put-bucket-cors --bucket b": "an S3 bucket",
    "cloudfront create-response-headers-policy --response-headers-policy-config CorsConfig={}":
        "a CloudFront distribution",
    "apigateway put-gateway-response --response-parameters access-control-allow-origin=x": REST,
    "mediastore put-cors-policy --container-name c": "a MediaStore container",
    "appsync update-graphql-api --name cors": APPSYNC,
    "apigatewayv2 create-api --protocol-type websocket --cors-configuration AllowOrigins=*": "a WebSocket API",
}  # fmt: skip


@pytest.mark.parametrize("command", SERVICES)
def test_a_command_of_another_kind(command: str) -> None:
    assert f"CORS of {SERVICES[command]}, not of" in refusal(f"aws {command}").message


def test_a_list_of_apis_may_have_others() -> None:
    http, socket = {"ApiId": "a", "ProtocolType": "HTTP"}, {"ApiId": "b", "ProtocolType": "WEBSOCKET"}
    name, found = read_apis(json.dumps({"Items": [socket, http, socket]}))
    assert (name, [api.name for api in found]) == ("json", ["a"])
    assert "WebSocket API," in refusal({"Items": [socket, {"CORSRules": []}]}).message
    assert (refusal({"Items": [1]}).field, refusal([[[[[[http]]]]]]).field) == (None, None)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('{"CorsConfiguration": {"Foo": 1}}', "AllowOrigins, AllowHeaders"),
        ('{"corsConfiguration": {"foo": 1, "maxAge": 1}}', "allowOrigins, allowHeaders"),
        ("cors:\n  foo: 1", "allowedOrigins, allowedHeaders"),
        ("cors_configuration {\n foo = 1\n}", "allow_origins, allow_headers"),
    ],
)
def test_an_unknown_field_is_answered_in_the_names_of_its_format(text: str, names: str) -> None:
    found = refusal(text)
    assert (str(found.field).lower(), names in found.message) == ("foo", True)


def test_json_as_editors_write_it() -> None:
    cors = '"CorsConfiguration": {"AllowOrigins": ["https://a.example", "a,]", "/*b*/",],}'
    api = f'[\n\t{{"ApiId": "a", /* one\n*/ {cors},}},\n\t// end\n]'
    (found,) = read_apis(api)[1]
    assert found.policy.allow_origins == ("https://a.example", "a,]", "/*b*/")
    assert (refusal(api.replace('"ApiId": "a",', '"ApiId": "a"')).line, refusal("[\n{,}").line) == (3, 2)
    assert "not JSON" in refusal("[\n{,}").message
    assert read_apis('{"AllowCredentials": "true"}')[1][0].policy.allow_credentials
    assert read_apis(f'// api\n/* of us */\n{{"ApiId": "a", {cors}}}')[1] == [found]
    assert refusal("// api\n\n[\n{,}").line == 4
