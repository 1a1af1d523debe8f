"""Sign-in and settings."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", account.login, name="account_login"),
    path("sign-out/", account.logout, name="account_logout"),
    path("settings/password/", account.password_change, name="account_change_password"),
    path("account-inactive/", account.account_inactive, name="account_inactive"),
]
