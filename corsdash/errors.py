"""Answers to requests that never reach a page."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import redirect, render
from django.template import loader
from django.views import defaults
from django_htmx.http import HttpResponseClientRedirect

from apis.access.middleware import page_of
from apis.errors import AppError
from apis.jobs import database
from apis.rest.problems import Problem, database_failed, document


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for a form that is longer than DATA_UPLOAD_MAX_MEMORY_SIZE."""
    if reason := database.failure_reason(exception):
        # A session that could not be saved, which Django calls a bad request.
        return unavailable(request, reason)
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    if request.path.startswith("/api/"):
        # A host that is not ours, for one: no view has been asked yet.
        return document(request, Problem(400, "The server could not read this request. Check its host and syntax."))
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500, or 503 when it is the database that failed."""
    reason = database.failure_reason(sys.exc_info()[1])
    return unavailable(request, reason) if reason else defaults.server_error(request)


def unavailable(request: HttpRequest, reason: str) -> HttpResponse:
    """503 with when to try again. Rendered without the request, as that would ask the database."""
    if request.path.startswith("/api/"):
        return document(request, database_failed(reason))
    page = loader.get_template("503.html").render({"reason": reason})
    return HttpResponse(page, status=503, headers={"Retry-After": str(database.RETRY_AFTER_S)})


class DatabasePatience:
    """Bound how long a request waits for another writer, and answer 503 when that was too long."""

    LONGEST_S = 4.0

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer within the bound."""
        with database.waiting_at_most(self.LONGEST_S):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a view raised."""
        reason = database.failure_reason(error)
        return unavailable(request, reason) if reason else None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form that is out of date, with the way back to the page that it stood on."""
    context = {"no_cookie": reason == REASON_NO_CSRF_COOKIE, "back": page_of(request)}
    return render(request, "403_csrf.html", context, status=403)


class MethodNotAllowedPage:
    """A page in the place of the blank 405 at an address that only a form is sent to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The view's answer, with words when it is a bare 405."""
        answer = self.get_response(request)
        if isinstance(answer, HttpResponseNotAllowed) and not answer.content:
            page = render(request, "405.html", status=405)
            page["Allow"] = answer["Allow"]
            return page
        return answer


class AppErrorMessage:
    """The one handler of AppError for pages: the message above the page that the form stood on.

    A view that shows an error besides its field catches it itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Lead back to the page with the message; a page that cannot be opened shows it alone."""
        if not isinstance(exception, AppError) or request.path.startswith("/api/"):
            return None
        if request.method in ("GET", "HEAD"):
            return render(request, "refused.html", {"message": exception.message}, status=exception.status)
        messages.error(request, exception.message)
        back = page_of(request)
        return HttpResponseClientRedirect(back) if getattr(request, "htmx", False) else redirect(back)
