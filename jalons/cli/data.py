"""Commands that bring data in and out: people, programmes, forms, submissions."""

from collections.abc import Iterable, Mapping
from typing import Annotated

import typer
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from rich.markup import escape

from jalons.cli.french import App
from jalons.cli.reading import By, Code, File, InProgramme, Source, Target, console, one, person, progress, write
from jalons.cli.reading import programme as named
from jalons.collection.forms.actions import import_form
from jalons.collection.forms.models import Form
from jalons.collection.forms.rules.faults import FormRefused
from jalons.collection.forms.views import display
from jalons.collection.submissions.actions import open_batch, receive, receive_instances
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.evidence.measurement.entry import typed_periods
from jalons.foundation.accounts.actions import add_administrator, grant_role
from jalons.foundation.accounts.models import Membership, User
from jalons.foundation.accounts.roles import NEEDS_ORGANISATION, NEEDS_REGION, ROLES
from jalons.foundation.partners.models import Organisation
from jalons.foundation.programmes.models import Programme
from jalons.foundation.territories.models import Territory
from jalons.reporting.exchange import telling
from jalons.reporting.exchange.actions import check_workbook, import_workbook
from jalons.reporting.exchange.snapshot import snapshot
from jalons.reporting.exchange.values import check_values, import_values, template
from jalons.reporting.exchange.workbook.records import Plan
from jalons.reporting.exchange.workbook.writer import write_workbook

users = App(help="Les personnes.")
programmes = App(help="Les programmes et leur classeur.")
forms = App(help="Les formulaires (XLSForm).")
submissions = App(help="Les soumissions.")
values = App(help="Les valeurs saisies dans Excel.")
KNOWN = (
    "%(email)s a déjà un compte ; rien n’a été changé. Pour lui donner un rôle, ouvrez la page "
    "« Personnes et rôles ». Pour remplacer son mot de passe : jalons user password %(email)s"
)
TRIED = "Rien n’a été changé. Ajouts : %(added)s ; modifications : %(changed)s ; suppressions : %(removed)s."
ROLE = "Code du rôle ; « administrator » pour installer. Au choix : " + ", ".join(ROLES)
NARROWED = {
    "region": "Nécessaire à : " + ", ".join(sorted(NEEDS_REGION)),
    "organisation": "Nécessaire à : " + ", ".join(sorted(NEEDS_ORGANISATION)),
}
Email = Annotated[str, typer.Argument(metavar="ADRESSE", help="Adresse de la personne.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Montre sans rien changer.")]
Name = Annotated[str, typer.Option(help="Nom de la personne.")]


def _ask() -> str:
    first = typer.prompt("Mot de passe", hide_input=True)
    if typer.prompt("Le même encore une fois", hide_input=True) != first:
        raise Refused("Les deux mots de passe diffèrent. Rien n’a été changé : recommencez.")
    return first


Password = Annotated[
    str,
    typer.Option(default_factory=_ask, show_default=False, help="Mot de passe ; sans cette option, il est demandé."),
]


@users.command("add")
def add_user(  # noqa: PLR0913 — one option each
    email: Email, name: Name, password: Password,
    role: Annotated[str, typer.Option(help=ROLE)] = "administrator",
    programme: Annotated[str, typer.Option(help="Code du programme, sauf pour l’administration.")] = "",
    region: Annotated[str, typer.Option(help="Code HCP de la région, par exemple 04. " + NARROWED["region"])] = "",
    organisation: Annotated[
        str, typer.Option(help="Nom de l’organisation, comme dans Partenaires. " + NARROWED["organisation"])
    ] = "",
) -> None:  # fmt: skip
    """Ouvre un compte avec un rôle. La première personne est l’administration de l’installation."""
    if role not in ROLES:
        raise Refused("Rôle inconnu. Au choix : %(roles)s.", roles=", ".join(ROLES))
    if User.objects.filter(email=email.lower()).exists():
        raise Refused(KNOWN, email=email.lower())
    _check_password(password, User(email=email.lower(), name=name))
    if role == "administrator":
        add_administrator(email, name)
    else:
        administrator, user = _administrator(), User(email=email, name=name)
        limits = {
            "region": one(Territory.objects.filter(level="region"), "Aucune région", code=region) if region else None,
            "organisation": one(Organisation.objects.all(), "Aucune organisation", name=organisation)
            if organisation else None,
        }  # fmt: skip
        _check_limits(role, region=region, organisation=organisation)
        held = Membership(user=user, role=role, programme=named(programme, administrator), **limits)
        grant_role(membership=held, by=administrator)
    _set_password(User.objects.get(email=email.lower()), password)
    console.print(f"{email.lower()} peut se connecter ({role}).")


@users.command("password")
def replace_password(email: Email, password: Password) -> None:
    """Remplace le mot de passe d’un compte : l’ancien ne sert plus, ses appareils connectés sont déconnectés."""
    user = person(email)
    _check_password(password, user)
    _set_password(user, password)
    console.print(f"{user.email} entre désormais avec ce mot de passe.")


def _check_limits(role: str, **given: str) -> None:
    for name, needing in (("region", NEEDS_REGION), ("organisation", NEEDS_ORGANISATION)):
        if role in needing and not given[name]:
            raise Refused("Le rôle « %(role)s » se limite à une partie du programme. Ajoutez --%(name)s.",
                          role=role, name=name)  # fmt: skip


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from None


def _set_password(user: User, password: str) -> None:
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])


