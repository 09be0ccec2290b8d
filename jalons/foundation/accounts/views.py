"""Who works here and in which role; one's own profile and language."""

from allauth.account.models import EmailAddress
from allauth.account.views import EmailView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.i18n import set_language

from jalons.core.actions import recorded
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.models import Event
from jalons.core.refusals import refusal_text
from jalons.core.removal import RemovePage
from jalons.core.views import ActionPage, DetailPage, FormPage
from jalons.foundation.accounts import actions, invitation, matrix, queries, tokens
from jalons.foundation.accounts.forms import GrantForm, ProfileForm, ReasonForm, RoleForm, TokenForm
from jalons.foundation.accounts.models import Membership
from jalons.foundation.accounts.rules import ADMINISTRATOR

API = "/api/v1/"


class MembershipList(ListPage):
    model = Membership
    columns = ("user", "role", "programme", "limits", "account")
    filters = ("programme", "role", "region")
    search = ("user__name", "user__email")
    ordering = "user"

    def get_queryset(self):
        return super().get_queryset().select_related("region", "organisation")


class MembershipDetail(DetailPage):
    model = Membership
    fields = ("user", "email", "account", "role", "programme", "limits")

    def get_context_data(self, **extra):
        account = {
            Membership.Account.OPEN: ("close", gettext_lazy("Fermer le compte")),
            Membership.Account.CLOSED: ("reopen", gettext_lazy("Rouvrir le compte")),
            Membership.Account.INVITED: ("invite", gettext_lazy("Renvoyer le lien")),
        }
        self.actions = (account[self.object.account_state], ("remove", gettext_lazy("Retirer le rôle")))
        return super().get_context_data(**extra)

    def _default_title(self):
        return str(self.object.user)


class MembershipAdd(FormPage):
    model = Membership
    form_class = GrantForm
    level = Level.DECIDE
    title = gettext_lazy("Donner un rôle")

    def get_form(self, form_class=None):
        return without_administration(super().get_form(form_class), self.request.user)

    def save(self, form):
        membership = actions.grant_role(membership=form.instance, by=self.request.user)
        invitation.send(self.request, membership)
        return membership


class MembershipEdit(FormPage):
    model = Membership
    form_class = RoleForm
    level = Level.DECIDE
    title = gettext_lazy("Changer de rôle")

    def get_form(self, form_class=None):
        return without_administration(super().get_form(form_class), self.request.user)

    def save(self, form):
        why = form.cleaned_data["why"]
        return actions.change_role(membership=form.instance, by=self.request.user, why=why)


class MembershipRemove(RemovePage):
    model = Membership
    action = actions.remove_role
    form_class = ReasonForm
    title = gettext_lazy("Retirer le rôle")
    done = gettext_lazy("Rôle retiré.")

    def arguments(self, form):
        return {"membership": self.object, **form.cleaned_data}


class MembershipInvite(ActionPage):
    model = Membership
    action = actions.invite
    title = gettext_lazy("Renvoyer le lien")
    submit = gettext_lazy("Envoyer")

    def get_success_url(self, target):
        invitation.send(self.request, target)
        return super().get_success_url(target)


class MembershipClose(ActionPage):
    model = Membership
    action = actions.close_account
    form_class = ReasonForm
    title = submit = gettext_lazy("Fermer le compte")
    done = gettext_lazy("Compte fermé : la personne est déconnectée et ne peut plus entrer.")
    danger = True


class MembershipReopen(ActionPage):
    model = Membership
    action = actions.reopen_account
    title = submit = gettext_lazy("Rouvrir le compte")
    done = gettext_lazy("Compte rouvert.")


class EventList(ListPage):
    """Who did what, on what, when and why: of the programmes whose people one may see."""

    model = Event
    app = "accounts"
    columns = ("at", "by", "act", "subject", "why")
    filters = ("by", queries.by_act, queries.by_kind, queries.by_programme, "at")
    search = ("by__name", "by__email", "why")
    title = gettext_lazy("Journal des actes")

    def get_context_data(self, *, order, slice, **extra):
        queries.name_subjects(slice.rows, self.request.user)
        return super().get_context_data(order=order, slice=slice, **extra)

    def row_url(self, row):
        return row.url


def without_administration(form, user):
    """Only the administration makes administrators, who have no programme: others are not even offered it."""
    if all(held.role != ADMINISTRATOR for held in user.held):
        if "programme" in form.fields:
            form.fields["programme"].required = True
            form.fields["programme"].help_text = ""
        choices = form.fields["role"].choices
        form.fields["role"].choices = [(role, label) for role, label in choices if role != ADMINISTRATOR]
    return form


@require_safe
def roles(request: HttpRequest) -> HttpResponse:
    """The permission matrix, shown to whoever is signed in."""
    crumbs = [(_("Personnes et rôles"), reverse("accounts:membership-list") if request.user.may("accounts") else None)]
    context = {"title": _("Rôles et droits"), "heads": matrix.heads(), "rows": matrix.rows(), "crumbs": crumbs}
    return render(request, "accounts/roles.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name, language, roles and security."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if form.is_valid():
        with recorded("user.edited", request.user) as leave:
            leave(form.save())
        with override(form.instance.language):
            messages.success(request, _("Profil enregistré."))
        return redirect("accounts:profile")
    held = request.user.memberships.select_related("programme", "region", "organisation")
    context = {"title": _("Mon profil"), "form": form, "memberships": held, "tokens": request.user.tokens.all(),
               "tells": request.user.may("submissions", Level.DECIDE)}  # fmt: skip
    return render(request, "accounts/profile.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def token_add(request: HttpRequest) -> HttpResponse:
    """A token for a program of one's own; the page that answers shows it, this once."""
    form = TokenForm(request.POST or None, by=request.user)
    crumbs = [(_("Mon profil"), reverse("accounts:profile"))]
    context = {"title": _("Ouvrir un jeton d’accès"), "form": form, "crumbs": crumbs, "submit": _("Ouvrir")}
    if form.is_valid():
        try:
            token = tokens.open_token(by=request.user, **form.cleaned_data)
        except Refused as refusal:
            form.add_error(refusal.field, refusal_text(refusal))
        else:
            shown = context | {"title": _("À copier maintenant"), "token": token}
            response = render(request, "accounts/token_given.html", shown | {"api": request.build_absolute_uri(API)})
            response["Cache-Control"] = "no-store"
            return response
    return render(request, "core/form.html", context)


@require_POST
def token_close(request: HttpRequest, pk: int) -> HttpResponse:
    """One's own token opens nothing any more."""
    tokens.close_token(token=get_object_or_404(request.user.tokens, pk=pk), by=request.user)
    messages.success(request, _("Jeton fermé : il n’ouvre plus rien."))
    return redirect("accounts:profile")


def change_address(request: HttpRequest) -> HttpResponse:
    """Ask for another address; it replaces the present one when the link sent there is opened.

    The library removes an address that it has not seen confirmed: the present one, given by whoever opened the
    account, counts as such.
    """
    present = {"user": request.user, "email": request.user.email}
    EmailAddress.objects.update_or_create(**present, defaults={"verified": True, "primary": True})
    return EmailView.as_view()(request)


@login_not_required
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Read in another language from now on: kept in the profile, else in a cookie."""
    language = request.POST.get("language")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        request.user.language = language
        with recorded("user.edited", request.user) as leave:
            request.user.save(update_fields=["language", "updated_at"])
            leave(request.user)
    return set_language(request)
