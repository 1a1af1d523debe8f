"""The JSON API's addresses."""

from apis.rest import apis, bulk, incidents, probes, review, rules, system
from apis.rest.door import api

for router in (apis.router, bulk.router, review.router, probes.router, incidents.router, rules.router, system.router):
    api.add_router("", router)

_patterns, _app, _namespace = api.urls
for _pattern in _patterns:
    # Programs show a token, or a 401; they are not sent to the sign-in page.
    setattr(_pattern.callback, "login_required", False)  # noqa: B010

urlpatterns = _patterns
app_name = _app
