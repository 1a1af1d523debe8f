"""Every spelling in which YAML knows true and false is read as such, wherever a format takes one."""

from __future__ import annotations

import pytest

from apis.cors.formats import FORMATS, FormatError, detect_and_parse
from apis.cors.policy import CorsPolicy

TRUE = ["true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"]
FALSE = ["false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"]
EVERY_ORIGIN = CorsPolicy(allow_origins=("*",))

SAM = {
    "an API": "Resources: {{A: {{Type: 'AWS::Serverless::HttpApi', Properties: {{CorsConfiguration: {}}}}}}}",
    "Globals": "Globals: {{HttpApi: {{CorsConfiguration: {}}}}}\nResources: {{A: {{Type: AWS::Serverless::HttpApi}}}}",
    "Globals alone": "Globals: {{HttpApi: {{CorsConfiguration: {}}}}}\nResources: {{}}",
    "the line alone": "CorsConfiguration: {}",
}


@pytest.mark.parametrize("text", SAM.values(), ids=SAM)
@pytest.mark.parametrize("word", TRUE)
def test_sam_lets_every_origin_in(text, word):
    assert detect_and_parse(text.format(word)) == ("sam", EVERY_ORIGIN)


@pytest.mark.parametrize("text", SAM.values(), ids=SAM)
@pytest.mark.parametrize("word", FALSE)
def test_sam_leaves_cors_off(text, word):
    assert detect_and_parse(text.format(word)) == ("sam", CorsPolicy.off())


def test_an_apis_own_word_wins_over_globals():
    text = SAM["Globals"].format("True").replace("HttpApi}", "HttpApi, Properties: {CorsConfiguration: False}}")
    assert detect_and_parse(text) == ("sam", CorsPolicy.off())


@pytest.mark.parametrize("word", ["True", "yes"])
def test_cloudformation_itself_takes_no_true(word):
    text = f"Type: AWS::ApiGatewayV2::Api\nProperties:\n  CorsConfiguration: {word}"
    with pytest.raises(FormatError, match="only SAM takes true") as caught:
        detect_and_parse(text)
    assert (caught.value.field, caught.value.line) == ("CorsConfiguration", 3)


@pytest.mark.parametrize("word", TRUE)
def test_serverless_takes_its_defaults(word):
    name, policy = detect_and_parse(f"provider: {{httpApi: {{cors: {word}}}}}")
    assert name == "serverless"
    assert policy == detect_and_parse("provider: {httpApi: {cors: true}}")[1]
    assert policy.allow_origins == ("*",)


@pytest.mark.parametrize("word", FALSE)
def test_serverless_leaves_cors_off(word):
    assert detect_and_parse(f"provider: {{httpApi: {{cors: {word}}}}}") == ("serverless", CorsPolicy.off())


CREDENTIALS = {
    "cloudformation": "Type: AWS::ApiGatewayV2::Api\nProperties: {{CorsConfiguration: {{AllowCredentials: {}}}}}",
    "sam": "Type: AWS::Serverless::HttpApi\nProperties: {{CorsConfiguration: {{AllowCredentials: {}}}}}",
    "serverless": "provider: {{httpApi: {{cors: {{allowCredentials: {}}}}}}}",
    "openapi": "x-amazon-apigateway-cors: {{allowCredentials: {}}}",
}


@pytest.mark.parametrize("name", CREDENTIALS)
def test_credentials_are_the_same_in_every_yaml(name):
    parse = FORMATS[name].parse
    assert parse is not None
    for words, meant in ((TRUE, True), (FALSE, False)):
        for word in words:
            text = CREDENTIALS[name].format(word)
            assert parse(text).allow_credentials is meant
            assert detect_and_parse(text)[0] == name
            assert detect_and_parse(text)[1].allow_credentials is meant
    with pytest.raises(FormatError, match="true or false"):
        parse(CREDENTIALS[name].format("maybe"))
