"""Wherever a serverless.yml keeps its CORS it is found, and what the file does not state is refused."""

from __future__ import annotations

import pytest

from apis.cors.formats import FORMATS, ExportContext, FormatError, detect_and_parse
from apis.cors.policy import FIELDS, CorsPolicy

API = "{Type: AWS::ApiGatewayV2::Api, Properties: {CorsConfiguration: {AllowOrigins: ['https://a.example']}}}"
A_EXAMPLE = CorsPolicy(allow_origins=("https://a.example",))
SIX = (
    "{AllowOrigins: ['https://a.example'], AllowHeaders: [], AllowMethods: [], ExposeHeaders: [], MaxAge: 0, "
    "AllowCredentials: false}"
)
ROUTES = "functions: {f: {events: [{httpApi: 'GET /x'}]}}"


def read(*lines):
    name, policy = detect_and_parse("\n".join(("service: x", *lines)))
    assert name == "serverless"
    return policy


VARIABLES = [
    ("provider: {name: aws, httpApi: '${self:custom.httpApi}'}", "httpApi"),
    ("provider: ${file(provider.yml)}", "provider"),
    ("httpApi: ${self:custom.httpApi}", "httpApi"),
    ("provider: {httpApi: {cors: '${self:custom.cors}'}}", "cors"),
    ("resources: ${file(resources.yml)}", "resources"),
    ("resources: ['${file(a.yml)}', '${file(b.yml)}']", "resources"),
    ("resources: [{Resources: {Q: {Type: AWS::SQS::Queue}}}, '${file(b.yml)}']", "resources"),
    ("resources: {Resources: '${file(resources.yml)}'}", "Resources"),
    ("resources: {Resources: {Api: '${file(api.yml)}'}}", "Api"),
    ("resources: {extensions: '${file(extensions.yml)}'}", "extensions"),
]


@pytest.mark.parametrize(("line", "field"), VARIABLES)
def test_what_another_file_holds_is_not_taken_for_off(line, field):
    with pytest.raises(FormatError, match="worked out when it is deployed") as caught:
        read(line)
    assert (caught.value.field, caught.value.line) == (field, 2)


@pytest.mark.parametrize(
    "resource",
    ["{Resources: {HttpApi: '${file(a.yml)}'}}", "{extensions: {HttpApi: {Properties: '${file(a.yml)}'}}}"],
)
def test_what_changes_the_generated_api_has_to_be_here_even_if_the_provider_states_cors(resource):
    with pytest.raises(FormatError, match=r"file\(a.yml\).*worked out"):
        read("provider: {httpApi: {cors: true}}", f"resources: {resource}")


def test_a_stated_cors_is_read_next_to_resources_of_other_files():
    line = (
        "provider: {httpApi: {cors: {allowedOrigins: ['https://a.example'], allowedHeaders: [], allowedMethods: []}}}"
    )
    assert read(line, "resources: ['${file(tables.yml)}']") == A_EXAMPLE
    assert read("provider: {httpApi: {cors: false}}", "resources: ${file(tables.yml)}") == CorsPolicy.off()


def test_an_api_of_resources_is_read():
    assert read(f"resources: {{Resources: {{HttpApi2: {API}}}}}") == A_EXAMPLE
    assert read("provider: ${file(p.yml)}", f"resources: {{Resources: {{HttpApi2: {API}}}}}") == A_EXAMPLE
    assert read(f"resources: ['${{file(x.yml)}}', {{Resources: {{HttpApi2: {API}}}}}]") == A_EXAMPLE
    parse = FORMATS["serverless"].parse
    assert parse is not None
    assert parse(f"resources: {{Resources: {{HttpApi2: {API}}}}}") == A_EXAMPLE


def test_an_api_of_resources_may_have_variables():
    api = API.replace("https://a.example", "${self:custom.origin}")
    with pytest.raises(FormatError, match=r"self:custom.origin.*worked out") as caught:
        read(f"resources: {{Resources: {{HttpApi2: {api}}}}}")
    assert (caught.value.field, caught.value.line) == ("AllowOrigins", 2)
    with pytest.raises(FormatError, match="may set CORS"):
        read("resources: {Resources: {A: {Type: AWS::ApiGatewayV2::Api, Properties: {Body: '${file(o.yml)}'}}}}")
    body = "{x-amazon-apigateway-cors: {allowOrigins: ['${self:custom.o}']}}"
    with pytest.raises(FormatError, match="worked out"):
        read(f"resources: {{Resources: {{A: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Body: {body}}}}}}}}}")


def test_a_websocket_api_and_other_resources_say_nothing_of_cors():
    socket = "{Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: WEBSOCKET}}"
    assert read(f"resources: {{Resources: {{S: {socket}, Q: {{Type: AWS::SQS::Queue}}}}}}") == CorsPolicy.off()


