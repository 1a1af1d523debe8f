"""Our parser of Terraform's language takes and refuses what python-hcl2 takes and refuses, and reads the same."""

from __future__ import annotations

import hcl2
import pytest
from lark.exceptions import LarkError

from apis.cors.formats import FormatError, read_apis
from apis.cors.formats.terraform.hcl import read_hcl
from apis.cors.formats.terraform.hcl_values import Evaluator

VALID = [
    "",
    "a = 1\n",
    "a = -1.5e3\n",
    'a = "x ${b.c[0].d} y"\n',
    'a = "$${x} %%{y} \\" \\\\ \\n \\u00e9"\n',
    "a = [1, 2,\n  3,\n]\n",
    'a = { b = 1, "c" : 2\n d = 3 }\n',
    "a = b ? c : d\n",
    "a = (1 +\n 2) * 3\n",
    "a = !b && c || d == e\n",
    "a = f(b, c...)\n",
    "a = [for x in y : x.z if x != null]\n",
    "a = { for k, v in y : k => v }\n",
    "a = b[*].c\n",
    "a = <<EOT\ntext ${x}\nEOT\n",
    "a = <<-EOT\n    text\n  EOT\n",
    'block "one" two {\n  inner {\n    a = 1 # comment\n  }\n}\n',
    "/* a\n b */ a = 1 // c\n",
    'resource "a" "b" {}\n',
]
INVALID = [
    "a = ",
    "a = [1",
    "a = {",
    "block {",
    'a = "x',
    "a = 1 2",
    "= 1",
    "a = b ? c",
    "a = f(",
    "}",
    'a = "${b"',
    "a b",
]


def takes(read, errors, text):
    try:
        read(text)
    except errors:
        return False
    return True


@pytest.mark.parametrize("text", VALID)
def test_both_take(text):
    assert takes(read_hcl, FormatError, text)
    assert takes(hcl2.loads, LarkError, text)


@pytest.mark.parametrize("text", INVALID)
def test_both_refuse(text):
    assert not takes(read_hcl, FormatError, text)
    assert not takes(hcl2.loads, LarkError, text)


VALUES = {
    "1 + 2 * 3": 7,
    "60 * 60 * 24": 86400,
    "(1 + 2) * 3": 9,
    "10 / 4": 2.5,
    "-5": -5,
    "!true": False,
    "1 < 2 && 2 <= 1": False,
    '"a" == "a" ? "yes" : "no"': "yes",
    '"x${1 + 1}y"': "x2y",
    'concat(["a"], ["b"], [])': ["a", "b"],
    'distinct(["a", "b", "a"])': ["a", "b"],
    'toset(["a", "a"])': ["a"],
    'flatten([["a"], ["b", ["c"]]])': ["a", "b", "c"],
    'compact(["a", "", null])': ["a"],
    'split(",", "a,b")': ["a", "b"],
    'join("-", ["a", "b"])': "a-b",
    'format("https://%s:%d", "a", 80)': "https://a:80",
    'formatlist("https://%s", ["a", "b"])': ["https://a", "https://b"],
    '[for x in ["a", "b"] : "${x}!" if x != "a"]': ["b!"],
    '{ for x in ["a"] : x => upper(x) }': {"a": "A"},
    'lookup({ a = "b" }, "a", "c")': "b",
    "merge({ a = 1 }, { b = 2 })": {"a": 1, "b": 2},
    '{ a = { b = "c" } }.a.b': "c",
    '["a", "b"][1]': "b",
    '[{ a = 1 }, { a = 2 }][1]["a"]': 2,
    'coalesce("", "a")': "a",
    'try({}.missing, "a")': "a",
    'try(["a"][3], {}.missing, null)': None,
    "can(local.text)": True,
    "can({}.missing)": False,
    'tonumber("5") + 1': 6,
    'length(["a", "b"])': 2,
    "jsonencode({ a = [1] })": '{"a": [1]}',
    "local.text": "lines\n",
    "var.given": "default",
    'replace("a.b", ".", "-")': "a-b",
}


@pytest.mark.parametrize("expression", VALUES)
def test_an_expression_has_its_value(expression):
    root = read_hcl(
        'locals {\n  text = <<-EOT\n    lines\n  EOT\n}\nvariable "given" {\n  default = "default"\n}\n'
        f"value = {expression}\n"
    )
    assert Evaluator(root).value(root.attributes["value"]) == VALUES[expression]


@pytest.mark.parametrize(
    "expression",
    [
        "var.x",
        "local.a",
        "data.b.c",
        'file("x")',
        "1 / 0",
        "a[0]",
        "module.x.y",
        "lower()",
        # Terraform refuses what is defined nowhere: in a part of a configuration, another file defines it.
        'try(local.missing, "a")',
        'try(var.missing, "a")',
        'try(module.x.y, "a")',
        "can(module.x.y)",
        "try({}.missing)",
    ],
)
def test_what_only_terraform_can_show_stays_unresolved(expression):
    root = read_hcl(f"locals {{\n  a = local.b\n  b = local.a\n}}\nvalue = {expression}\n")
    assert type(Evaluator(root).value(root.attributes["value"])).__name__ == "Unresolved"


def test_a_resource_of_azure_is_named_wherever_its_cors_stands() -> None:
    text = 'resource "azurerm_linux_web_app" "a" {\n site_config {\n  cors {\n   allowed_origins = []\n  }\n }\n}\n'
    with pytest.raises(FormatError, match="It has azurerm_linux_web_app, whose CORS"):
        read_apis(text)


def test_a_default_of_null_is_shown_as_terraform_writes_it() -> None:
    variable = 'variable "cors" {\n  default = null\n}\n'
    block = 'dynamic "cors_configuration" {\n    for_each = var.cors == null ? [] : [1]\n    content {}\n  }'
    (found,) = read_apis(f'{variable}resource "aws_apigatewayv2_api" "a" {{\n  {block}\n}}\n')[1]
    assert (found.policy.on, found.notes) == (False, ("var.cors is null, its default.",))


@pytest.mark.parametrize("name", ["local.o", "var.o"])
def test_a_value_that_is_defined_twice_is_unknown(name: str) -> None:
    kind, key = ("locals", "o") if name == "local.o" else ('variable "o"', "default")
    once, twice = (f'{kind} {{\n  {key} = ["https://{host}.example"]\n}}\n' for host in ("a", "b"))
    block = f"cors_configuration {{\n  allow_origins = {name}\n}}\n"
    assert read_apis(once + block)[1][0].policy.allow_origins == ("https://a.example",)
    with pytest.raises(FormatError, match=f"{name} is defined twice"):
        read_apis(once + twice + block)
