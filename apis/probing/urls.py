"""Pages of this room."""

from django.urls import URLPattern, URLResolver, path

from apis.probing import trial_views, views
from apis.probing.history import availability_views, latency_views, retention_views
from apis.probing.sets import suggestion_views

urlpatterns: list[URLPattern | URLResolver] = [
    path("probes/", views.probes, name="probes"),
    path("apis/<int:pk>/probes/", views.api_probes, name="api_probes"),
    path("apis/<int:pk>/probes/matrix/", views.matrix, name="api_matrix"),
    path("apis/<int:pk>/availability/", availability_views.api_availability, name="api_availability"),
    path("probes/act/", views.act, name="probes_act"),
    path("probes/suggested/", suggestion_views.suggested_probes, name="suggested_probes"),
    path("apis/<int:pk>/probes/suggested/", suggestion_views.api_suggestions, name="api_suggested_probes"),
    path("apis/<int:pk>/probes/unfollow/", suggestion_views.unfollow, name="probes_unfollow"),
    path("apis/<int:pk>/probes/add/", views.add, name="probe_add"),
    path("probes/<int:pk>/", views.probe, name="probe"),
    path("probes/<int:pk>/results.<str:form>", views.export, name="results_export"),
    path("probes/<int:pk>/availability/", availability_views.probe_availability, name="probe_availability"),
    path("apis/<int:pk>/latency/", latency_views.api_latency, name="api_latency"),
    path("accounts/<int:pk>/latency/", latency_views.account_latency, name="account_latency"),
    path("probes/latency/", latency_views.all_latency, name="all_latency"),
    path("probes/<int:pk>/latency/", latency_views.probe_latency, name="probe_latency"),
    path("probes/<int:pk>/edit/", views.edit_probe, name="probe_edit"),
    path("probes/<int:pk>/delete/", views.delete, name="probe_delete"),
    path("apis/<int:pk>/probes/try/", trial_views.start, name="probe_try"),
    path("apis/<int:pk>/probes/try/<slug:key>/", trial_views.show, name="probe_trial"),
    path("probes/<int:pk>/expect-opposite/", views.expect_opposite, name="probe_expect_opposite"),
    path("probes/<int:pk>/pause/", views.pause, name="probe_pause"),
    path("probes/<int:pk>/run/", views.run, name="probe_run"),
    path("results/<int:pk>/", views.result, name="result"),
    path("settings/retention/", retention_views.retention, name="retention"),
]
