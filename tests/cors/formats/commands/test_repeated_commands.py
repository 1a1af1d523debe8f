"""Several commands for one API: update-api keeps what a later one leaves out, and of two branches only one runs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apis.cors.formats import FormatError, read_api, read_apis

A, B = "https://a.example", "https://b.example"
UPDATE = "aws apigatewayv2 update-api --api-id {} --cors-configuration AllowOrigins={}"
MORE = "aws apigatewayv2 update-api --api-id a --cors-configuration AllowMethods=GET"
FIRST, SECOND = UPDATE.format("a", A), UPDATE.format("a", B)
DELETE = "aws apigatewayv2 delete-cors-configuration --api-id a"
URL = "aws lambda update-function-url-config --function-name f --cors"


def jobs(*commands: str) -> str:
    """A workflow with a job for each command."""
    return json.dumps({"jobs": {f"job{at}": {"steps": [{"run": run}]} for at, run in enumerate(commands)}})


@pytest.mark.parametrize(
    ("text", "cors"),
    [
        (f"{FIRST}\n{MORE}", {"AllowOrigins": [A], "AllowMethods": ["GET"]}),
        (f"{FIRST}\n{MORE}\n{SECOND}", {"AllowOrigins": [B], "AllowMethods": ["GET"]}),
        (f"{FIRST}\n{DELETE}\n{MORE}", {"AllowMethods": ["GET"]}),
        (f"{FIRST}\n{DELETE}", None),
        (f"if x; then\n{FIRST}\nelse\n{FIRST}\nfi", {"AllowOrigins": [A]}),
        (f"if x; then\n{FIRST}\nfi", {"AllowOrigins": [A]}),
        (f"if x; then true; fi\n{FIRST}\nif y; then true; fi\n{MORE}",
         {"AllowOrigins": [A], "AllowMethods": ["GET"]}),
        (jobs(UPDATE.format("$ID", A), UPDATE.format("$ID", A)), {"AllowOrigins": [A]}),
        (f"{UPDATE.format('$ID', A)}\n{UPDATE.format('$ID', B)}", {"AllowOrigins": [B]}),
    ],
)  # fmt: skip
def test_commands_count_in_their_order(text: str, cors: Any) -> None:
    assert read_api(text)[1].policy.to_aws() == cors


def test_what_counts_together_is_said() -> None:
    assert "count together" in read_api(f"{FIRST}\n{MORE}")[1].notes[0]
    assert read_api(FIRST)[1].notes == ()


def test_a_function_url_has_what_the_last_command_states() -> None:
    (found,) = read_apis(f"{URL} AllowOrigins={A}\n{URL} AllowMethods=GET")[1]
    assert found.policy.to_aws() == {"AllowMethods": ["GET"]}


@pytest.mark.parametrize(
    ("text", "line", "other"),
    [
        (f"if x; then\n  {FIRST}\nelse\n  {SECOND}\nfi", 4, 2),
        (f"if x\nthen {FIRST}\nelif y\nthen\n  {DELETE}\nfi", 5, 2),
        (f"{FIRST}\nif x; then {SECOND}; fi", 2, 1),
        (f"if x; then {FIRST}; fi\n{SECOND}", 2, 1),
        (f'case "$1" in\n  p) {FIRST} ;;\n  *) {SECOND} ;;\nesac', 3, 2),
        (f'if ($x -eq "p") {{\n  {FIRST}\n}} else {{\n  {SECOND}\n}}', 4, 2),
        (f'if "%1"=="p" (\n  {FIRST}\n) else (\n  {SECOND}\n)', 4, 2),
    ],
)
def test_of_two_branches_one_runs(text: str, line: int, other: int) -> None:
    with pytest.raises(FormatError) as caught:
        read_apis(text)
    assert (caught.value.line, f"line {other} runs in one branch only" in caught.value.message) == (line, True)


@pytest.mark.parametrize(
    "text",
    [
        jobs(UPDATE.format("$ID", A), UPDATE.format("$ID", B)),
        jobs(UPDATE.format("{{ id }}", A), UPDATE.format("{{ id }}", B)),
        json.dumps({"tasks": [{"shell": UPDATE.format("{{ x }}", A)}, {"shell": UPDATE.format("{{ y }}", B)}]}),
        f"I=$(one)\n{UPDATE.format('$I', A)}\nI=$(two)\n{UPDATE.format('${I}', B)}",
        f"I=$(one)\n{UPDATE.format('$I', A)}\nI=$(two)\n{UPDATE.format('$I', B)}",
        f"{UPDATE.format('$I --region eu-west-1', A)}\n{UPDATE.format('$I --region us-east-1', B)}",
        f"{UPDATE.format('$I --profile dev', A)}\n{UPDATE.format('$I --profile prod', B)}",
    ],
)
def test_an_unknown_api_is_another_one_elsewhere(text: str) -> None:
    with pytest.raises(FormatError, match="There are 2 HTTP APIs here"):
        read_api(text)
    assert sorted(api.policy.allow_origins for api in read_apis(text)[1]) == [(A,), (B,)]
