"""Who may do what."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import AnonymousUser, Group, User
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from apis.access import roles
from apis.access.roles import Role, can, needs


@pytest.mark.parametrize(
    ("role", "allowed"), [("view", ["view"]), ("edit", ["view", "edit"]), ("admin", ["view", "edit", "admin"])]
)
def test_each_role_may_do_what_the_ones_before_it_may(db: None, role: str, allowed: list[str]) -> None:
    user = User.objects.create_user("someone")
    roles.give(user, role)
    fresh = User.objects.get()
    assert [what for what in Role if can(fresh, what)] == allowed


def test_no_one_may_do_anything() -> None:
    assert not any(can(AnonymousUser(), what) for what in Role)


def test_nor_may_the_deactivated(admin: User) -> None:
    admin.is_active = False
    assert not can(admin, "view")


def test_without_a_group_one_may_look(db: None) -> None:
    user = User.objects.create_user("someone")
    assert can(user, "view")
    assert not can(user, "edit")


def test_a_superuser_is_an_admin_until_given_less(admin_user: User) -> None:
    assert can(admin_user, "admin")
    roles.give(admin_user, Role.EDIT)
    assert not can(User.objects.get(), "admin")


def test_groups_of_other_names_mean_nothing(viewer: User) -> None:
    viewer.groups.add(Group.objects.create(name="Superheroes"))
    assert not can(User.objects.get(), "edit")


def test_a_role_that_does_not_exist_is_a_mistake_in_the_code(viewer: User) -> None:
    with pytest.raises(ValueError, match="fly"):
        can(viewer, "fly")


class TestAGuardedPage:
    """`needs` on a view."""

    @staticmethod
    @needs("edit")
    def page(request: HttpRequest, word: str) -> HttpResponse:
        """A page for editors."""
        return HttpResponse(word)

    def ask(self, user: User) -> HttpResponse:
        request = RequestFactory().get("/somewhere/")
        request.user = user
        return self.page(request, word="in")

    def test_opens(self, editor: User) -> None:
        assert self.ask(editor).content == b"in"

    def test_says_which_role_is_needed_and_who_can_give_it(self, viewer: User, admin: User) -> None:
        answer = self.ask(viewer)
        assert answer.status_code == 403
        text = answer.content.decode()
        assert re.search(r"data-error>[^<]*Editor[^<]*Viewer[^<]*ada", text), "the role needed, one's own, an admin"
