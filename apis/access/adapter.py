"""How allauth is used here: an admin adds people, no one signs up, and the audit log sees who comes and goes."""

from __future__ import annotations

from typing import Any, cast

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.models import AbstractBaseUser, User
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from apis.access import audit, throttle


class AccountAdapter(DefaultAccountAdapter):
    """Closes the sign-up page and keeps the audit log of sessions."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: accounts are made by an admin."""
        return False

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Start a session."""
        super().login(request, user)
        audit.record(request, "signed in")

    def logout(self, request: HttpRequest) -> None:
        """End a session."""
        audit.record(request, "signed out")
        super().logout(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Refuse an attempt that comes too soon. allauth's own limit depends on the Host header."""
        try:
            throttle.begin(request, str(credentials.get("username", "")))
        except throttle.TooManyTries as error:
            raise ValidationError(str(error)) from None

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Check a name and a password."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if user:
            throttle.succeed(request, str(credentials.get("username", "")))
        return user

    def _rollback_login_failed_rl_usage(self) -> None:
        """Nothing: allauth's own limit is not used."""

    def post_login(self, request: HttpRequest, user: AbstractBaseUser, **how: Any) -> Any:
        """Lead on, and know this browser from now on."""
        response = super().post_login(request, user, **how)
        throttle.remember(request, response, cast("User", user))
        return response

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Note a wrong password. A name that no one has is not kept: people type passwords into the wrong box."""
        name = str(credentials.get("username", ""))
        known = User.objects.filter(username__iexact=name).values_list("username", flat=True).first()
        audit.record(request, "failed to sign in", known or "an unknown name")

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        """Change the signed-in person's own password; every other session of theirs ends with the old one."""
        super().set_password(user, password)
        audit.record(getattr(self, "request", None) or user, "changed own password", user.get_username())
