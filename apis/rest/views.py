"""The page of the REST API's interactive reference."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET


# The style sheet of Swagger UI has its icons as data: addresses. Scripts stay those of our own files.
@require_GET
@csp_override(settings.SECURE_CSP | {"img-src": [CSP.SELF, "data:"]})
def docs(request: HttpRequest) -> HttpResponse:
    """Show every operation, from the OpenAPI document."""
    return render(request, "rest/docs.html", {"section": "settings"})
