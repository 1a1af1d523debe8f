"""Who may do what. A role is a Django group; each role may do all that the ones before it may."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, Group, User
from django.http import HttpResponse
from django.shortcuts import render


class Role(StrEnum):
    """What a person may do, least first: look; change APIs, probes and incidents; manage people, accounts, channels."""

    VIEW = "view"
    EDIT = "edit"
    ADMIN = "admin"

    @property
    def group(self) -> str:
        """The Django group that stands for the role."""
        return GROUPS[self]

    @property
    def label(self) -> str:
        """The word for one person with this role."""
        return GROUPS[self].removesuffix("s")


GROUPS = {Role.VIEW: "Viewers", Role.EDIT: "Editors", Role.ADMIN: "Admins"}
RANK = {role: rank for rank, role in enumerate(Role)}

type Person = AbstractBaseUser | AnonymousUser
type View[**P] = Callable[Concatenate[Any, P], HttpResponse]


def role_of(user: Person) -> Role | None:
    """Return the person's role; None for no one and for the deactivated. Everyone who may sign in may at least view."""
    if not user.is_authenticated or not user.is_active:
        return None
    known: Role | None = getattr(user, "_corsdash_role", None)
    if known is None:
        known = _read_role(user)
        user._corsdash_role = known  # type: ignore[attr-defined]
    return known


def _read_role(user: Any) -> Role:
    if user.is_superuser:
        return Role.ADMIN
    # Iterated here, not filtered in the database: a list of people prefetches its groups.
    names = {group.name for group in user.groups.all()}
    return next((role for role in reversed(Role) if role.group in names), Role.VIEW)


def can(user: Person, what: str) -> bool:
    """Return whether the person may do what the role named `what` ("view", "edit" or "admin") may do."""
    role = role_of(user)
    return role is not None and RANK[role] >= RANK[Role(what)]


def needs[**P](what: str) -> Callable[[View[P]], View[P]]:
    """Guard a page: answer 403 with the required role and the admins who can grant it."""
    needed = Role(what)

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: Any, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if can(request.user, needed):
                return view(request, *args, **kwargs)
            context = {"needed": needed, "role": role_of(request.user), "admins": admins().order_by("username")[:10]}
            return render(request, "access/needs_role.html", context, status=403)

        return guarded

    return guard


def admins() -> Any:
    """Return the people who are admins and may sign in."""
    from django.db.models import Q

    rule = Q(is_superuser=True) | Q(groups__name=Role.ADMIN.group)
    return User.objects.filter(rule, is_active=True).distinct()


def give(user: User, role: str) -> None:
    """Make `role` the person's one role. Does not ask whether an admin remains: see `people.set_role`."""
    group, _ = Group.objects.get_or_create(name=Role(role).group)
    user.groups.set([group])
    if user.is_superuser and Role(role) is not Role.ADMIN:
        user.is_superuser = user.is_staff = False
        user.save(update_fields=["is_superuser", "is_staff"])
    user._corsdash_role = Role(role)  # type: ignore[attr-defined]
