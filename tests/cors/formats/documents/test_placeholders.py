"""Placeholders in documents whose format has no variables: refused by name, unless they are written as numbers."""

from __future__ import annotations

import json

import pytest

from apis.cors.formats import FORMATS, ExportContext, FormatError, read_apis
from apis.cors.policy import CorsPolicy

ACK = "apiVersion: apigatewayv2.services.k8s.aws/v1alpha1\nkind: API\nspec:\n  corsConfiguration:\n    allowOrigins: "
OPENAPI = "openapi: 3.0.1\npaths: {}\nx-amazon-apigateway-cors:\n  allowOrigins: "
IN_ORIGINS = ("${DOMAIN}", "{{ .Values.host }}", "<%= host %>", "$HOST", "$(host)", "%HOST%", "<your-domain>")


@pytest.mark.parametrize("shown", IN_ORIGINS)
@pytest.mark.parametrize("before", [ACK, OPENAPI, '{"AllowOrigins": ', "CorsConfiguration:\n  AllowOrigins: "])
def test_a_placeholder_in_an_origin(before: str, shown: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(f'{before}["https://{shown}"]' + ("}" if before[0] == "{" else ""))
    assert (caught.value.field, caught.value.message.split(" is filled in by")[0]) == ("AllowOrigins", shown)


@pytest.mark.parametrize("field", ["AllowHeaders", "AllowMethods", "ExposeHeaders"])
def test_only_the_signs_of_template_engines_are_placeholders_elsewhere(field: str) -> None:
    for shown in ("${X}", "{{x}}", "<% x %>"):
        with pytest.raises(FormatError, match="is filled in by"):
            read_apis(json.dumps({field: [shown]}))
    assert read_apis(json.dumps({field: ["$x", "%x%", "<x>"]}))[1][0].policy.get(field) == ["$x", "%x%", "<x>"]


@pytest.mark.parametrize("name", ["json", "openapi"])
def test_an_export_is_read_back_literally(name: str) -> None:
    policy = CorsPolicy(allow_origins=tuple(f"https://{shown}" for shown in IN_ORIGINS))
    assert read_apis(FORMATS[name].export(policy, ExportContext()))[1][0].policy == policy


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{\n"AllowOrigins": ${jsonencode(origins)}}', "${jsonencode(origins)}"),
        ('{\n"AllowOrigins": {{ origins | tojson }}, "MaxAge": }', "{{ origins | tojson }}"),
    ],
)
def test_a_template_of_json(text: str, shown: str) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(text)
    assert (caught.value.line, caught.value.message.split(" is filled in by")[0]) == (2, shown)


def test_a_literal_value_of_cloudformation_is_read_for_the_linter() -> None:
    template = (
        "Resources:\n  A:\n    Type: AWS::ApiGatewayV2::Api\n    Properties:\n      ProtocolType: HTTP\n"
        '      CorsConfiguration: {AllowOrigins: ["https://${D}"]}\n'
    )
    assert read_apis(template)[1][0].policy.allow_origins == ("https://${D}",)
