"""The overview, Explain, the pages of causes and rules, and Compare."""

from django.urls import URLPattern, URLResolver, path

from apis.insight.views import causes, compare, explain, export, live_check, overview, rules

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("wall/<str:token>/", overview.wall, name="wall"),
    path("explain/", explain.explain, name="explain"),
    path("explain/causes/", causes.cause_list, name="causes"),
    path("explain/causes/<slug:code>/", causes.cause_page, name="cause"),
    path("explain/rules/", rules.rule_pages, name="lint_rules"),
    path("explain/live/", live_check.start, name="live_check"),
    path("explain/live/<slug:key>/", live_check.show, name="live_check_result"),
    path("apis/<int:pk>/explain/", explain.api_explain, name="api_explain"),
    path("apis/<int:pk>/export/", export.export, name="export"),
    path("apis/<int:pk>/plan/export/", export.plan_export, name="plan_export"),
    path("compare/", compare.side_by_side, name="compare"),
    path("compare/take/", compare.copy_fields, name="compare_take"),
]
