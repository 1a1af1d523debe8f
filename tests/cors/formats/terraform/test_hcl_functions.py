"""Terraform's functions, as `terraform console` evaluates them."""

from __future__ import annotations

import pytest

from apis.cors.formats import FormatError, detect_and_parse

A, B = "https://a.example", "https://b.example"


def read(expression, field="allow_origins", before=""):
    """What an expression is for a field of an API."""
    text = f'{before}\nresource "aws_apigatewayv2_api" "a" {{\n cors_configuration {{\n {field} = {expression}\n }}\n}}'
    return detect_and_parse(text)[1]


@pytest.mark.parametrize(
    ("expression", "origins"),
    [
        ('concat(["A"], ["B"])', [A, B]),
        ('distinct(["A", "B", "A"])', [A, B]),
        ('toset(["A", "A"])', [A]),
        ('setunion(["A"], ["B", "A"])', [A, B]),
        ('tolist(["A"])', [A]),
        ('flatten([["A"], [["B"]]])', [A, B]),
        ('compact(["A", "", null, "B"])', [A, B]),
        ('sort(["B", "A"])', [A, B]),
        ('reverse(["A", "B"])', [B, A]),
        ('[element(["A", "B"], 1)]', [B]),
        ('[element(["A", "B"], 2)]', [A]),
        ('slice(["A", "B", "C"], 1, 2)', [B]),
        ('[one(["A"])]', [A]),
        ('coalescelist([], ["A"])', [A]),
        ('coalescelist(["A"], ["B"])', [A]),
        ('[coalesce("", null, "A", "B")]', [A]),
        ('[lookup({a = "A"}, "a", "B")]', [A]),
        ('[lookup({a = "A"}, "b", "B")]', [B]),
        ('keys({"B" = 1, "A" = 2})', [A, B]),
        ('values({b = "B", a = "A"})', [A, B]),
        ('values(merge({a = "B"}, null, {a = "A"}))', [A]),
        ('split(",", "A,B")', [A, B]),
        ('split(",", join(",", ["A"], ["B"]))', [A, B]),
        ('[join("", ["https://", "a.example"])]', [A]),
        ('[format("https://%s.example", "a")]', [A]),
        ('[format("https://%s.%s", "a", "example")]', [A]),
        ('[format("https://a.example:%d", 80)]', [f"{A}:80"]),
        ('[format("https://%v.example", "a")]', [A]),
        ('[format("https://a%%b.example")]', ["https://a%b.example"]),
        ('formatlist("https://%s.%s", ["a", "b"], "example")', [A, B]),
        ('[replace("https://x.test", "x.test", "a.example")]', [A]),
        ('[replace("/A", "/", "")]', ["https:a.example"]),
        ('[lower("HTTPS://B.EXAMPLE")]', [B]),
        ('[trimspace(" A ")]', [A]),
        ('[chomp("A\\n")]', [A]),
        ('[trimprefix("xA", "x")]', [A]),
        ('[trimsuffix("A/", "/")]', [A]),
        ('[tostring("A")]', [A]),
        ('[core::tostring("A")]', [A]),
        ('sensitive(["A"])', [A]),
        ('nonsensitive(["A"])', [A]),
        ('jsondecode("[\\"A\\"]")', [A]),
        ('jsondecode(jsonencode(["A"]))', [A]),
        ('startswith("abc", "ab") ? ["A"] : ["B"]', [A]),
        ('endswith("abc", "ab") ? ["A"] : ["B"]', [B]),
        ('contains(["x"], "x") ? ["A"] : ["B"]', [A]),
        ('length(["x", "y"]) == 2 ? ["A"] : ["B"]', [A]),
        ('tobool("false") ? ["A"] : ["B"]', [B]),
        ('tobool("true") ? ["A"] : ["B"]', [A]),
        ('["https://a.example${tostring(true) == "true" ? "" : "x"}"]', [A]),
        ('["https://a.example:${8000 + 80}"]', [f"{A}:8080"]),
    ],
)
def test_a_function_has_its_value(expression, origins):
    text = expression.replace('"A', f'"{A}').replace('"B', f'"{B}').replace("xA", f"x{A}").replace("/A", f"/{A}")
    text = text.replace('\\"A', f'\\"{A}').replace(",B", f",{B}").replace('" A', f'" {A}').replace('"C"', '"https://c"')
    assert read(text).to_aws()["AllowOrigins"] == ["/https:a.example" if origins == ["x"] else one for one in origins]


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("60 * 60", 3600), ("max(1, 5, 3)", 5), ("min(4, 2)", 2), ('tonumber("60")', 60), ("length([1, 2])", 2),
        ('length("abc")', 3), ('tonumber("60.0")', 60), ("7200 / 2", 3600), ("61 % 60", 1), ("100 - 40", 60),
        ("(1 + 2) * 3", 9), ("true ? 1 : 2", 1), ("1 > 2 ? 1 : 2", 2), ("!true ? 1 : 2", 2), ("-1", -1),
        ("1 == 1 && 2 != 2 ? 1 : 2", 2), ("1 <= 1 || false ? 1 : 2", 1), ("2 >= 3 ? 1 : 2", 2), ("1 < 2 ? 1 : 2", 1),
    ],
)  # fmt: skip
def test_numbers_are_worked_out(expression, seconds):
    assert read(expression, "max_age").max_age == seconds


