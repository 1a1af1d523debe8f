"""Errors as RFC 9457 problem documents: what went wrong, in which field, and what to do."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import UnreadablePostError
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError

from apis.aws import AwsError
from apis.cors.policy import PolicyError
from apis.errors import AppError, InvalidInput
from apis.jobs import database
from apis.jobs.queue import UNREACHABLE

log = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
LARGEST_MB = 2.5
"""Django's DATA_UPLOAD_MAX_MEMORY_SIZE."""


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

    retry_after: int | None = None
    """After how many seconds to try again."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: list[dict[str, str]] | None = None,
        *,
        retry_after: int | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.retry_after = retry_after
        self.status, self.detail, self.errors, self.extra = status, detail, errors, extra


def document(request: HttpRequest, problem: Problem) -> JsonResponse:
    """Return the problem as an HTTP answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        **problem.extra,
    }
    if problem.errors:
        body["errors"] = problem.errors
    answer = JsonResponse(body, status=problem.status, content_type=CONTENT_TYPE)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        answer["WWW-Authenticate"] = 'Bearer realm="corsdash"'
    if problem.retry_after is not None:
        answer["Retry-After"] = str(problem.retry_after)
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

    @api.exception_handler(AppError)
    def _refused(request: HttpRequest, error: AppError) -> JsonResponse:
        return document(request, problem_of(error))

    @api.exception_handler(PolicyError)
    def _policy(request: HttpRequest, error: PolicyError) -> JsonResponse:
        return document(request, problem_of(InvalidInput(error.message, error.field)))

    @api.exception_handler(AuthenticationError)
    def _stranger(request: HttpRequest, error: AuthenticationError) -> JsonResponse:
        return document(request, Problem(401, "Send a valid API token as Authorization: Bearer TOKEN."))

    @api.exception_handler(AwsError)
    def _aws(request: HttpRequest, error: AwsError) -> JsonResponse:
        return document(request, Problem(502, str(error)))

    @api.exception_handler(RequestDataTooBig)
    def _large(request: HttpRequest, error: RequestDataTooBig) -> JsonResponse:
        return document(request, Problem(413, f"The body is larger than {LARGEST_MB} MB."))

    @api.exception_handler(UnreadablePostError)
    def _broken_off(request: HttpRequest, error: UnreadablePostError) -> JsonResponse:
        return document(request, Problem(400, "The body ended early."))

    @api.exception_handler(Http404)
    def _nowhere(request: HttpRequest, error: Http404) -> JsonResponse:
        return document(request, missing("thing"))

    @api.exception_handler(HttpError)
    def _http(request: HttpRequest, error: HttpError) -> JsonResponse:
        # What the reader of bodies raises comes wrapped.
        cause = error.__cause__
        return document(request, cause if isinstance(cause, Problem) else Problem(error.status_code, str(error)))

    @api.exception_handler(DatabaseError)
    @api.exception_handler(InterfaceError)
    def _database(request: HttpRequest, error: Exception) -> JsonResponse:
        reason = database.failure_reason(error)
        return document(request, database_failed(reason)) if reason else _unexpected(request, error)

    @api.exception_handler(Exception)
    def _unexpected(request: HttpRequest, error: Exception) -> JsonResponse:
        log.error("%s %s failed", request.method, request.path, exc_info=error)
        return document(request, Problem(500, "corsdash failed. See its log for details, and report it."))


def documented(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view, with HEAD where it has GET, and a problem document for a method or an address that it does not have."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "HEAD":
            # The server leaves the body out.
            request.method = "GET"
        try:
            given = view(request, *args, **kwargs)
        except Http404:
            return nowhere(request)
        if given.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return given
        allowed = ", ".join(sorted(given["Allow"].split(", ")))
        not_allowed = document(request, Problem(405, f"{request.method} is not allowed here; allowed: {allowed}."))
        not_allowed["Allow"] = allowed
        return not_allowed

    return answer


def nowhere(request: HttpRequest, **_: Any) -> JsonResponse:
    """404 for an address that the API does not have."""
    return document(request, Problem(404, f"Nothing at {request.path[:200]}. See /api/v1/openapi.json."))


def problem_of(error: AppError) -> Problem:
    """Return the problem that an error of the family is."""
    fields = [{"field": field, "message": message} for field, message in error.errors.items()]
    detail = f"{error.field}: {error.message}" if error.field else error.message
    return Problem(error.status, detail, fields or None, **error.extra)


def _place(where: tuple[Any, ...]) -> str:
    """`("body", "payload", "cors")` as `cors`: the name that the sender used."""
    names = [str(part) for part in where if part not in ("body", "query", "path", "payload", "filters")]
    return ".".join(names)[:200] or "body"


def database_failed(reason: str) -> Problem:
    """503 when the database is locked for long, full or away."""
    return Problem(503, reason, retry_after=database.RETRY_AFTER_S)


def queue_unreachable(**extra: Any) -> Problem:
    """503 when work cannot be queued."""
    return Problem(503, UNREACHABLE, retry_after=5, **extra)


def missing(what: str) -> Problem:
    """404 for a thing that is not there."""
    return Problem(404, f"This {what} does not exist.")
