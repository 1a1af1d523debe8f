"""Plan, apply, revert, restore and deploy."""

from django.urls import URLPattern, URLResolver, path

from apis.editing.apply.views import conflict, deployment, live_plan, plan, restore

urlpatterns: list[URLPattern | URLResolver] = [
    path("apis/<int:pk>/plan/", plan.plan_edit, name="plan"),
    path("apis/<int:pk>/plan/live/", live_plan.follow, name="plan_live"),
    path("apis/<int:pk>/apply/", plan.apply, name="apply"),
    path("apis/<int:pk>/deploy/", deployment.api_deployment, name="api_deploy"),
    path("apis/<int:pk>/restore/", restore.restore, name="restore"),
    path("changes/<int:pk>/conflict/", conflict.change_conflict, name="change_conflict"),
    path("changes/<int:pk>/revert/", plan.revert_change, name="revert"),
    path("changes/<int:pk>/verification/", plan.change_verification, name="change_verification"),
]
