"""The forms of this room."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User

from apis.access import audit
from apis.access.roles import Role

ROLES = [
    (Role.VIEW.value, "Viewer: sees everything"),
    (Role.EDIT.value, "Editor: also changes APIs, probes and incidents"),
    (Role.ADMIN.value, "Admin: also manages accounts, channels and people"),
]


class TokenForm(forms.Form):
    """A new API token."""

    name = forms.CharField(max_length=100, help_text="What will use it, such as: deploy pipeline.")

    def clean_name(self) -> str:
        """A name of more than blanks."""
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
    name = forms.CharField(max_length=150, required=False, help_text="As colleagues call them.")
    role = forms.ChoiceField(choices=ROLES, initial=Role.VIEW.value, widget=forms.RadioSelect)


class RoleForm(forms.Form):
    """Another role for a person."""

    role = forms.ChoiceField(choices=ROLES, widget=forms.RadioSelect)


class ChoosePasswordForm(SetPasswordForm[User]):
    """A person who came by a link chooses a password."""

    def save(self, commit: bool = True) -> User:
        """Store it and note that it happened."""
        user: User = super().save(commit)
        audit.record(user, "chose a password", user.get_username())
        return user


class AuditFilter(forms.Form):
    """Which part of the audit log."""

    search = forms.CharField(required=False, max_length=150)

    def words(self) -> str:
        """What to look for; empty for everything."""
        cleaned: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        return str(cleaned.get("search", "")).strip()
