"""Where each room's pages hang, without the REST API: all that messages link to."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("apis.inventory.urls")),
    path("", include("apis.editing.urls")),
    path("", include("apis.insight.urls")),
    path("", include("apis.probing.urls")),
    path("", include("apis.alerting.urls")),
    path("", include("apis.access.urls")),
    path("", include("apis.demo.urls")),
]
