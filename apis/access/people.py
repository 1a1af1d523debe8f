"""The people of this dashboard: adding them, their roles, and the rule that an admin always remains."""

from __future__ import annotations

import secrets

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import Group, User
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from apis.access import audit, roles, tokens
from apis.access.models import PasswordLinks
from apis.access.roles import Role
from apis.errors import InvalidInput


class LastAdmin(InvalidInput):
    """No one would be left to manage people."""

    def __init__(self, user: User) -> None:
        super().__init__(f"{user.username} is the last admin. Make someone else an admin first.", "role")


def ensure_admin(password: str | None = None) -> str | None:
    """On a database without people, make the user `admin`; returns the password when one had to be generated."""
    chosen = password or secrets.token_urlsafe(12)
    try:
        with transaction.atomic():
            if User.objects.exists():
                return None
            roles.give(User.objects.create_user("admin", password=chosen), Role.ADMIN)
    except IntegrityError:
        # Another process starting at the same moment made it.
        return None
    return None if password else chosen


def add(by: User | None, username: str, role: str, name: str = "") -> User:
    """Add a person without a password: they choose one through `password_link`. Raises InvalidInput."""
    user = User(username=User.normalize_username(username.strip()), first_name=name.strip()[:150])
    user.set_unusable_password()
    try:
        user.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise InvalidInput(messages[0], "name" if field == "first_name" else "username") from error
    if User.objects.filter(username__iexact=user.username).exists():
        raise InvalidInput(f"The user name {user.username} is taken.", "username")
    with transaction.atomic():
        user.save()
        roles.give(user, role)
        audit.record(by, "added a person", user.username, role=role)
    return user


class LinkTokens(PasswordResetTokenGenerator):
    """Tokens of password links: void after use, a sign-in, three days or a deactivation, even one that is over."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        number = PasswordLinks.objects.filter(user=user.pk).values_list("number", flat=True).first() or 0
        return f"{super()._make_hash_value(user, timestamp)}{number}{user.is_active}"


link_tokens = LinkTokens()


def new_password_link(by: User | None, user: User) -> str:
    """Return a path as `password_link` does, and note that it was made."""
    audit.record(by, "created a password link", user.username)
    return password_link(user)


def password_link(user: User) -> str:
    """Return the path to choose a new password: good once, for three days, until this person next signs in.

    A deactivation ends it too.
    """
    uid = urlsafe_base64_encode(force_bytes(user.pk))
    return reverse("choose_password", args=[uid, link_tokens.make_token(user)])


def set_role(by: User | None, user: User, role: str) -> None:
    """Give a person another role. Raises LastAdmin."""
    before = roles.role_of(user)
    with transaction.atomic():
        if Role(role) is not Role.ADMIN:
            _keep_an_admin(user)
        roles.give(user, role)
        audit.record(by, "changed a role", user.username, before=before, after=role)


def deactivate(by: User | None, user: User) -> None:
    """End a person's sessions, API tokens and password links at once; their history stays. Raises LastAdmin."""
    with transaction.atomic():
        _keep_an_admin(user)
        User.objects.filter(pk=user.pk).update(is_active=False)
        tokens.revoke_all(user)
        PasswordLinks.objects.get_or_create(user=user)
        PasswordLinks.objects.filter(user=user).update(number=F("number") + 1)
        _end_sessions(user)
        audit.record(by, "deactivated a person", user.username)
    user.is_active = False


def activate(by: User | None, user: User) -> None:
    """Allow a person to sign in again, with the same role and password."""
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(is_active=True)
        audit.record(by, "activated a person", user.username)
    user.is_active = True


def _end_sessions(user: User) -> None:
    """Delete a person's sessions: they would go on after an activation."""
    for session in Session.objects.filter(expire_date__gt=timezone.now()).iterator():
        if session.get_decoded().get(SESSION_KEY) == str(user.pk):
            session.delete()


def _keep_an_admin(user: User) -> None:
    """Raise LastAdmin when no one but `user` is an admin. Locks: two admins cannot remove each other at once."""
    Group.objects.get_or_create(name=Role.ADMIN.group)
    Group.objects.select_for_update().get(name=Role.ADMIN.group)
    if roles.admins().filter(pk=user.pk).exists() and not roles.admins().exclude(pk=user.pk).exists():
        raise LastAdmin(user)
