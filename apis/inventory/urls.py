"""Pages of this room."""

from django.urls import URLPattern, URLResolver, path

from apis.inventory.views import accounts, apis, changes, drift, origins, sync

urlpatterns: list[URLPattern | URLResolver] = [
    path("apis/", apis.apis, name="apis"),
    path("apis/choices/", apis.choices, name="api_choices"),
    path("apis/<int:pk>/", apis.api, name="api"),
    path("apis/<int:pk>/routes/", apis.routes, name="api_routes"),
    path("apis/<int:pk>/refresh/", apis.refresh, name="api_refresh"),
    path("apis/<int:pk>/changes/", changes.api_history, name="api_changes"),
    path("changes/", changes.changes, name="changes"),
    path("changes/export.<str:form>", changes.export, name="changes_export"),
    path("changes/<int:pk>/", changes.change, name="change"),
    path("changes/<int:pk>/accept/", drift.accept, name="drift_accept"),
    path("changes/<int:pk>/ignore/", drift.ignore, name="drift_ignore"),
    path("apis/<int:pk>/lock/", drift.lock, name="baseline_lock"),
    path("apis/<int:pk>/unlock/", drift.unlock, name="baseline_unlock"),
    path("origins/", origins.in_use, name="origins"),
    path("origins/export/", origins.export, name="origins_export"),
    path("origins/one/", origins.origin_apis, name="origin"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/add/", accounts.add, name="account_add"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("sync/", sync.start, name="sync_start"),
    path("sync/status/", sync.status, name="sync_status"),
    path("sync/<int:pk>/", sync.run, name="sync_run"),
]
