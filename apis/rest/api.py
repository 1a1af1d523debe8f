"""The API object, its bearer tokens and what a role may do."""

from __future__ import annotations

import re
from functools import cached_property
from threading import Lock
from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router, Schema
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer
from pydantic.json_schema import JsonSchemaMode

from apis.access import roles, tokens
from apis.rest import problems, request_parser, waiting


class Token(HttpBearer):
    """A person's API token."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """Return the token's owner, also as `request.user`."""
        user = tokens.authenticate(token)
        if user is not None:
            request.user = user
            # Ninja reads no query for an operation that has none.
            known = api.query_names(request)
            if known is not None:
                request_parser.check_query(request, known)
        return user


class Document(OpenAPISchema):
    """Ninja's, which describes the few kinds of responses once, not once for each status of each operation."""

    def __init__(self, api: NinjaAPI, path_prefix: str) -> None:
        self._described: dict[Any, tuple[dict[str, Any], bool]] = {}
        super().__init__(api, path_prefix)

    def _create_schema_from_model(
        self, model: Any, by_alias: bool = True, remove_level: bool = True, mode: JsonSchemaMode = "validation"
    ) -> tuple[dict[str, Any], bool]:
        if mode != "serialization" or list(model.model_fields) != ["response"] or not remove_level:
            return super()._create_schema_from_model(model, by_alias, remove_level, mode)
        key = model.model_fields["response"].annotation, by_alias
        if key not in self._described:
            self._described[key] = super()._create_schema_from_model(model, by_alias, remove_level, mode)
        schema, is_required = self._described[key]
        return dict(schema), is_required


class Api(NinjaAPI):
    """Ninja's, whose OpenAPI document says that a failure is a problem document."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._documents: dict[str, OpenAPISchema] = {}
        self._making = Lock()

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the OpenAPI document; made once in a process, as that takes a moment and it never changes."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        with self._making:
            if prefix not in self._documents:
                self._documents[prefix] = self._document(prefix)
            return self._documents[prefix]

    def query_names(self, request: HttpRequest) -> frozenset[str] | None:
        """Return the query parameters of the operation asked for; None when the document does not have it."""
        match = request.resolver_match
        if match is None or request.method is None:
            return None
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", match.route)
        return self._query_parameters.get((path, request.method.lower()))

    @cached_property
    def _query_parameters(self) -> dict[tuple[str, str], frozenset[str]]:
        return {
            (path, method): frozenset(one["name"] for one in about.get("parameters", []) if one["in"] == "query")
            for path, methods in self.get_openapi_schema()["paths"].items()
            for method, about in methods.items()
        }

    def _document(self, prefix: str) -> OpenAPISchema:
        schema = Document(self, prefix)
        for operation in (one for methods in schema["paths"].values() for one in methods.values()):
            operation["summary"] = _sentence_case(operation["summary"])
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and operation.get("security") and "content" in answer:
                    answer["content"] = {problems.CONTENT_TYPE: next(iter(answer["content"].values()))}
        return schema


_NAMES = {"api": "API", "apis": "APIs", "cors": "CORS"}


def _sentence_case(title: str) -> str:
    """Return an operation's title in sentence case: "Create Status Page" as "Create status page"."""
    words = " ".join(_NAMES.get(word, word) for word in title.lower().split())
    return words[:1].upper() + words[1:]


api = Api(
    title="corsdash",
    version="1",
    description="CORS settings of AWS API Gateway HTTP APIs: view, change and probe them.",
    auth=Token(),
    parser=request_parser.Reader(),
    docs_url=None,
    urls_namespace="rest",
)
problems.install(api)


@api.exception_handler(waiting.Wait)
def _wait(request: HttpRequest, error: waiting.Wait) -> HttpResponse:
    return waiting.deferred(error)


class Failure(Schema):
    """The response model of all failures, in Ninja's form."""

    response: problems.ProblemDocument


ERRORS: dict[int, Any] = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 500, 502, 503, 504))
"""What any operation may answer besides success. `describe_failures` says how: Ninja would make a model of each."""


def describe_failures(router: Router) -> None:
    """Give all failures of a router's operations the same response model."""
    for view in router.path_operations.values():
        for operation in view.operations:
            models = operation.response_models
            models.update({status: Failure for status, model in models.items() if status >= 400 and model is None})


_RIGHTS = {"view": "view this", "edit": "edit APIs and probes", "admin": "administer corsdash"}


def allow(request: HttpRequest, what: str) -> User:
    """Return the caller, when their role allows `what` ("view", "edit" or "admin"); otherwise a 403 problem."""
    user = request.user
    assert isinstance(user, User)
    if not roles.can(user, what):
        raise problems.Problem(403, f"The token's owner may not {_RIGHTS[what]}.")
    return user
