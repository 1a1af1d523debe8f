"""Pages of the Configure panel."""

from django.urls import URLPattern, URLResolver, path

from apis.editing.panel import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("apis/<int:pk>/configure/", views.configure, name="configure"),
    path("apis/<int:pk>/configure/check/", views.check, name="configure_check"),
]
