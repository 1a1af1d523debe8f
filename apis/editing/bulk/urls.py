"""Pages of bulk jobs."""

from django.urls import URLPattern, URLResolver, path

from apis.editing.bulk import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("bulk/", views.start, name="bulk"),
    path("bulk/jobs/", views.jobs, name="bulk_jobs"),
    path("bulk/jobs/<int:pk>/", views.job, name="bulk_job"),
    path("bulk/jobs/<int:pk>/pause/", views.pause, name="bulk_pause"),
    path("bulk/jobs/<int:pk>/retry/", views.retry, name="bulk_retry"),
    path("bulk/groups/<uuid:group>/", views.group, name="bulk_group"),
    path("bulk/groups/<uuid:group>/revert/", views.revert, name="group_revert"),
]
