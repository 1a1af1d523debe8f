"""Pages of proposals and of what needs approval."""

from django.urls import URLPattern, URLResolver, path

from apis.editing.review.views import approval, grant_add, proposals

urlpatterns: list[URLPattern | URLResolver] = [
    path("apis/<int:pk>/propose/", proposals.propose, name="propose"),
    path("apis/<int:pk>/approval/", approval.set_api_approval, name="api_approval"),
    path("apis/<int:pk>/grants/add/", grant_add.add, name="grant_add"),
    path("proposals/", proposals.proposal_list, name="proposals"),
    path("proposals/<int:pk>/", proposals.proposal, name="proposal"),
    path("proposals/<int:pk>/<str:verb>/", proposals.act, name="proposal_act"),
    path("settings/approval/", approval.approval_rules, name="approval"),
    path("settings/approval/rules/<int:pk>/delete/", approval.rule_delete, name="review_rule_delete"),
    path("settings/approval/accounts/<int:pk>/", approval.set_account_approval, name="account_approval"),
]
