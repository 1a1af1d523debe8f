"""The API object, its door (bearer tokens) and who may pass."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.security import HttpBearer

from apis.access import roles, tokens
from apis.rest import problems, request_parser, waiting


class Token(HttpBearer):
    """A person's API token."""

    def authenticate(self, request: HttpRequest, token: str) -> User | None:
        """The token's owner, also as `request.user`."""
        user = tokens.authenticate(token)
        if user is not None:
            request.user = user
            # Ninja reads no query for an operation that has none.
            request_parser.check_query(request)
        return user


class Api(NinjaAPI):
    """Ninja's, whose OpenAPI document says that a failure is a problem document."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self._documents: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(self, **given: Any) -> OpenAPISchema:
        """The OpenAPI document; made once in a process, as that takes a second and it never changes."""
        key = repr(given)
        if key not in self._documents:
            self._documents[key] = self._document(**given)
        return self._documents[key]

    def _document(self, **given: Any) -> OpenAPISchema:
        schema = super().get_openapi_schema(**given)
        for operation in (one for methods in schema["paths"].values() for one in methods.values()):
            for status, answer in operation["responses"].items():
                if int(status) >= 400 and operation.get("security") and "content" in answer:
                    answer["content"] = {problems.CONTENT_TYPE: next(iter(answer["content"].values()))}
        return schema


api = Api(
    title="corsdash",
    version="1",
    description="CORS settings of AWS API Gateway HTTP APIs: see, change, probe and watch them.",
    auth=Token(),
    parser=request_parser.Reader(),
    docs_url=None,
    urls_namespace="rest",
)
problems.install(api)


@api.exception_handler(waiting.Wait)
def _wait(request: HttpRequest, error: waiting.Wait) -> HttpResponse:
    return waiting.deferred(error)


ERRORS: dict[int, Any] = dict.fromkeys(
    (400, 401, 403, 404, 409, 413, 422, 500, 502, 503, 504), problems.ProblemDocument
)
"""What any operation may answer beside success."""


_RIGHTS = {"view": "look at this", "edit": "edit APIs and probes", "admin": "administer corsdash"}


def allow(request: HttpRequest, what: str) -> User:
    """The caller, when their role allows `what` ("view", "edit" or "admin"); otherwise a 403 problem."""
    user = request.user
    assert isinstance(user, User)
    if not roles.can(user, what):
        raise problems.Problem(403, f"The token's owner may not {_RIGHTS[what]}.")
    return user
