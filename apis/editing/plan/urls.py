"""Pages that write a configuration or a proposal as code."""

from django.urls import URLPattern, URLResolver, path

from apis.editing.plan import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("apis/<int:pk>/plan/export/", views.of_plan, name="plan_export"),
    path("apis/<int:pk>/export/", views.export, name="export"),
]
