"""`manage.py lint`: options, exit codes and reports, from a process without database, broker, AWS or settings."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]
CLEAN = (
    "Resources: {Api: {Type: AWS::ApiGatewayV2::Api, Properties: {CorsConfiguration: {AllowOrigins: "
    "['https://app.example.com'], AllowMethods: [GET, PUT], AllowHeaders: [content-type], MaxAge: 600}}}}\n"
)
WARNED = CLEAN.replace("AllowMethods: [GET, PUT], ", "")
WRONG = CLEAN.replace("https://app.example.com", "app.example.com")
pytestmark = pytest.mark.once


def lint(*arguments, cwd=ROOT, data=None):
    """Run the command with nothing in its environment but the path."""
    return subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), "lint", *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"]},
        input=data,
        capture_output=True,
        timeout=60,
    )


def linted(*arguments, cwd, data=None):
    return json.loads(lint(*arguments, "--format", "json", cwd=cwd, data=data).stdout)


@pytest.fixture
def folder(tmp_path):
    for name, text in {"clean.yaml": CLEAN, "warned.yaml": WARNED, "wrong.yaml": WRONG, "other.txt": "hello"}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["clean.yaml"], 0),
        (["warned.yaml"], 1),
        (["warned.yaml", "--fail-on", "warning"], 1),
        (["warned.yaml", "--fail-on", "error"], 0),
        (["wrong.yaml", "--fail-on", "error"], 1),
        (["clean.yaml", "wrong.yaml"], 1),
        (["clean.yaml", "other.txt"], 2),
        (["wrong.yaml", "missing.yaml"], 2),
        (["clean.yaml", "--origin", "https://app.example.com"], 0),
        (["clean.yaml", "--origin", "https://other.example.com"], 1),
        ([], 2),
    ],
)
def test_the_exit_code_says_what_was_found(folder, arguments, code):
    assert lint(*arguments, cwd=folder).returncode == code


def test_the_report_in_json_has_an_object_for_each_file(folder):
    clean, wrong, other = linted("clean.yaml", "wrong.yaml", "other.txt", cwd=folder)
    assert clean == {
        "file": "clean.yaml",
        "format": "cloudformation",
        "apis": [
            {
                "name": "Api",
                "kind": "http-api",
                "cors": {
                    "AllowOrigins": ["https://app.example.com"],
                    "AllowHeaders": ["content-type"],
                    "AllowMethods": ["GET", "PUT"],
                    "MaxAge": 600,
                },
                "findings": [],
            }
        ],
        "error": None,
    }
    (finding,) = wrong["apis"][0]["findings"]
    assert finding.keys() == {"code", "severity", "field", "title"}
    assert (finding["code"], finding["severity"], finding["field"]) == (
        "origin-without-scheme",
        "error",
        "AllowOrigins",
    )
    assert (other["format"], other["apis"]) == (None, [])
    assert "No CORS configuration" in other["error"]


def test_every_api_of_a_file_is_checked(folder):
    (folder / "sam.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\nResources:\n"
        "  Open: {Type: AWS::Serverless::HttpApi, Properties: {CorsConfiguration: true}}\n"
        "  Closed: {Type: AWS::Serverless::HttpApi}\n"
        "  F:\n    Type: AWS::Serverless::Function\n"
        "    Properties: {FunctionUrlConfig: {AuthType: NONE, Cors: {AllowOrigins: ['https://a.example']}}}\n"
    )
    (file,) = linted("sam.yaml", cwd=folder)
    assert [(api["name"], api["kind"], api["cors"]) for api in file["apis"]] == [
        ("Open", "http-api", {"AllowOrigins": ["*"]}),
        ("Closed", "http-api", None),
        ("F", "function-url", {"AllowOrigins": ["https://a.example"]}),
    ]


def test_an_origin_is_checked_against_every_api(folder):
    (file,) = linted(
        "clean.yaml", "--origin", "https://app.example.com", "--origin", "https://other.example.com", cwd=folder
    )
    assert file["apis"][0]["origins"] == [
        {"origin": "https://app.example.com", "allowed": True, "code": None},
        {"origin": "https://other.example.com", "allowed": False, "code": "MissingAllowOriginHeader"},
    ]


def test_an_api_that_cannot_be_read_refuses_its_file(folder):
    (folder / "part.tf").write_text(
        'resource "aws_apigatewayv2_api" "a" {}\nresource "aws_apigatewayv2_api" "b" {\n'
        "  cors_configuration {\n    allow_origins = var.origins\n  }\n}\n"
    )
    (file,) = linted("part.tf", cwd=folder)
    assert file["apis"] == []
    assert "line 4, allow_origins" in file["error"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_are_read_in_any_unicode_encoding(folder, encoding):
    (folder / "f.yaml").write_bytes(CLEAN.encode(encoding))
    (file,) = linted("f.yaml", cwd=folder)
    assert file["error"] is None


@pytest.mark.parametrize("data", [b"\xff\xfe\xfd", b"\x80abc", b"\0" * 10, b"x" * 5_000_000])
def test_other_bytes_are_refused(folder, data):
    (folder / "f.yaml").write_bytes(data)
    (file,) = linted("f.yaml", cwd=folder)
    assert file["error"] and file["apis"] == []


def test_reads_standard_input(folder):
    (file,) = linted("-", cwd=folder, data=CLEAN.encode())
    assert (file["file"], file["error"]) == ("-", None)


def test_the_text_names_the_api_the_finding_and_the_fix(folder):
    shown = lint("wrong.yaml", "other.txt", cwd=folder).stdout.decode()
    assert "wrong.yaml: cloudformation" in shown
    assert "Api (HTTP API)" in shown
    assert "[origin-without-scheme]" in shown
    assert "other.txt: not read" in shown


def test_values_that_were_resolved_are_said(folder):
    (folder / "p.yaml").write_text(
        "Parameters: {Origin: {Type: String, Default: 'https://app.example.com'}}\n"
        + CLEAN.replace("'https://app.example.com'", "!Ref Origin")
    )
    assert "The parameter Origin has its default" in lint("p.yaml", cwd=folder).stdout.decode()


def test_no_control_character_reaches_the_terminal(folder):
    (folder / "e.json").write_text(json.dumps({"AllowOrigins": ["https://a.example\x1b[2J"]}))
    assert b"\x1b" not in lint("e.json", cwd=folder).stdout


# What SARIF 2.1.0 requires of the parts that are written here, from its published schema.
MESSAGE = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "format": "uri-reference", "pattern": r"^[^ \\]+$"}},
                },
                "region": {"properties": {"startLine": {"type": "integer", "minimum": 1}}},
            },
        }
    },
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RUN = {
    "type": "object",
    "required": ["tool"],
    "additionalProperties": False,
    "properties": {
        "tool": {
            "required": ["driver"],
            "properties": {
                "driver": {
                    "required": ["name"],
                    "properties": {
                        "rules": {
                            "uniqueItems": True,
                            "items": {"required": ["id"], "properties": {"shortDescription": MESSAGE}},
                        }
                    },
                }
            },
        },
        "invocations": {
            "items": {
                "required": ["executionSuccessful"],
                "properties": {
                    "executionSuccessful": {"type": "boolean"},
                    "toolExecutionNotifications": {
                        "items": {"required": ["message"], "properties": {"message": MESSAGE, "level": LEVEL}}
                    },
                },
            }
        },
        "results": {
            "items": {
                "required": ["message"],
                "properties": {
                    "message": MESSAGE,
                    "level": LEVEL,
                    "ruleId": {"type": "string"},
                    "ruleIndex": {"type": "integer", "minimum": -1},
                    "locations": {"items": LOCATION},
                },
            }
        },
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "runs"],
    "properties": {"version": {"const": "2.1.0"}, "runs": {"type": "array", "items": RUN}},
}


def test_the_sarif_report_is_what_its_schema_requires(folder):
    (folder / "sp ace.yaml").write_text(WRONG)
    given = ("wrong.yaml", "sp ace.yaml", "clean.yaml", "other.txt", "--origin", "https://other.example.com")
    report = json.loads(lint(*given, "--format", "sarif", cwd=folder).stdout)
    jsonschema.validate(report, SARIF)
    (run,) = report["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in run["results"])
    assert [result["ruleId"] for result in run["results"]].count("origin-without-scheme") == 2
    assert [result["ruleId"] for result in run["results"]].count("origin-blocked") == 3
    places = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in run["results"]}
    assert places == {"wrong.yaml", "sp%20ace.yaml", "clean.yaml"}
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    assert len(invocation["toolExecutionNotifications"]) == 1


def test_a_sarif_result_names_the_line_of_its_entry(folder):
    (folder / "l.yaml").write_text("CorsConfiguration:\n  AllowOrigins:\n    - https://a.example\n    - b.example\n")
    report = json.loads(lint("l.yaml", "--format", "sarif", cwd=folder).stdout)
    lines = {
        result["ruleId"]: result["locations"][0]["physicalLocation"]["region"]["startLine"]
        for result in report["runs"][0]["results"]
    }
    assert lines["origin-without-scheme"] == 4


SUITE = {"id", "package", "name", "timestamp", "hostname", "tests", "failures", "errors", "time"}


def test_the_junit_report_is_what_its_schema_requires(folder):
    shown = lint("wrong.yaml", "clean.yaml", "other.txt", "--format", "junit", cwd=folder).stdout
    suites = ET.fromstring(shown)
    assert suites.tag == "testsuites"
    counts = []
    for suite in suites:
        assert suite.tag == "testsuite" and suite.attrib.keys() >= SUITE
        assert [part.tag for part in suite if part.tag != "testcase"] == ["properties", "system-out", "system-err"]
        cases = suite.findall("testcase")
        assert all(case.attrib.keys() == {"classname", "name", "time"} and len(case) <= 1 for case in cases)
        assert all(part.attrib.keys() == {"type", "message"} for case in cases for part in case)
        assert int(suite.attrib["tests"]) == len(cases)
        counts.append((int(suite.attrib["failures"]), int(suite.attrib["errors"])))
    assert counts == [(1, 0), (0, 0), (0, 1)]


def test_the_start_takes_less_than_half_a_second_of_cpu_beyond_pythons_own(folder):
    def cpu(*command):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, *command], cwd=folder, stdout=subprocess.DEVNULL, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    bare = min(cpu("-c", "pass") for _ in range(3))
    # The least of several: other processes that use the same core make each of them longer.
    assert min(cpu(str(ROOT / "manage.py"), "lint", "clean.yaml") for _ in range(6)) - bare < 0.5


HEAVY = {"django", "boto3", "celery", "corsdash", "pydantic", "pycurl", "ada_url", "yaml", "apis.cors.explain"}
KINDS = {
    "clean.yaml": (CLEAN, {"yaml"}),
    "a.json": (json.dumps({"AllowOrigins": ["https://app.example.com"]}), set()),
    "a.tf": (
        'resource "aws_apigatewayv2_api" "a" {\n  protocol_type = "HTTP"\n  cors_configuration {\n'
        '    allow_origins = ["https://app.example.com"]\n  }\n}\n',
        set(),
    ),
    "a.sh": (
        "aws apigatewayv2 update-api --api-id a1 --cors-configuration AllowOrigins=https://app.example.com\n",
        set(),
    ),
    "b.json": (json.dumps({"AllowOrigins": ["https://m\xfcller.example"]}, ensure_ascii=False), {"ada_url"}),
}


@pytest.mark.parametrize("name", KINDS)
def test_no_module_is_imported_that_a_file_does_not_need(folder, name):
    text, needed = KINDS[name]
    (folder / name).write_text(text, "utf-8")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv = ['manage.py', 'lint', {name!r}]\n"
        "import manage\ntry:\n    manage.main()\nexcept SystemExit as end:\n    assert end.code != 2\n"
        f"print(*sorted({HEAVY!r} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    assert set(done.stderr.split()) == needed


def test_django_lists_and_runs_the_same_command(folder):
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        "import os; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "import django; django.setup()\n"
        "from django.core.management import call_command\ncall_command('lint', 'wrong.yaml', format='json')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["file"] == "wrong.yaml"
