"""The request as our pages get it, and the texts in it."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict
from django_htmx.middleware import HtmxDetails


class PageRequest(HttpRequest):
    """Somebody is signed in (the middleware sees to it), and django-htmx has read the headers of htmx."""

    user: User
    htmx: HtmxDetails


def text_of(given: QueryDict, name: str, most: int = 500) -> str:
    """What an address or a form says under a name, as a database can look for it; "" when it says nothing.

    Without NUL, which PostgreSQL takes for none of its texts and no page of ours sends, and of so many characters.
    """
    return given.get(name, "").replace("\0", "")[:most]