def _administrator() -> User:
    held = Membership.objects.filter(role="administrator", user__is_active=True).select_related("user").first()
    if held is None:
        raise Refused("Créez d’abord l’administration : jalons user add ADRESSE --name NOM.")
    return held.user


@programmes.command("import")
def import_programme(file: File, by: By, dry_run: DryRun = False) -> None:
    """Importe un classeur de programme : cadre logique, indicateurs, cibles, formules, correspondances."""
    user, content = person(by), file.read_bytes()
    if _is_to_do(check_workbook(content=content, by=user), dry_run):
        console.print(telling.done(import_workbook(content=content, by=user, name=file.name)))


@values.command("import")
def bring_values(file: File, programme: InProgramme, by: By, dry_run: DryRun = False) -> None:
    """Importe un classeur de valeurs saisies ; elles arrivent en brouillon, à votre nom."""
    user, content = person(by), file.read_bytes()
    target = _typed_by(user, programme)
    if _is_to_do(check_values(content=content, programme=target, by=user), dry_run):
        console.print(telling.done(import_values(content=content, programme=target, by=user)))


@values.command("export")
def take_values(
    code: Code, period: Annotated[str, typer.Argument(metavar="PÉRIODE", help="Code de la période.")], file: Target,
    by: By,
) -> None:  # fmt: skip
    """Écrit le classeur des valeurs à saisir pour une période ; réimporté tel quel, il ne change rien."""
    user = person(by)
    programme = _typed_by(user, code)
    span = one(typed_periods(programme), "Aucune période à saisir", code=period)
    write(file, template(programme, span, user))
    console.print(f"Classeur écrit : {file}")


def _typed_by(user: User, code: str) -> Programme:
    programme = named(code, user)
    if not programme.is_open_to(user, Level.EDIT, app="measurement"):
        raise PermissionDenied("values")
    return programme


def _is_to_do(plan: Plan, dry_run: bool) -> bool:
    """Tell what a workbook would change; whether to do it."""
    _tell_plan(plan)
    if plan.faults:
        raise Refused("Points à corriger : %(count)s. Rien n’a été changé.", count=len(plan.faults))
    if not plan.changes:
        console.print("Rien à changer : le programme dit déjà ce que dit ce classeur.")
    elif dry_run:
        console.print(TRIED % telling.tally(plan))
    return bool(plan.changes) and not dry_run


def _tell_plan(plan: Plan) -> None:
    """What a workbook would change, and what stops it."""
    for fault in plan.faults:
        console.print(f"[red]{telling.place(fault)}[/] : {escape(telling.sentence(fault))}")
    for note in plan.notes:
        console.print(f"[yellow]À savoir[/] : {escape(telling.remark(note))}")
    for change in plan.changes:
        told = telling.row(change)
        console.print(f"[dim]{change.sheet}[/] {told['told']} : {escape(told['label'])}")


@programmes.command("export")
def export_programme(code: Code, file: Target, by: By) -> None:
    """Écrit le classeur d’un programme ; réimporté tel quel, il ne change rien."""
    user = person(by)
    target = named(code, user)
    if not target.is_open_to(user, Level.VIEW, app="exchange"):
        raise PermissionDenied("programme export")
    write(file, write_workbook(snapshot(target)))
    console.print(f"Classeur écrit : {file}")


@forms.command("import")
def bring_form(file: File, programme: InProgramme, by: By) -> None:
    """Importe un XLSForm : un nouveau formulaire, ou une nouvelle version du sien."""
    user = person(by)
    try:
        version = import_form(programme=named(programme, user), data=file.read_bytes(), file_name=file.name, by=user)
    except FormRefused as refused:
        _tell_faults(display.fault(fault) for fault in refused.faults)
        raise Refused("Ce classeur n’est pas un XLSForm lisible : rien n’a été importé.") from None
    count = version.questions.count()
    console.print(f"{version.form.code}, version {version.number}. Questions : {count}.")
    _tell_faults(display.remarks(version.warnings)["wrong"])


def _tell_faults(faults: Iterable[Mapping[str, str]]) -> None:
    """Where each fault of a workbook is, what it is, what to do."""
    for fault in faults:
        console.print(f"[red]{fault['place']}[/] : {escape(fault['message'])} {escape(fault['remedy'])}")


@submissions.command("import")
def bring_submissions(
    path: Source, form: Annotated[str, typer.Option(help="Identifiant du formulaire (form_id).")],
    programme: InProgramme, by: By,
) -> None:  # fmt: skip
    """Importe des soumissions : un export Excel ou CSV, un fichier XML, un ZIP ou un dossier d’instances XML."""
    user = person(by)
    target = one(Form.objects.filter(programme=named(programme, user)), "Aucun formulaire", code=form)
    if path.is_dir():
        batch = receive_instances(form=target, folder=path, by=user)
    else:
        with path.open("rb") as file, progress("Soumissions") as advance:
            batch = open_batch(form=target, file=file, name=path.name, by=user)
            batch = receive(batch=batch, by=user, progress=advance)
    report = batch.report
    console.print(
        f"Reçues : {report['received']} ; nouvelles versions : {report['updated']} ; inchangées : "
        f"{report['unchanged']} ; signalées : {report['flagged']} ; réponses illisibles : {report['unread']} ; "
        f"lignes refusées : {report['refused']}."
    )
    for group in report["left"][:20]:
        said = f"{group['path']} : {group['count']} non lues ({group['reason']}) ; par exemple {group['place']}"
        console.print(escape(said))
    for clash in report["rows_twice"][:20]:
        console.print(escape(f"{clash['first']} et {clash['last']} : même identifiant, réponses différentes."))
