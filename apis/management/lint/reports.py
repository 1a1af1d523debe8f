"""What the linter prints: text for people, JSON, SARIF 2.1.0 for code scanning, JUnit XML for test reports."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from apis.cors.lint import Finding
from apis.management.lint.files import LintedApi, LintedFile, titles

_KINDS = {"http-api": "HTTP API", "function-url": "function URL"}
_BLOCKED = "origin-blocked"


def as_text(files: Sequence[LintedFile]) -> str:
    """Return one line for each file, API and finding, with how to fix it."""
    return "\n".join(line for file in files for line in _lines(file)) + "\n"


def _lines(file: LintedFile) -> Iterator[str]:
    if file.error:
        yield f"{file.name}: not read: {_one_line(file.error)}"
        return
    yield f"{_one_line(file.name)}: {file.format}"
    for api in file.apis:
        yield f"  {_name(api)}: CORS is {api.stated.policy.state if api.stated.policy.state != 'set' else 'on'}"
        for note in api.stated.notes:
            yield f"    resolved: {_one_line(note)}"
        for finding in api.findings:
            value = f" “{_one_line(finding.value)[:120]}”" if finding.value else ""
            yield f"    {finding.severity}: {finding.field}{value}: {finding.title} [{finding.code}]"
            yield f"      {_one_line(finding.todo)}"
        for check in api.origins:
            yield f"    {'allowed' if check.allowed else 'blocked'}: {_one_line(check.origin)}: {_one_line(check.why)}"
        if not api.findings and not api.origins:
            yield "    no findings"


def as_json(files: Sequence[LintedFile]) -> str:
    """Return a list with an object for each file; `origins` is there when some were asked about."""
    return json.dumps([_object(file) for file in files], indent=2) + "\n"


def _object(file: LintedFile) -> dict[str, Any]:
    return {
        "file": file.name,
        "format": file.format or None,
        "apis": [_api(api) for api in file.apis],
        "error": file.error or None,
    }


def _api(api: LintedApi) -> dict[str, Any]:
    found = [
        {"code": one.code, "severity": one.severity, "field": one.field, "title": one.title} for one in api.findings
    ]
    stated: dict[str, Any] = {
        "name": api.stated.name,
        "kind": api.stated.kind,
        "cors": api.stated.policy.to_aws(),
        "findings": found,
    }
    if api.origins:
        stated["origins"] = [
            {"origin": check.origin, "allowed": check.allowed, "code": check.code} for check in api.origins
        ]
    return stated


def as_sarif(files: Sequence[LintedFile]) -> str:
    """SARIF 2.1.0, one run; a file that could not be read is a notification of the invocation."""
    codes = dict.fromkeys(one.code for file in files for api in file.apis for one in api.findings)
    if any(not check.allowed for file in files for api in file.apis for check in api.origins):
        codes[_BLOCKED] = None
    rules = [
        {"id": code, "shortDescription": {"text": titles().get(code, "The origin is not allowed")}} for code in codes
    ]
    unread = [
        {"level": "error", "message": {"text": file.error}, "locations": [_location(file, None)]}
        for file in files
        if file.error
    ]
    run = {
        "tool": {"driver": {"name": "corsdash", "rules": rules}},
        "invocations": [{"executionSuccessful": not unread, "toolExecutionNotifications": unread}],
        "results": [result for file in files for result in _results(file, list(codes))],
        "columnKind": "utf16CodeUnits",
    }
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return json.dumps({"$schema": schema, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _results(file: LintedFile, codes: list[str]) -> Iterator[dict[str, Any]]:
    for api in file.apis:
        for one in api.findings:
            yield _result(file, codes, one.code, one.severity, _sentence(api, one), one.value or one.field)
        for check in api.origins:
            if not check.allowed:
                text = f"{_name(api)}: {check.origin} is blocked. {check.why}"
                yield _result(file, codes, _BLOCKED, "error", text, api.stated.name)


def _result(file: LintedFile, codes: list[str], code: str, level: str, text: str, place: str) -> dict[str, Any]:
    return {
        "ruleId": code,
        "ruleIndex": codes.index(code),
        "level": level,
        "message": {"text": text},
        "locations": [_location(file, place)],
    }


def _location(file: LintedFile, place: str | None) -> dict[str, Any]:
    """Return the file, and the first line on which what a finding is about stands."""
    name = file.name.replace("\\", "/")
    uri = Path(file.name).absolute().as_uri() if name.startswith("/") else quote(name)
    at = file.text.find(place) if place else -1
    line = file.text.count("\n", 0, at) + 1 if at >= 0 else 1
    return {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": line}}}


def as_junit(files: Sequence[LintedFile]) -> str:
    """JUnit XML: a suite for each file, a case for each finding, or for an API without any."""
    suites = [_suite(number, file) for number, file in enumerate(files)]
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', "<testsuites>", *suites, "</testsuites>", ""])


def _suite(number: int, file: LintedFile) -> str:
    cases = list(_cases(file))
    failures, errors = (sum(f"<{kind} " in case for case in cases) for kind in ("failure", "error"))
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return "\n".join(
        [
            f'<testsuite id="{number}" package="corsdash" name={_attribute(file.name)} timestamp="{now}" '
            f'hostname="localhost" tests="{len(cases)}" failures="{failures}" errors="{errors}" time="0">',
            "<properties/>",
            *cases,
            "<system-out/>",
            "<system-err/>",
            "</testsuite>",
        ]
    )


def _cases(file: LintedFile) -> Iterator[str]:
    if file.error:
        yield _case(file, "read", "error", "unreadable", file.error)
    for api in file.apis:
        shown = [one for one in api.findings if one.severity != "note"]
        blocked = [check for check in api.origins if not check.allowed]
        for one in shown:
            yield _case(file, f"{_name(api)}: {one.code}", "failure", one.severity, _sentence(api, one))
        for check in blocked:
            text = f"{check.origin} is blocked. {check.why}"
            yield _case(file, f"{_name(api)}: {check.origin}", "failure", _BLOCKED, text)
        if not shown and not blocked:
            yield _case(file, _name(api), "", "", "")


def _case(file: LintedFile, name: str, outcome: str, kind: str, text: str) -> str:
    opening = f'<testcase classname={_attribute(file.name)} name={_attribute(name)} time="0"'
    if not outcome:
        return opening + "/>"
    return f'{opening}><{outcome} type="{kind}" message={_attribute(text)}/></testcase>'


def _attribute(text: str) -> str:
    """Return a text as an attribute's value: XML allows no control characters, in any spelling."""
    from xml.sax.saxutils import quoteattr  # only for this report, for a quick start without it

    return quoteattr("".join(char if char.isprintable() else " " for char in text))


def _sentence(api: LintedApi, finding: Finding) -> str:
    return f"{_name(api)}: {finding.field}: {finding.why} {finding.todo}"


def _name(api: LintedApi) -> str:
    kind = _KINDS[api.stated.kind]
    return f"{_one_line(api.stated.name)[:120]} ({kind})" if api.stated.name else kind


def _one_line(text: str) -> str:
    """Return a text on one line, without what a terminal would take for a command."""
    return "".join(char if char.isprintable() else " " for char in text)


REPORTS: dict[str, Callable[[Sequence[LintedFile]], str]] = {
    "text": as_text,
    "json": as_json,
    "sarif": as_sarif,
    "junit": as_junit,
}
