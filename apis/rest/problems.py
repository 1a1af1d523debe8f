"""Errors as RFC 9457 problem documents: what went wrong, in which field, and what to do."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from apis.aws import AwsError
from apis.cors.policy import PolicyError


class FieldError(Schema):
    """One field and what is wrong with it."""

    field: str
    message: str


class ProblemDocument(Schema):
    """RFC 9457, section 3.1; `errors` is there when fields are to blame."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldError] | None = None


class Problem(Exception):
    """An answer other than success. `extra` are further members of the document."""

    def __init__(self, status: int, detail: str, errors: list[dict[str, str]] | None = None, **extra: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors, self.extra = status, detail, errors, extra


def document(request: HttpRequest, problem: Problem) -> JsonResponse:
    """The problem as an HTTP answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **problem.extra,
    }
    if problem.errors:
        body["errors"] = problem.errors
    answer = JsonResponse(body, status=problem.status, content_type="application/problem+json")
    if problem.status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer realm="corsdash"'
    return answer


def install(api: NinjaAPI) -> None:
    """Answer every known kind of failure with a problem document."""

    @api.exception_handler(Problem)
    def _problem(request: HttpRequest, error: Problem) -> JsonResponse:
        return document(request, error)

    @api.exception_handler(ValidationError)
    def _invalid(request: HttpRequest, error: ValidationError) -> JsonResponse:
        found = [{"field": _place(one["loc"]), "message": str(one["msg"])[:300]} for one in error.errors]
        detail = "; ".join(f"{one['field']}: {one['message']}" for one in found[:5])
        return document(request, Problem(422, detail, found))

    @api.exception_handler(PolicyError)
    def _policy(request: HttpRequest, error: PolicyError) -> JsonResponse:
        return document(request, Problem(422, str(error), [{"field": error.field, "message": error.message}]))

    @api.exception_handler(AuthenticationError)
    def _stranger(request: HttpRequest, error: AuthenticationError) -> JsonResponse:
        return document(request, Problem(401, "Send a valid API token as Authorization: Bearer TOKEN."))

    @api.exception_handler(AwsError)
    def _aws(request: HttpRequest, error: AwsError) -> JsonResponse:
        return document(request, Problem(502, str(error)))

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> JsonResponse:
        return document(request, Problem(error.status_code, str(error)))


def _place(where: tuple[Any, ...]) -> str:
    """`("body", "payload", "cors")` as `cors`: the name that the sender used."""
    names = [str(part) for part in where if part not in ("body", "query", "path", "payload", "filters")]
    return ".".join(names) or "body"


def missing(what: str) -> Problem:
    """404 for a thing that is not there."""
    return Problem(404, f"There is no such {what}.")