@pytest.mark.parametrize(
    "expression",
    [
        'file("x")', "timestamp()", 'concat("a")', "tolist({})", "one([1, 2])", "coalesce()", 'coalesce("", null)',
        "coalescelist([])", 'lookup({}, "a")', 'format("%s")', 'format("%s", "a", "b")', 'format("%x", "a")',
        'format("%s", [])', 'replace("a", "/a/", "b")', 'split(",", 1)', 'element([], 0)', "keys([])", "max([])",
        'tonumber("x")', 'tobool("x")', 'jsondecode("{")', "flatten(1)", "distinct(1)", 'sort([{}])', "1 / 0",
        'upper(["a"])', "formatlist(\"%s\", 1)", 'join(",", "a")', 'compact("a")', 'reverse("a")',
    ],
)  # fmt: skip
def test_what_terraform_refuses_or_reads_elsewhere_is_not_guessed(expression):
    with pytest.raises(FormatError):
        read(f"[{expression}]" if "list" not in expression else expression)


def test_a_value_that_would_be_too_long_is_not_made():
    long = '"' + "a" * 200 + '"'
    with pytest.raises(FormatError):
        read(f'[replace({long}, "a", {long})]')


@pytest.mark.parametrize(
    ("before", "expression"),
    [
        (f'variable "o" {{\n default = ["{A}"]\n}}', "var.o"),
        (f'variable "o" {{\n default = {{ a = "{A}" }}\n}}', "[var.o.a]"),
        (f'variable "o" {{\n default = {{ a = "{A}" }}\n}}', '[var.o["a"]]'),
        (f'variable "o" {{\n default = ["{A}"]\n}}', "[var.o[0]]"),
        (f'locals {{\n o = ["{A}"]\n}}', "local.o"),
        (f'locals {{\n p = ["{A}"]\n o = local.p\n}}', "local.o"),
        ('locals {\n h = "a.example"\n}', '["https://${local.h}"]'),
        (f'locals {{\n o = {{ x = "{A}" }}\n}}', "[for k, v in local.o : v]"),
        (f'locals {{\n o = ["{A}"]\n}}', "[for v in local.o : v]"),
        ('locals {\n o = ["a", "b"]\n}', '[for v in local.o : "https://${v}.example" if v == "a"]'),
        ("", f'try(var.x, ["{A}"])'),
    ],
)  # fmt: skip
def test_what_the_file_states_is_put_in(before, expression):
    try:
        assert read(expression, before=before).to_aws()["AllowOrigins"] == [A]
    except FormatError:
        assert "try(" in expression


@pytest.mark.parametrize(
    ("before", "expression"),
    [
        ('variable "o" {}', "var.o"),
        ("", "var.o"),
        ("", "local.o"),
        ("locals {\n o = local.p\n p = local.o\n}", "local.o"),
        ("", "data.aws_ssm_parameter.o.value"),
        ("", "module.web.origins"),
        (f'locals {{\n o = {{ a = "{A}" }}\n}}', "[local.o.b]"),
    ],
)
def test_what_only_terraform_knows_is_refused_by_its_name(before, expression):
    with pytest.raises(FormatError) as caught:
        read(expression, before=before)
    assert caught.value.field == "allow_origins"
