"""The JSON API's addresses."""

from typing import Any, cast

from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from apis.rest import rules, views
from apis.rest.alerting import alert_rules, channels, incidents, status_pages
from apis.rest.api import api, describe_failures
from apis.rest.editing import bulk, changes, deployments, drift, grants, plans, proposals
from apis.rest.inventory import accounts, apis, origins, overview, system
from apis.rest.probing import probe_history, probes
from apis.rest.problems import documented, nowhere

_ROOMS = (
    accounts, apis, plans, changes, deployments, drift, origins, bulk, proposals, grants, probes, probe_history,
    incidents, channels, alert_rules, status_pages, rules, overview,
    system,
)  # fmt: skip
for room in _ROOMS:
    describe_failures(room.router)
    api.add_router("", room.router)

_patterns, _, app_name = api.urls
_operations = [*_patterns, re_path("", csrf_exempt(nowhere))]
for _pattern in _operations:
    _pattern.callback = documented(cast(Any, _pattern.callback))
    # Programs show a token, or a 401; they are not sent to the sign-in page.
    setattr(_pattern.callback, "login_required", False)  # noqa: B010

urlpatterns = [path("docs", views.docs, name="docs"), *_operations]
