"""Adding people, their roles, and the admin who always remains."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from apis.access import people
from apis.access.models import AuditEvent
from apis.access.roles import Role, role_of
from apis.errors import InvalidInput
from tests.support.people import PASSWORD, person


class TestTheFirstAdmin:
    """What `manage.py up` asks for."""

    def test_gets_a_generated_password(self, db: None) -> None:
        password = people.ensure_admin()
        assert password is not None
        assert len(password) >= 16
        admin = User.objects.get()
        assert admin.username == "admin"
        assert admin.check_password(password)
        assert role_of(admin) is Role.ADMIN

    def test_gets_the_password_of_the_environment(self, db: None) -> None:
        assert people.ensure_admin("as the environment says") is None
        assert User.objects.get().check_password("as the environment says")

    def test_is_made_once(self, db: None) -> None:
        people.ensure_admin("first")
        assert people.ensure_admin("second") is None
        assert people.ensure_admin() is None
        assert User.objects.get().check_password("first")


class TestAdding:
    """A person without a password, and the link to choose one."""

    @pytest.mark.parametrize("name", ["", "  ", "two words", "a/b", "x" * 151, "ada", "ADA"])
    def test_a_bad_or_taken_name_is_refused(self, admin: User, name: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            people.add(None, name, "view")
        assert caught.value.field == "username"
        assert User.objects.count() == 1

    def test_cannot_sign_in_before_choosing_a_password(self, db: None, client: Client) -> None:
        people.add(None, "new", "view")
        assert not client.login(username="new", password="")

    def test_from_the_page_to_the_first_sign_in(
        self, admin: User, browser_of: Callable[[User], Client], client: Client
    ) -> None:
        added = browser_of(admin).post("/settings/people/add/", {"username": "new", "name": "New", "role": "edit"})
        link = re.search(r"http://testserver(/choose-password/[^<\"&\s]+)", added.content.decode())
        assert link is not None
        assert "no-store" in added["Cache-Control"]
        form = client.get(link[1], follow=True)
        assert link[1] not in form.redirect_chain[-1][0], "the token is not left in the address"
        address = form.redirect_chain[-1][0]
        weak = client.post(address, {"new_password1": "short", "new_password2": "short"})
        assert "too short" in weak.content.decode()
        done = client.post(address, {"new_password1": PASSWORD, "new_password2": PASSWORD})
        assert done["Location"] == "/sign-in/"
        assert "Password saved. Sign in with it." in client.get("/sign-in/").content.decode()
        signed_in = client.post("/sign-in/", {"login": "new", "password": PASSWORD})
        assert signed_in["Location"] == "/"
        new = User.objects.get(username="new")
        assert role_of(new) is Role.EDIT
        assert {event.action for event in AuditEvent.objects.all()} == {
            "added a person",
            "chose a password",
            "signed in",
        }
        again = Client().get(link[1], follow=True)
        assert "Link expired" in again.content.decode()


class TestTheLastAdmin:
    """Someone must be able to manage people."""

    def test_keeps_the_role(self, admin: User) -> None:
        with pytest.raises(people.LastAdmin, match="ada is the last admin"):
            people.set_role(None, admin, "edit")
        assert role_of(User.objects.get()) is Role.ADMIN

    def test_is_not_deactivated(self, admin: User) -> None:
        with pytest.raises(people.LastAdmin):
            people.deactivate(None, admin)
        assert User.objects.get().is_active

    def test_an_admin_who_is_deactivated_does_not_count(self, admin: User) -> None:
        other = person("other", Role.ADMIN)
        people.deactivate(None, other)
        with pytest.raises(people.LastAdmin):
            people.set_role(None, admin, "view")

    def test_one_of_two_may_go(self, admin: User) -> None:
        person("other", Role.ADMIN)
        people.set_role(None, admin, "view")
        assert role_of(User.objects.get(pk=admin.pk)) is Role.VIEW

    @pytest.mark.django_db(transaction=True)
    def test_two_admins_cannot_remove_each_other_at_once(self, transactional_db: None) -> None:
        admins = [person("one", Role.ADMIN), person("two", Role.ADMIN)]
        ready, refused = threading.Barrier(2), []

        def go(user: User) -> None:
            ready.wait(10)
            try:
                people.set_role(None, user, "view")
            except people.LastAdmin as error:
                refused.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=go, args=[user]) for user in admins]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert len(refused) == 1
        assert [role_of(user) for user in User.objects.all()].count(Role.ADMIN) == 1

    def test_page_says_so(self, admin: User, browser_of: Callable[[User], Client]) -> None:
        answer = browser_of(admin).post(f"/settings/people/{admin.pk}/", {"role": "view"})
        assert "ada is the last admin" in answer.content.decode()


@pytest.mark.parametrize("activated", [False, True])
def test_a_password_link_ends_with_a_deactivation(admin: User, viewer: User, activated: bool) -> None:
    """Anyone who has it must not come back by it, not even when the person does."""
    before = people.password_link(viewer)
    assert "Save password" in Client().get(before, follow=True).content.decode()
    people.deactivate(None, viewer)
    if activated:
        people.activate(None, viewer)
    assert "Link expired" in Client().get(before, follow=True).content.decode()
    if activated:
        assert "Save password" in Client().get(people.password_link(viewer), follow=True).content.decode()


def test_a_link_that_is_open_ends_with_a_deactivation(admin: User, viewer: User, client: Client) -> None:
    form = client.get(people.password_link(viewer), follow=True).redirect_chain[-1][0]
    people.deactivate(None, viewer)
    client.post(form, {"new_password1": "another horse entirely", "new_password2": "another horse entirely"})
    viewer.refresh_from_db()
    assert viewer.check_password(PASSWORD)


def test_a_session_does_not_come_back_with_an_activation(
    admin: User, viewer: User, browser_of: Callable[[User], Client]
) -> None:
    theirs, others = browser_of(viewer), browser_of(admin)
    people.deactivate(None, viewer)
    people.activate(None, viewer)
    assert theirs.get("/settings/")["Location"].startswith("/sign-in/")
    assert others.get("/settings/").status_code == 200


def test_shutting_out_ends_sessions_at_once(admin: User, viewer: User, browser_of: Callable[[User], Client]) -> None:
    theirs = browser_of(viewer)
    assert theirs.get("/settings/").status_code == 200
    browser_of(admin).post(f"/settings/people/{viewer.pk}/switch/")
    assert theirs.get("/settings/")["Location"].startswith("/sign-in/")
    assert AuditEvent.objects.get(action="deactivated a person").target == "vi"


def test_a_new_role_holds_at_once(admin: User, viewer: User, browser_of: Callable[[User], Client]) -> None:
    theirs = browser_of(viewer)
    assert theirs.get("/settings/people/").status_code == 403
    browser_of(admin).post(f"/settings/people/{viewer.pk}/", {"role": "admin"})
    assert theirs.get("/settings/people/").status_code == 200


@pytest.mark.parametrize("path", ["people/", "people/add/", "audit/", "channels/", "channels/add/", "deliveries/"])
def test_settings_of_all_are_for_admins(
    viewer: User, editor: User, admin: User, browser_of: Callable[[User], Client], path: str
) -> None:
    assert [browser_of(user).get(f"/settings/{path}").status_code for user in (viewer, editor, admin)] == [
        403,
        403,
        200,
    ]
