"""Pages that people without sign-in may open when CORSDASH_PUBLIC_EXPLAIN allows it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from apis.access.middleware import SignInRequired

type View[**P] = Callable[Concatenate[Any, P], HttpResponse]


def public_page[**P](view: View[P]) -> View[P]:
    """Serve a page without sign-in when the setting allows it; otherwise lead to sign-in, as every page does."""

    @wraps(view)
    def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.user.is_authenticated or settings.CORSDASH_PUBLIC_EXPLAIN:
            return view(request, *args, **kwargs)
        return SignInRequired(view).handle_no_permission(request, view)

    return login_not_required(guarded)


def frame_of(request: HttpRequest) -> str:
    """Return the template that a public page extends: the dashboard's, or one without navigation."""
    return "base.html" if request.user.is_authenticated else "insight/explain/public_frame.html"
