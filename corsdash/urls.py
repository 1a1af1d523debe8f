"""Where everything hangs: the pages, the metrics and the REST API."""

from django.urls import include, path

from apis.rest.metrics import metrics
from corsdash.page_urls import urlpatterns as pages

urlpatterns = [
    *pages,
    path("metrics", metrics, name="metrics"),
    path("api/v1/", include("apis.rest.urls")),
]

handler400 = "corsdash.errors.bad_request"
handler500 = "corsdash.errors.server_error"
