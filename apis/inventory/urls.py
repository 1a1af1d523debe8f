"""Pages of this room."""

from django.urls import URLPattern, URLResolver, path

from apis.inventory import pages_accounts, pages_changes, pages_drift, pages_origins, pages_sync, views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.apis, name="apis"),
    path("apis/choices/", views.choices, name="api_choices"),
    path("apis/<int:pk>/", views.api, name="api"),
    path("apis/<int:pk>/routes/", views.routes, name="api_routes"),
    path("apis/<int:pk>/refresh/", views.refresh, name="api_refresh"),
    path("apis/<int:pk>/changes/", pages_changes.of_api, name="api_changes"),
    path("changes/", pages_changes.changes, name="changes"),
    path("changes/export.<str:form>", pages_changes.export, name="changes_export"),
    path("changes/<int:pk>/", pages_changes.change, name="change"),
    path("changes/<int:pk>/accept/", pages_drift.accept, name="drift_accept"),
    path("changes/<int:pk>/ignore/", pages_drift.ignore, name="drift_ignore"),
    path("apis/<int:pk>/lock/", pages_drift.lock, name="baseline_lock"),
    path("apis/<int:pk>/unlock/", pages_drift.unlock, name="baseline_unlock"),
    path("origins/", pages_origins.in_use, name="origins"),
    path("origins/export/", pages_origins.export, name="origins_export"),
    path("origins/one/", pages_origins.one, name="origin"),
    path("accounts/", pages_accounts.accounts, name="accounts"),
    path("accounts/add/", pages_accounts.add, name="account_add"),
    path("accounts/<int:pk>/", pages_accounts.account, name="account"),
    path("sync/", pages_sync.start, name="sync_start"),
    path("sync/status/", pages_sync.status, name="sync_status"),
    path("sync/<int:pk>/", pages_sync.run, name="sync_run"),
]
