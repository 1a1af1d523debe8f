"""Configure, plan, apply, revert."""

from django.urls import URLPattern, URLResolver, path

from apis.editing import (
    views,
    views_approval,
    views_bulk,
    views_compare,
    views_conflict,
    views_explain,
    views_export,
    views_grants,
    views_review,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("apis/<int:pk>/configure/", views.configure, name="configure"),
    path("apis/<int:pk>/configure/check/", views.configure_check, name="configure_check"),
    path("apis/<int:pk>/plan/", views.plan_edit, name="plan"),
    path("apis/<int:pk>/apply/", views.apply, name="apply"),
    path("explain/", views_explain.explain, name="explain"),
    path("explain/rules/", views_explain.rule_pages, name="rules"),
    path("apis/<int:pk>/explain/", views_explain.of_api, name="api_explain"),
    path("apis/<int:pk>/export/", views_export.export, name="export"),
    path("compare/", views_compare.side_by_side, name="compare"),
    path("compare/take/", views_compare.take, name="compare_take"),
    path("bulk/", views_bulk.start, name="bulk"),
    path("bulk/jobs/", views_bulk.jobs, name="bulk_jobs"),
    path("bulk/jobs/<int:pk>/", views_bulk.job, name="bulk_job"),
    path("bulk/jobs/<int:pk>/pause/", views_bulk.pause, name="bulk_pause"),
    path("bulk/jobs/<int:pk>/retry/", views_bulk.retry, name="bulk_retry"),
    path("bulk/groups/<uuid:group>/", views_bulk.group, name="bulk_group"),
    path("bulk/groups/<uuid:group>/revert/", views_bulk.revert, name="group_revert"),
    path("apis/<int:pk>/propose/", views_review.propose, name="propose"),
    path("apis/<int:pk>/approval/", views_approval.of_api, name="api_approval"),
    path("apis/<int:pk>/grants/add/", views_grants.add, name="grant_add"),
    path("grants/", views_grants.grant_list, name="grants"),
    path("grants/<int:pk>/<str:verb>/", views_grants.act, name="grant_act"),
    path("proposals/", views_review.proposal_list, name="proposals"),
    path("proposals/<int:pk>/", views_review.proposal, name="proposal"),
    path("proposals/<int:pk>/<str:verb>/", views_review.act, name="proposal_act"),
    path("settings/approval/", views_approval.approval, name="approval"),
    path("settings/approval/rules/<int:pk>/delete/", views_approval.rule_delete, name="review_rule_delete"),
    path("settings/approval/accounts/<int:pk>/", views_approval.of_account, name="account_approval"),
    path("changes/<int:pk>/conflict/", views_conflict.of_change, name="change_conflict"),
    path("changes/<int:pk>/revert/", views.revert_change, name="revert"),
    path("changes/<int:pk>/proof/", views.change_proof, name="change_proof"),
]