def test_two_apis_are_named():
    resources = f"resources: {{Resources: {{HttpApi2: {API}}}}}"
    for own in ("provider: {httpApi: {cors: true}}", ROUTES):
        with pytest.raises(FormatError, match="HttpApi, HttpApi2"):
            read(own, resources)
    with pytest.raises(FormatError, match="One, Two"):
        read(f"resources: {{Resources: {{One: {API}, Two: {API}}}}}")


def test_resources_override_the_generated_api_field_by_field():
    own = "{HttpApi: {Properties: {CorsConfiguration: {AllowOrigins: ['https://a.example'], MaxAge: 5}}}}"
    policy = read("provider: {httpApi: {cors: true}}", f"resources: {{Resources: {own}}}", ROUTES)
    assert policy.allow_origins == ("https://a.example",)
    assert policy.max_age == 5
    assert policy.allow_methods == ("OPTIONS", "GET")
    assert len(policy.allow_headers) == 7


def test_a_list_in_resources_overrides_entry_by_entry():
    cors = "provider: {httpApi: {cors: {allowedOrigins: ['https://a.example', 'https://b.example']}}}"
    own = "{HttpApi: {Properties: {CorsConfiguration: {AllowOrigins: ['https://c.example']}}}}"
    policy = read(cors, f"resources: {{Resources: {own}}}")
    assert policy.allow_origins == ("https://c.example", "https://b.example")


def test_an_extension_replaces_what_the_provider_states():
    extension = f"extensions: {{HttpApi: {{Properties: {{CorsConfiguration: {SIX}}}}}}}"
    assert read("provider: {httpApi: {cors: true}}", f"resources: {{{extension}}}") == A_EXAMPLE
    assert read("provider: ${file(p.yml)}", f"resources: [{{{extension}}}, '${{file(t.yml)}}']") == A_EXAMPLE


def test_what_a_variable_may_state_is_not_needed_when_all_six_fields_are_stated_over_it():
    over = "resources: {{Resources: {{HttpApi: {{Properties: {{CorsConfiguration: {}}}}}}}}}"
    assert read("provider: {httpApi: '${self:custom.h}'}", over.format(SIX)) == A_EXAMPLE
    with pytest.raises(FormatError, match=r"self:custom.h.*worked out"):
        read("provider: {httpApi: '${self:custom.h}'}", over.format("{MaxAge: 5}"))


@pytest.mark.parametrize("more", ["", ", cors: true", ", cors: '${self:custom.cors}'"])
@pytest.mark.parametrize("api_id", ["abc123", "'${self:custom.id}'", "!ImportValue SharedApi", "{Ref: Parameter}"])
def test_an_api_made_elsewhere_has_its_cors_elsewhere(api_id, more):
    with pytest.raises(FormatError, match="EXTERNAL_HTTP_API_CORS_CONFIG") as caught:
        read(f"provider: {{name: aws, httpApi: {{id: {api_id}{more}}}}}", ROUTES)
    assert (caught.value.field, caught.value.line) == ("id", 2)
    assert "get-api" in caught.value.message


@pytest.mark.parametrize("api_id", ["!Ref Shared", "{Ref: Shared}", "!GetAtt Shared.ApiId"])
def test_an_id_may_name_an_api_of_resources(api_id):
    resources = f"resources: {{Resources: {{Shared: {API}}}}}"
    assert read(f"provider: {{httpApi: {{id: {api_id}}}}}", resources, ROUTES) == A_EXAMPLE


@pytest.mark.parametrize(
    "functions",
    ["${file(f.yml)}", "['${file(f.yml)}']", "{f: '${file(f.yml)}'}", "{f: {events: ['${file(f.yml)}']}}"],
)
def test_methods_of_functions_in_other_files_are_not_guessed(functions):
    with pytest.raises(FormatError, match="worked out") as caught:
        read("provider: {httpApi: {cors: true}}", f"functions: {functions}")
    assert caught.value.field == "functions"
    named = "provider: {httpApi: {cors: {allowedMethods: [GET]}}}"
    assert read(named, f"functions: {functions}").allow_methods == ("GET",)


def test_functions_in_a_list_are_read():
    functions = "functions: [{f: {events: [{httpApi: 'GET /x'}]}}, {g: {events: [{httpApi: 'PUT /${self:custom.p}'}]}}]"
    assert read("provider: {httpApi: {cors: true}}", functions).allow_methods == ("OPTIONS", "GET", "PUT")


def test_an_export_next_to_a_provider_that_states_cors_is_what_counts():
    policy = CorsPolicy(allow_origins=("https://a.example",), allow_headers=("x-${a}",), max_age=-1)
    text = "provider: {httpApi: {cors: true}}\n" + FORMATS["serverless"].export(policy, ExportContext())
    found = detect_and_parse(text)[1]
    for field in FIELDS:
        assert found.get(field) == policy.get(field)
