"""The request as our pages get it, and the texts in it."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails


class PageRequest(HttpRequest):
    """Someone is signed in (the middleware sees to it), and django-htmx has read the headers of htmx."""

    user: User
    htmx: HtmxDetails


def text_of(given: QueryDict, name: str, most: int = 500) -> str:
    """Return what an address or a form says under a name, as a database can look for it; "" when it says nothing.

    Without NUL, which PostgreSQL takes for none of its texts and no page of ours sends, and of so many characters.
    """
    return given.get(name, "").replace("\0", "")[:most]


def number_of(text: str) -> int | None:
    """Return a row's number out of an address or a form; None for what no database could hold as one."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def next_page(request: HttpRequest) -> HttpResponseRedirect | None:
    """Return the way to the page of ours that a form names in `next`, if it names one."""
    path = request.POST.get("next", "")
    # Without its slash a text could be the name of a view, or of a file besides the present page.
    if path.startswith("/") and url_has_allowed_host_and_scheme(path, {request.get_host()}, request.is_secure()):
        return HttpResponseRedirect(path)
    return None
