"""The forms of this room."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User

from apis.access import audit, tokens
from apis.access.models import ApiToken
from apis.access.roles import Role

ROLES = [
    (Role.VIEW.value, "Viewer: sees everything"),
    (Role.EDIT.value, "Editor: also changes APIs, probes and incidents"),
    (Role.ADMIN.value, "Admin: also manages accounts, channels and people"),
]


class SignInForm(account.LoginForm):
    """Signing in; people type at once."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autofocus"] = True


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(max_length=100, help_text="Such as “deploy pipeline”.")
    days = forms.TypedChoiceField(
        label="Expires",
        choices=[("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year"), ("", "Never")],
        coerce=int,
        empty_value=None,
        required=False,
    )
    purpose = forms.ChoiceField(label="Purpose", choices=ApiToken.Purpose, initial=ApiToken.Purpose.API, required=False)

    def clean_purpose(self) -> str:
        """Return the purpose; the REST API where nothing is chosen."""
        return self.cleaned_data["purpose"] or ApiToken.Purpose.API

    def clean_name(self) -> str:
        """Return the name, which is more than blanks."""
        name: str = self.cleaned_data["name"].strip()
        return name


class PersonForm(forms.Form):
    """A new person."""

    username = forms.CharField(
        label="User name",
        max_length=150,
        help_text="Letters, digits and @ . + - _",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "none"}),
    )
    name = forms.CharField(max_length=150, required=False, help_text="The name that colleagues know.")
    role = forms.ChoiceField(choices=ROLES, initial=Role.VIEW.value, widget=forms.RadioSelect)


class RoleForm(forms.Form):
    """Another role for a person."""

    role = forms.ChoiceField(choices=ROLES, widget=forms.RadioSelect)


class _RevokesTokens(forms.Form):
    """A new password, with the offer to revoke the API tokens of before."""

    revoke_tokens = forms.BooleanField(label="Also revoke my API tokens", required=False)

    def offer(self, user: User) -> None:
        """Say how many there are, or offer nothing."""
        count = tokens.live(user).count()
        if not count:
            del self.fields["revoke_tokens"]
            return
        which = "1 token is active" if count == 1 else f"{count} tokens are active"
        self.fields["revoke_tokens"].help_text = f"{which} now. Do this if someone else may know one."

    def revoke(self, user: User) -> None:
        """Do as was chosen."""
        if self.cleaned_data.get("revoke_tokens") and (count := tokens.revoke_all(user)):
            audit.record(user, "revoked all own API tokens", user.get_username(), tokens=count)


class ChangePasswordForm(_RevokesTokens, account.ChangePasswordForm):
    """A signed-in person changes their password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(self.user)

    def save(self) -> None:
        """Store it, and revoke the tokens if asked to."""
        super().save()
        self.revoke(self.user)


class ChoosePasswordForm(_RevokesTokens, SetPasswordForm[User]):
    """A person who came by a link chooses a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer(self.user)

    def save(self, commit: bool = True) -> User:
        """Store it and note that it happened; revoke the tokens if asked to."""
        user: User = super().save(commit)
        audit.record(user, "chose a password", user.get_username())
        self.revoke(user)
        return user


class AuditFilter(forms.Form):
    """Which part of the audit log."""

    search = forms.CharField(required=False, max_length=150)

    def words(self) -> str:
        """Return what to look for; empty for everything."""
        cleaned: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        return str(cleaned.get("search", "")).strip()
