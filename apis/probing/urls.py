"""Pages of this room."""

from django.urls import URLPattern, URLResolver, path

from apis.probing import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("probes/", views.probes, name="probes"),
    path("apis/<int:pk>/probes/", views.of_api, name="api_probes"),
    path("apis/<int:pk>/probes/add/", views.add, name="probe_add"),
    path("probes/<int:pk>/", views.probe, name="probe"),
    path("probes/<int:pk>/edit/", views.edit_probe, name="probe_edit"),
    path("probes/<int:pk>/delete/", views.delete, name="probe_delete"),
    path("probes/<int:pk>/run/", views.run, name="probe_run"),
    path("results/<int:pk>/", views.result, name="result"),
]
