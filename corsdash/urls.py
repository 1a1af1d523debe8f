"""Where each room's pages hang."""

from django.urls import include, path

from apis.rest.metrics import metrics

urlpatterns = [
    path("", include("apis.inventory.urls")),
    path("", include("apis.editing.urls")),
    path("", include("apis.insight.urls")),
    path("", include("apis.probing.urls")),
    path("", include("apis.alerting.urls")),
    path("", include("apis.access.urls")),
    path("metrics", metrics, name="metrics"),
    path("api/v1/", include("apis.rest.urls")),
]

handler400 = "corsdash.errors.bad_request"
handler500 = "corsdash.errors.server_error"
