"""Values that another part of the same text states: a file, a type, a condition, a variable, a printed answer."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, detect_and_parse, read_apis

A = "https://a.example"
UPDATE = "aws apigatewayv2 update-api --api-id a --cors-configuration"


def values(text: str) -> dict[str, object]:
    """AWS's fields of the only API of a text."""
    _, [found] = read_apis(text)
    return found.policy.to_aws() or {}


def refusal(text: str) -> FormatError:
    with pytest.raises(FormatError) as caught:
        detect_and_parse(text)
    return caught.value


def test_a_file_that_the_script_writes_must_be_known() -> None:
    known = f'cat > cors.json <<EOF\n{{"AllowOrigins": ["{A}"]}}\nEOF\n{UPDATE} file://cors.json\n'
    assert values(known) == {"AllowOrigins": [A]}
    assert "$ORIGIN" in str(refusal(known.replace(A, "$ORIGIN")))


def test_an_optional_member_of_a_nested_type_has_its_default() -> None:
    text = f"""variable "api" {{
      type    = object({{ cors = object({{ origins = list(string), age = optional(number, 300) }}) }})
      default = {{ cors = {{ origins = ["{A}"] }} }}
    }}
    resource "aws_apigatewayv2_api" "a" {{
      name          = "a"
      protocol_type = "HTTP"
      cors_configuration {{
        allow_origins = var.api.cors.origins
        max_age       = var.api.cors.age
      }}
    }}
    """
    assert values(text) == {"AllowOrigins": [A], "MaxAge": 300}


def test_a_websocket_api_is_named_and_not_its_resource() -> None:
    block = 'resource "aws_apigatewayv2_api" "a" {\n  name = "a"\n  protocol_type = "WEBSOCKET"\n'
    error = str(refusal(block + '  cors_configuration {\n    allow_origins = ["*"]\n  }\n}\n'))
    assert "a WebSocket API" in error
    assert error.count("aws_apigatewayv2_api") == 1


def test_several_function_urls_are_named() -> None:
    block = 'resource "aws_lambda_function_url" "NAME" {\n  cors {\n    allow_origins = ["*"]\n  }\n}\n'
    error = str(refusal(block.replace("NAME", "one") + block.replace("NAME", "two")))
    assert "aws_lambda_function_url.one" in error
    assert "aws_lambda_function_url.two" in error


def test_parts_of_a_services_resources_know_each_others_conditions() -> None:
    text = f"""service: s
provider: {{name: aws}}
resources:
  - Parameters:
      Stage: {{Type: String, Default: prod}}
  - Conditions:
      Prod: !Equals [!Ref Stage, prod]
  - Resources:
      A:
        Type: AWS::ApiGatewayV2::Api
        Properties:
          Name: a
          ProtocolType: HTTP
          CorsConfiguration:
            AllowOrigins: !If [Prod, [{A}], ["https://other.example"]]
"""
    assert values(text) == {"AllowOrigins": [A]}


def test_a_service_without_an_address_has_cors_off() -> None:
    for text in ("service: shop\nplugins:\n  - serverless-offline\n", "service: shop\ncustom:\n  a: 1\n"):
        name, [found] = read_apis(text)
        assert (name, found.policy.to_aws()) == ("serverless", None)


def test_a_printed_answer_that_is_cut_is_no_json() -> None:
    text = '$ aws apigatewayv2 get-api --api-id a\n{\n  "ApiId": "a",\n  "CorsConfiguration": {\n'
    error = refusal(text)
    assert "JSON" in str(error)
    assert error.line


@pytest.mark.parametrize("age", ["$age = 300", "set age=300", "age=300"])
def test_a_variable_without_quotes(age: str) -> None:
    use = "%age%" if age.startswith("set") else "$age"
    assert values(f"{age}\n{UPDATE} AllowOrigins={A},MaxAge={use}\n") == {"AllowOrigins": [A], "MaxAge": 300}


def test_a_manifest_without_a_name() -> None:
    text = "apiVersion: apigatewayv2.services.k8s.aws/v1alpha1\nkind: API\nspec:\n  protocolType: HTTP\n"
    _, [found] = read_apis(f"{text}  corsConfiguration:\n    allowOrigins: [{A}]\n")
    assert (found.name, found.policy.to_aws()) == ("", {"AllowOrigins": [A]})


def test_a_configuration_that_is_there_twice_is_refused() -> None:
    one = f"CorsConfiguration:\n  AllowOrigins: [{A}]\n"
    assert values(one) == {"AllowOrigins": [A]}
    assert refusal(one + one).field == "CorsConfiguration"


def test_template_literals_are_passed_over_whole() -> None:
    note = "const note = `one\ntwo ${ {a: {b: 1}}.a } { three`;\n"
    service = 'export default { provider: {name: "aws", httpApi: {cors: {allowedOrigins: [ORIGIN]}}}, service: "s" };\n'
    assert values(note + service.replace("ORIGIN", f'"{A}"'))["AllowOrigins"] == [A]
    error = refusal(note + service)
    assert (error.field, error.line) == ("allowedOrigins", 3)


def test_of_a_diff_the_new_side_counts() -> None:
    text = f"""diff --git a/a.tf b/a.tf
index 1..2 100644
--- a/a.tf
+++ b/a.tf
@@ -1,6 +1,6 @@
 resource "aws_apigatewayv2_api" "a" {{
   name = "a"
   protocol_type = "HTTP"
   cors_configuration {{
-    allow_origins = ["https://other.example"]
+    allow_origins = ["{A}"]
   }}
 }}
diff --git a/b.tf b/b.tf
--- a/b.tf
+++ b/b.tf
@@ -1 +1 @@
-# nothing
+# still nothing
"""
    assert values(text) == {"AllowOrigins": [A]}


@pytest.mark.parametrize("kind", ["", "\\ No newline at end of file\n"])
def test_each_file_of_a_diff_is_read_on_its_own(kind: str) -> None:
    text = f'openapi: 3.0.1\nx-amazon-apigateway-cors:\n  allowOrigins:\n  - "{A}"\n'
    new = "--- {0}\n+++ b/{0}\n@@ -1 +1 @@\n"
    added = "".join(f"+{line}\n" for line in text.splitlines())
    assert values(new.format("a.yml") + added + kind + new.format("b.yml") + "-a: 2\n+a: 1\n") == {"AllowOrigins": [A]}
    error = refusal(new.format("a.yml") + added + kind + new.format("b.yml") + added)
    assert str(error) == "There are 2 configurations here. Paste the one that is meant."


@pytest.mark.parametrize("start", ["", "service: s\nprovider: {name: aws}\n"])
def test_a_function_url_among_a_services_resources(start: str) -> None:
    text = f"""{start}resources:
  Resources:
    Address:
      Type: AWS::Lambda::Url
      Properties:
        TargetFunctionArn: x
        Cors:
          AllowOrigins: ['{A}']
          MaxAge: !Ref Age
  Parameters:
    Age: {{Type: Number, Default: 300}}
"""
    _, [found] = read_apis(text)
    assert (found.name, found.kind) == ("Address", "function-url")
    assert found.policy.to_aws() == {"AllowOrigins": [A], "MaxAge": 300}
