"""Configure, plan, apply, revert."""

from django.urls import URLPattern, URLResolver, path

from apis.editing import views, views_bulk, views_explain, views_export

urlpatterns: list[URLPattern | URLResolver] = [
    path("apis/<int:pk>/configure/", views.configure, name="configure"),
    path("apis/<int:pk>/configure/check/", views.configure_check, name="configure_check"),
    path("apis/<int:pk>/plan/", views.plan_edit, name="plan"),
    path("apis/<int:pk>/apply/", views.apply, name="apply"),
    path("explain/", views_explain.explain, name="explain"),
    path("explain/rules/", views_explain.rule_pages, name="rules"),
    path("apis/<int:pk>/explain/", views_explain.of_api, name="api_explain"),
    path("apis/<int:pk>/export/", views_export.export, name="export"),
    path("bulk/", views_bulk.start, name="bulk"),
    path("bulk/jobs/", views_bulk.jobs, name="bulk_jobs"),
    path("bulk/jobs/<int:pk>/", views_bulk.job, name="bulk_job"),
    path("bulk/jobs/<int:pk>/pause/", views_bulk.pause, name="bulk_pause"),
    path("bulk/jobs/<int:pk>/retry/", views_bulk.retry, name="bulk_retry"),
    path("bulk/groups/<uuid:group>/", views_bulk.group, name="bulk_group"),
    path("bulk/groups/<uuid:group>/revert/", views_bulk.revert, name="group_revert"),
    path("changes/<int:pk>/revert/", views.revert_change, name="revert"),
    path("changes/<int:pk>/proof/", views.change_proof, name="change_proof"),
]
