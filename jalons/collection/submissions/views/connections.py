"""Other servers: connected, their projects tied, what differs between them and us explained row by row."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from jalons.collection.forms.models import Form
from jalons.collection.submissions import actions
from jalons.collection.submissions.actions.connections import reviews_to_follow
from jalons.collection.submissions.actions.pulling import open_server
from jalons.collection.submissions.differences import compare
from jalons.collection.submissions.forms import (
    ConnectionForm,
    DeployForm,
    ProjectForm,
    RenewForm,
    SettleForm,
)
from jalons.collection.submissions.models import Connection, Counterpart, Tie
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.core.list_page import ListPage
from jalons.core.models import Job
from jalons.core.refusals import refusal_text
from jalons.core.views import ActionPage, DetailPage, FormPage


class ConnectionList(ListPage):
    model = Connection
    level = Level.DECIDE
    columns = ("name", "protocol", "state", "health", "pulled_at", "address")
    filters = ("programme", "protocol", "state")
    search = ("name", "address")
    ordering = "name"
    title = _("Kobo et ODK Central")
    empty_text = _(
        "Aucun serveur n’est relié. Pour Kobo, préparez le jeton de « Paramètres du compte › Sécurité » ; pour ODK "
        "Central, un compte et son mot de passe. Vous choisirez ensuite les projets : leurs fiches arrivent seules."
    )


class ConnectionAdd(ActionPage):
    """The access is tried before anything of it is kept."""

    model = Connection
    action = actions.open_connection
    form_class = ConnectionForm
    title = _("Relier un serveur Kobo ou ODK Central")
    submit = _("Essayer, puis relier")
    done = _("L’accès marche : le serveur est relié. Choisissez ses projets.")

    def arguments(self, form: Any) -> dict[str, Any]:
        said = form.cleaned_data
        access = actions.Access(said["protocol"], said["address"], said["account"], said["secret"])
        actions.check_access(access)
        return {"programme": said["programme"], "name": said["name"], "every": said["every"], "access": access}

    def get_success_url(self, target: Connection) -> str:
        return reverse("submissions:connection-projects", args=[target.pk])


class ConnectionDetail(DetailPage):
    model = Connection
    level = Level.DECIDE
    fields = ("programme", "protocol", "address", "account", "by", "state", "every", "pulled_at", "next_at")
    sections = (("ties", ("title", "form", "counted", "health", "state", "pulled_at")),)

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        is_open = self.object.state == Connection.State.OPEN
        self.actions = (("deploy", _("Déployer un formulaire d’ici")), ("renew", _("Redonner l’accès")),
                        ("close", _("Fermer"))) if is_open else (("renew", _("Redonner l’accès")),)  # fmt: skip
        return super().get_context_data(is_open=is_open, **extra)


class ConnectionEdit(FormPage):
    """The address stays: another server is another connection."""

    model = Connection
    level = Level.DECIDE
    fields = ("name", "every")


class ConnectionRenew(ActionPage):
    model = Connection
    action = actions.renew_connection
    form_class = RenewForm
    title = _("Redonner l’accès")
    submit = _("Essayer, puis garder")
    done = _("L’accès marche. Les relevés reprennent où ils en étaient.")

    def get_initial(self) -> dict[str, Any]:
        return {**super().get_initial(), "account": self.object.account}

    def arguments(self, form: Any) -> dict[str, Any]:
        there = self.object
        access = actions.Access(
            there.protocol, there.address, form.cleaned_data["account"], form.cleaned_data["secret"]
        )
        actions.check_access(access)
        return super().arguments(form)


class ConnectionClose(ActionPage):
    model = Connection
    action = actions.close_connection
    title = submit = _("Fermer cette connexion")
    danger = True
    done = _("Connexion fermée : l’accès est oublié, plus rien n’est relevé. Ce qui est venu reste.")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        lead = _(
            "L’accès est oublié et plus rien n’est relevé ni dit là-bas. Ce qui est venu reste. Redonner l’accès la "
            "rouvre."
        )
        return super().get_context_data(**{"lead": lead, **extra})


class ConnectionDeploy(ActionPage):
    model = Connection
    action = actions.request_deployment
    form_class = DeployForm
    title = _("Déployer un formulaire d’ici")
    submit = _("Déployer")
    done = _("Le déploiement est lancé : la page « Tâches » dit où il en est.")

    def get_form(self, form_class: Any = None) -> Any:
        form = super().get_form(form_class)
        form.fields["form"].queryset = forms_of(self.object)
        if self.object.protocol == Connection.Protocol.KOBO:
            del form.fields["project"]
        return form


def forms_of(connection: Connection) -> Any:
    """The forms that its projects may be tied to."""
    return Form.objects.filter(programme=connection.programme, versions__isnull=False).distinct().order_by("code")


@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """Try the access now, and say what comes of it."""
    connection = _connection(request, pk)
    try:
        server = open_server(connection, waits=True)
        try:
            server.test()
        finally:
            server.close()
        messages.success(request, _("L’accès marche."))
    except Refused as refusal:
        messages.error(request, refusal_text(refusal))
    return redirect("submissions:connection-detail", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def projects(request: HttpRequest, pk: int) -> HttpResponse:
    """The projects of a server; each may be tied to a form of ours, or bring its own."""
    connection = _connection(request, pk)
    form = ProjectForm(request.POST or None, forms=forms_of(connection))
    if form.is_valid():
        try:
            tie = actions.tie_project(connection=connection, by=request.user, **form.cleaned_data)
            actions.request_pull(tie=tie, by=request.user)
            messages.success(request, _("Projet relié : son premier relevé est lancé."))
            return redirect("submissions:tie-detail", pk=tie.pk)
        except Refused as refusal:
            form.add_error(None, refusal_text(refusal))
    found, refusal = _offered(connection)
    context = {
        "object": connection, "title": _("Choisir un projet"), "lead": connection.name, "projects": found, "form": form,
        "refusal": refusal, "crumbs": _crumbs(connection),
        "forms": forms_of(connection),
    }  # fmt: skip
    return render(request, "submissions/connection_projects.html", context, status=422 if form.errors else 200)


def _offered(connection: Connection) -> tuple[list[dict[str, Any]], str]:
    tied = {tie.remote_id: tie for tie in connection.ties.filter(state=Tie.State.OPEN).select_related("form")}
    try:
        server = open_server(connection, waits=True)
        try:
            return [{"there": one, "tie": tied.get(one.remote_id)} for one in server.projects()], ""
        finally:
            server.close()
    except Refused as refusal:
        return [], refusal_text(refusal)


def _connection(request: HttpRequest, pk: int) -> Connection:
    return get_object_or_404(Connection.objects.for_user(request.user, Level.DECIDE), pk=pk)


def _crumbs(connection: Connection) -> list[tuple[str, str]]:
    return [(_("Kobo et ODK Central"), reverse("submissions:connection-list")),
            (connection.name, reverse("submissions:connection-detail", args=[connection.pk]))]  # fmt: skip


check.level = projects.level = Level.DECIDE


# One project


class TieDetail(DetailPage):
    """What the project has, what we have, and each row that differs."""

    model = Tie
    level = Level.DECIDE
    parent = "connection"
    fields = ("connection", "form", "state", "pulled_at", "swept_at")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        tie = self.object
        is_open = tie.state == Tie.State.OPEN and tie.connection.state == Connection.State.OPEN
        self.actions = (("follow", _("Suivre les avis de là-bas")), ("refresh", _("Reprendre le formulaire de là-bas")),
                        ("untie", _("Détacher"))) if is_open else ()  # fmt: skip
        comparison = compare(tie, self.request.user) if tie.pulled_at else None
        return super().get_context_data(is_open=is_open, comparison=comparison, job=_job(tie), **extra)


def _job(tie: Tie) -> Job | None:
    """The pull that someone asked for, while it runs; or that failed, unless the project itself says why, or another
    one went well since."""
    job = tie.job
    is_past = (
        job and job.finished_at
        and (tie.problem or job.state == Job.State.DONE or (tie.pulled_at or job.created_at) > job.finished_at)
    )  # fmt: skip
    return None if is_past else job


class TieFollow(ActionPage):
    model = Tie
    action = actions.follow_reviews
    parent = "connection"
    title = _("Suivre les avis de là-bas")
    submit = _("Décider comme là-bas")
    done = _("C’est décidé : les fiches approuvées là-bas sont validées, les refusées sont rejetées.")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        found = reviews_to_follow(self.object, self.request.user)
        lead = _(
            "Approuvées là-bas, à valider ici : %(approved)s. Refusées là-bas, à rejeter ici : %(rejected)s. Votre "
            "propre travail attend une autre personne."
        ) % {review: len(keys) for review, keys in found.items()}
        return super().get_context_data(**{"lead": lead, **extra})


class TieRefresh(ActionPage):
    model = Tie
    action = actions.take_version
    parent = "connection"
    title = _("Reprendre le formulaire de là-bas")
    submit = _("Reprendre")
    done = _("Le formulaire est à jour.")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        lead = _(
            "S’il a changé là-bas, il devient une nouvelle version de « %(form)s ». Les fiches déjà ici ne changent "
            "pas."
        ) % {"form": f"\u2068{self.object.form}\u2069"}
        return super().get_context_data(**{"lead": lead, **extra})


class TieUntie(ActionPage):
    model = Tie
    action = actions.untie
    parent = "connection"
    title = submit = _("Détacher ce projet")
    danger = True
    done = _("Projet détaché : plus rien n’en est relevé. Ce qui est venu reste.")

    def get_context_data(self, **extra: Any) -> dict[str, Any]:
        lead = _("Plus rien n’en est relevé ni dit là-bas. Ce qui est venu reste. Le relier de nouveau le reprend.")
        return super().get_context_data(**{"lead": lead, **extra})


@require_POST
def pull(request: HttpRequest, pk: int) -> HttpResponse:
    """Pull a project now."""
    tie = get_object_or_404(Tie.objects.for_user(request.user, Level.DECIDE), pk=pk)
    actions.request_pull(tie=tie, by=request.user)
    return redirect("submissions:tie-detail", pk=pk)


pull.level = Level.DECIDE


class CounterpartSettle(ActionPage):
    model = Counterpart
    action = actions.settle_deletion
    form_class = SettleForm
    parent = "tie"
    title = _("Décider d’une fiche supprimée là-bas")
    submit = _("Décider")
    done = _("C’est décidé, et gardé avec son motif.")
