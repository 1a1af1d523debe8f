"""The OpenAPI document keeps its word: whatever is sent, each answer is one that it names, and none is a failure."""

from __future__ import annotations

from typing import Any

import hypothesis
import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.test import Client
from ninja import Schema
from schemathesis import GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import positive_data_acceptance

from apis.access import tokens
from apis.inventory.models import HttpApi

# The document cannot say what makes an origin or a cursor: 422 is the answer to some of what it allows.
LAX = [positive_data_acceptance]
EXAMPLES = 3
"""For each operation, and as many of requests that the document forbids."""


def failures(operation: Any, mode: Any, token: str, known: int) -> list[str]:
    """What schemathesis finds wrong with the answers of one operation."""

    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    def attempt(case: Any) -> None:
        number = case.path_parameters.get("pk")
        if isinstance(number, int) and number % 3:
            case.path_parameters["pk"] = known  # Or nothing would ever be found.
        # Without a server between, no one would undo gzip.
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        case.call_and_validate(headers=headers, excluded_checks=LAX)

    try:
        attempt()
    except hypothesis.errors.Unsatisfiable:
        return []  # Without parameters and body there is nothing to forbid.
    except FailureGroup as error:
        body = "; ".join(f"{type(one).__name__}: {one}" for one in error.exceptions)
        return [f"{operation.method.upper()} {operation.path} ({mode.value}): {body}"]
    return []


@pytest.mark.once
def test_every_answer_is_one_of_the_document(transactional_db: None, api: HttpApi, admin: User) -> None:
    _, token = tokens.create(admin, "schemathesis")
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    wrong: list[str] = []
    tried = 0
    found: Any = schema.get_all_operations()
    for operation in (one.ok() for one in found):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            wrong += failures(operation, mode, token, api.pk)
        tried += 1
    assert tried > 30
    assert not wrong, "\n\n".join(wrong)


def untyped(schema: Any, place: str) -> list[str]:
    """Return the places in a schema that say nothing about the value there."""
    if schema is True or not isinstance(schema, dict) or not schema.keys() & KINDS:
        return [place]
    found: list[str] = []
    if schema.get("type") == "object" and not schema.keys() & {"properties", "additionalProperties"}:
        found.append(place)
    for name in {"additionalProperties", "items"} & schema.keys():
        if not (name == "additionalProperties" and schema[name] is False):
            found += untyped(schema[name], f"{place}.{name}")
    for name, member in schema.get("properties", {}).items():
        found += untyped(member, f"{place}.{name}")
    for key in ("anyOf", "oneOf", "allOf"):
        for member in schema.get(key, []):
            found += untyped(member, place)
    return found


KINDS = {"type", "$ref", "enum", "const", "anyOf", "oneOf", "allOf"}


@pytest.mark.once
def test_every_answer_of_the_document_is_typed(client: Client) -> None:
    document = client.get("/api/v1/openapi.json").json()
    found: list[str] = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            for status, answer in operation["responses"].items():
                if status == "204":
                    continue
                for content in (answer.get("content") or {"": {}}).values():
                    found += untyped(content.get("schema"), f"{method.upper()} {path} {status}")
    for name, schema in document["components"]["schemas"].items():
        found += untyped(schema, name)
    assert found == []


def test_the_document_names_what_the_contract_promises(client: Client) -> None:
    found = client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    promised = {
        "Api": "id api_id name account region endpoint cors version findings",
        "Plan": "diff findings impact conflict",
        "Change": "id api kind status at actor note summary before after group",
        "JobProgress": "state done total skipped failed group",
        "JudgedCase": "id needs_preflight allowed code reason exposed",
        "Probe": "id api name origin method path headers credentials expect interval failures enabled state",
        "Result": "id at passed verdict exchange timings error",
        "Incident": "id state opened_at closed_at probes suspected_change",
        "Page_Api_": "items next",
    }
    for name, members in promised.items():
        assert set(members.split()) <= set(found[name]["required"]), name


@pytest.mark.once
def test_each_operation_is_named_by_a_verb_and_its_object(client: Client) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    titles = [operation["summary"] for methods in paths.values() for operation in methods.values()]
    assert {"List APIs", "Create grant", "Put CORS", "Revert change"} <= set(titles)
    assert [title for title in titles if " " not in title] == []
    assert sorted(titles) == sorted(set(titles)), "each has a name of its own"


@pytest.mark.once
def test_no_two_schemas_have_one_name() -> None:
    """The document has one place for a name, and the later schema would replace the earlier one."""
    waiting, named = [Schema], dict[str, set[str]]()
    while waiting:
        for one in waiting.pop().__subclasses__():
            waiting.append(one)
            if one.__module__.startswith("apis.rest.") and "[" not in one.__name__:
                named.setdefault(one.__name__, set()).add(one.__module__)
    assert {name: modules for name, modules in named.items() if len(modules) > 1} == {}
