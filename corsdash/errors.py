"""Answers to requests that never reach a page."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.views import defaults

from apis.access.middleware import page_of
from apis.rest.problems import Problem, document


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for a form that is longer than DATA_UPLOAD_MAX_MEMORY_SIZE."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    if request.path.startswith("/api/"):
        # A host that is not ours, for one: no view has been asked yet.
        return document(request, Problem(400, "The server could not read this request. Check its host and its form."))
    return defaults.bad_request(request, exception)


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
