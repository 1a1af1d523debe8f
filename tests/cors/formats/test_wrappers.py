"""A configuration is read out of what surrounds it in a paste, but a file has to be right as it is."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, read_api, read_apis, read_file
from apis.cors.policy import CorsPolicy
from tests.cors.formats.refusals import refusal

A = "https://a.example"
POLICY = CorsPolicy(allow_origins=(A,), allow_methods=("GET",))
YAML = f"""Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      CorsConfiguration:
        AllowOrigins: ["{A}"]
        AllowMethods: [GET]
"""
HCL = f"""resource "aws_apigatewayv2_api" "a" {{
  cors_configuration {{
    allow_origins = ["{A}"]
    allow_methods = ["GET"]
  }}
}}
"""
JSON = f'''{{"AllowOrigins": ["{A}"], "AllowMethods": ["GET"]}}'''
COMMAND = f"aws apigatewayv2 update-api --api-id a --cors-configuration AllowOrigins={A},AllowMethods=GET"

PROSE = ("we use this:", "api.txt", "any idea?")
PROMPTS = ("$", "me@host:~$", "[me@host ~]#", "PS C:\\>", "C:\\a>", "➜", "❯")


def each_line(text: str, form: str) -> str:
    """The text with something before each line, and its number from 1 in place of N."""
    return "\n".join(form.replace("N", f"{number:3}") + line for number, line in enumerate(text.splitlines(), 1))


WRAPPED = [
    *(each_line(text, form) for text in (YAML, HCL) for form in ("> ", ">", "N ", "N  ", "N | ", "N: ", "N\t")),
    *(text.replace(" ", "\u00a0") for text in (YAML, HCL, JSON)),
    *(text.replace('"', "“", 1).replace('"', "”", 1) for text in (HCL, JSON)),
    *(f"{prose}\n\n{text}\n{prose}\n" for text in (YAML, HCL, JSON) for prose in PROSE),
    *(f"{{code}}\n{text}\n{{code}}" for text in (YAML, HCL, JSON)),
    *(f"{{noformat:title=a}}\n{text}\n{{noformat}}\nthanks" for text in (YAML, HCL, JSON)),
    f"{YAML}  B:\n    Type: x\n    ...\n",
    f"{HCL}\nresource \"x\" \"y\" {{\n  ...\n}}\n",
    YAML.replace("        Allow", "\t\t\t\tAllow"),
    *(f"{prompt} {COMMAND}\n{prompt} " for prompt in PROMPTS),
    f"me@host:~$ O={A}\nme@host:~$ {COMMAND.replace(A, '$O')}",
    f"me@host:~$ cat x.yaml\n{YAML}me@host:~$",
    f"[me@host a]$ aws apigatewayv2 get-api --api-id a --query CorsConfiguration\n{JSON}\n[me@host a]$ exit",
    COMMAND.replace("--", "–"),
    *(each_line(text, form) for text in (YAML, HCL) for form in ("N   │ ", "a/b.tf:10:", "a-b.c-7-", "+", "+  ")),
    *(text.replace('"', "&quot;") for text in (YAML, HCL, JSON)),
    *(f"\x1b[32m{line}\x1b[0m" for line in (JSON, COMMAND)),
    f">>> import boto3\n>>> api['CorsConfiguration']\n{JSON}",
    f"> await client.send(x)\n{JSON}",
    f"• AllowOrigins: {A}\n• AllowMethods: GET",
    f"-  AllowOrigins: ['*']\n+  AllowOrigins: ['{A}']\n   AllowMethods: [GET]",
    COMMAND.replace("AllowOrigins", "‘AllowOrigins") + "’",
]  # fmt: skip


@pytest.mark.parametrize("text", WRAPPED)
def test_a_configuration_is_found_inside(text: str) -> None:
    _, [found] = read_apis(text)
    assert found.policy == POLICY
    assert read_api(text)[1].policy == POLICY


@pytest.mark.parametrize("text", [one for one in WRAPPED if one.startswith((">", "  1", "any ", "{code"))])
def test_a_file_is_read_as_it_is(text: str) -> None:
    with pytest.raises(FormatError):
        read_file(text)
    assert read_file(YAML)[1][0].policy == POLICY


def test_the_line_of_an_error_is_that_of_the_paste() -> None:
    wrong = YAML.replace("AllowMethods", "AllowMethod")
    for text, line in (
        (wrong, 7),
        (each_line(f"here it is\n\n{wrong}", "> "), 9),
        (wrong.replace(" ", "\u00a0"), 7),
        (each_line(wrong, "N "), 7),
        (f"here it is\n{wrong}\nany idea?", 8),
    ):
        assert (refusal(text).field, refusal(text).line) == ("AllowMethod", line)


@pytest.mark.parametrize("end", ["  B: [\n", "any idea?\n  B: [\n"])
def test_an_error_of_the_syntax_is_that_of_the_text_as_it_is(end: str) -> None:
    text = f"here it is\n{YAML}{end}"
    with pytest.raises(FormatError) as caught:
        read_file(text)
    assert str(refusal(text)) == str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        YAML.replace("AllowOrigins", "{{ name }}"),
        f"{HCL}\nresource {{ = }}\n",
        f"{YAML}  B: [\n",
        f"{YAML}: nothing\n",
        "1 a\n3 b\n2 c",
        "any idea?",
        "> ",
        "...",
    ],
)
def test_what_is_wrong_stays_wrong(text: str) -> None:
    with pytest.raises(FormatError):
        read_apis(text)
