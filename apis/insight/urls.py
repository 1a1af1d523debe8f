"""Explain, the documentation of the rules, and Compare."""

from django.urls import URLPattern, URLResolver, path

from apis.insight.views import compare, explain, export

urlpatterns: list[URLPattern | URLResolver] = [
    path("explain/", explain.explain, name="explain"),
    path("explain/rules/", explain.rule_pages, name="rules"),
    path("apis/<int:pk>/explain/", explain.of_api, name="api_explain"),
    path("apis/<int:pk>/export/", export.export, name="export"),
    path("apis/<int:pk>/plan/export/", export.of_plan, name="plan_export"),
    path("compare/", compare.side_by_side, name="compare"),
    path("compare/take/", compare.take, name="compare_take"),
]
