"""Answers to requests that never reach a page."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest, RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for a form that is longer than DATA_UPLOAD_MAX_MEMORY_SIZE."""
    if isinstance(exception, RequestDataTooBig):
        return render(request, "413.html", status=413)
    return defaults.bad_request(request, exception)


def refuse_nul(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: 400 to a page's address or form with a NUL character, which no browser sends and PostgreSQL refuses.

    The REST API names the field by itself.
    """

    def checked(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/api/"):
            given = [request.GET, request.POST] if request.method == "POST" else [request.GET]
            if any("\0" in text for values in given for _, texts in values.lists() for text in texts):
                return bad_request(request, BadRequest("a NUL character"))
        return answer(request)

    return checked
