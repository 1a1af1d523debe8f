"""Pages on which admins manage people."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apis.access import people as verbs
from apis.access.forms import ChoosePasswordForm, PersonForm, RoleForm
from apis.access.models import AuditEvent
from apis.access.page_request import PageRequest, text_of
from apis.access.roles import needs, role_of
from apis.errors import AppError

PER_PAGE = 50


@needs("admin")
def people(request: PageRequest) -> HttpResponse:
    """Show everyone, the active first."""
    search = text_of(request.GET, "search").strip()
    rows = User.objects.prefetch_related("groups").order_by("-is_active", "username")
    if search:
        rows = rows.filter(Q(username__icontains=search) | Q(first_name__icontains=search))
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "access/people.html", {"page": page, "search": search})


@needs("admin")
@never_cache
def person_add(request: PageRequest) -> HttpResponse:
    """Add someone; the answer shows the link at which they choose their password."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            person = verbs.add(request.user, **form.cleaned_data)
        except AppError as error:
            form.add_error(error.field or None, str(error))
        else:
            return _link_page(request, person, verbs.password_link(person), new=True)
    return render(request, "access/person_add.html", {"form": form})


@needs("admin")
def person(request: PageRequest, pk: int) -> HttpResponse:
    """Show one person: their role, sign-in and recent activity."""
    user = get_object_or_404(User, pk=pk)
    role = role_of(user)
    form = RoleForm(request.POST or None, initial={"role": role})
    if request.method == "POST" and form.is_valid():
        try:
            verbs.set_role(request.user, user, form.cleaned_data["role"])
        except AppError as error:
            form.add_error("role", str(error))
        else:
            messages.success(request, f"{user.username} is {_with_article(user)} now.")
            return redirect("person", user.pk)
    recent = AuditEvent.objects.filter(actor=user)[:10]
    return render(request, "access/person.html", {"person": user, "form": form, "recent": recent})


@require_POST
@needs("admin")
@never_cache
def person_link(request: PageRequest, pk: int) -> HttpResponse:
    """Make a link at which a person chooses a new password, and show it once."""
    user = get_object_or_404(User, pk=pk, is_active=True)
    path = verbs.new_password_link(request.user, user)
    return _link_page(request, user, path, new=False)


@require_POST
@needs("admin")
def person_switch(request: PageRequest, pk: int) -> HttpResponse:
    """Shut a person out, or allow them again."""
    user = get_object_or_404(User, pk=pk)
    if request.POST.get("on") == "1":
        verbs.activate(request.user, user)
        messages.success(request, f"{user.username} can sign in again.")
        return redirect("person", user.pk)
    verbs.deactivate(request.user, user)
    messages.success(request, f"{user.username} can no longer sign in; their API tokens are revoked.")
    return redirect("person", user.pk)


def _link_page(request: PageRequest, user: User, path: str, new: bool) -> HttpResponse:
    link = request.build_absolute_uri(path)
    return render(request, "access/person_link.html", {"person": user, "link": link, "new": new})


def _with_article(user: User) -> str:
    role = role_of(user)
    word = role.label.lower() if role else "nobody"
    return f"an {word}" if word[0] in "ae" else f"a {word}"


class ChoosePassword(PasswordResetConfirmView):
    """The page that a password link opens. The sign-in page that follows says that it worked."""

    form_class = ChoosePasswordForm
    token_generator = verbs.link_tokens
    template_name = "access/choose_password.html"
    success_url = reverse_lazy("account_login")

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        """Store the password."""
        messages.success(self.request, "Password saved. Sign in with it.")
        return super().form_valid(form)
