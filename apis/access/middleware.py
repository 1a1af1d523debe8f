"""Sign-in is asked for everywhere; who was sent there comes back to a page; and no cache keeps what it shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme

from apis.access import audit


class AuditedRequest:
    """Lets the audit log note the address of anyone who sent the request that is being served."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Serve the request."""
        with audit.serving(request):
            return self.get_response(request)


class SignInRequired(LoginRequiredMiddleware):
    """Django's own, but for forms: signing in cannot send one again, so it leads to the page that it stood on."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> HttpResponseRedirect:
        """Lead to sign-in and, from there, back."""
        if request.method in ("GET", "HEAD"):
            return super().handle_no_permission(request, view_func)
        return redirect_to_login(
            page_of(request), self.get_login_url(view_func), self.get_redirect_field_name(view_func)
        )


class KeptNowhere:
    """Keeps what only some may see out of every cache.

    A response with a validator may be kept by the browser, which asks each time whether it still holds.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Return the response with a Cache-Control of its own, or with ours."""
        response = self.get_response(request)
        if "Cache-Control" not in response:
            validated = "ETag" in response or "Last-Modified" in response
            response["Cache-Control"] = "private, no-cache" if validated else "no-store"
        return response


def page_of(request: HttpRequest) -> str:
    """Return the path of the page that sent a form, from the Referer header, or "/"."""
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}, require_https=request.is_secure()):
        return "/"
    url = urlsplit(referer)
    return f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
