"""The request as our pages get it, for type checkers."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails


class PageRequest(HttpRequest):
    """Somebody is signed in (the middleware sees to it), and django-htmx has read the headers of htmx."""

    user: User
    htmx: HtmxDetails
