"""Sign-in and settings."""

from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, path

from apis.access.views import people, settings

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("account-inactive/", login_not_required(account.account_inactive), name="account_inactive"),
    path("choose-password/<uidb64>/<token>/", people.ChoosePassword.as_view(), name="choose_password"),
    path("settings/", settings.index, name="settings"),
    path("settings/password/", account.password_change, name="account_change_password"),
    path("settings/tokens/", settings.token_list, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", settings.token_revoke, name="token_revoke"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/add/", people.person_add, name="person_add"),
    path("settings/people/<int:pk>/", people.person, name="person"),
    path("settings/people/<int:pk>/link/", people.person_link, name="person_link"),
    path("settings/people/<int:pk>/switch/", people.person_switch, name="person_switch"),
    path("settings/audit/", settings.audit_log, name="audit"),
]
