"""Commands that bring data in and out: people, programmes, forms, submissions."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated

import typer
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from rich.markup import escape

from jalons.cli.reading import By, File, InProgramme, console, one, person, progress
from jalons.cli.reading import programme as named
from jalons.collection.forms.actions import import_form
from jalons.collection.forms.models import Form
from jalons.collection.forms.rules.faults import FormRefused
from jalons.collection.forms.views import display
from jalons.collection.submissions.actions import open_batch, receive, receive_instances
from jalons.core.errors import Refused
from jalons.core.levels import Level
from jalons.foundation.accounts.actions import add_administrator, grant_role
from jalons.foundation.accounts.models import Membership, User
from jalons.foundation.accounts.roles import ROLES
from jalons.foundation.territories.models import Territory
from jalons.reporting.exchange.actions import check_workbook, import_workbook
from jalons.reporting.exchange.snapshot import snapshot
from jalons.reporting.exchange.workbook.records import Plan
from jalons.reporting.exchange.workbook.writer import write_workbook

users = typer.Typer(help="Les personnes.", no_args_is_help=True)
programmes = typer.Typer(help="Les programmes et leur classeur.", no_args_is_help=True)
forms = typer.Typer(help="Les formulaires (XLSForm).", no_args_is_help=True)
submissions = typer.Typer(help="Les soumissions.", no_args_is_help=True)
KINDS = {"added": "ajout", "changed": "modification", "removed": "suppression"}
KNOWN = (
    "%(email)s a déjà un compte ; rien n’a été changé. Pour lui donner un rôle, ouvrez la page "
    "« Personnes et rôles ». Pour remplacer son mot de passe : jalons user password %(email)s"
)
Name = Annotated[str, typer.Option(help="Nom de la personne.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, help="Mot de passe.")]


@users.command("add")
def add_user(
    email: str, name: Name, password: Password,
    role: Annotated[str, typer.Option(help="Rôle ; « administrator » pour installer.")] = "administrator",
    programme: Annotated[str, typer.Option(help="Code du programme, sauf pour l’administration.")] = "",
    region: Annotated[str, typer.Option(help="Code HCP de la région, pour les rôles qui en ont une.")] = "",
) -> None:  # fmt: skip
    """Ouvre un compte avec un rôle. La première personne est l’administration de l’installation."""
    if role not in ROLES:
        raise Refused("Rôle inconnu. Au choix : %(roles)s.", roles=", ".join(ROLES))
    if User.objects.filter(email=email.lower()).exists():
        raise Refused(KNOWN, email=email.lower())
    _check_password(password, User(email=email.lower(), name=name))
    administrator = add_administrator(email, name) if role == "administrator" else _administrator()
    if role != "administrator":
        place = one(Territory.objects.filter(level="region"), "région", code=region) if region else None
        target = named(programme, administrator)
        user = User(email=email, name=name)
        grant_role(membership=Membership(user=user, role=role, programme=target, region=place), by=administrator)
    _set_password(User.objects.get(email=email.lower()), password)
    console.print(f"{email.lower()} peut se connecter ({role}).")


@users.command("password")
def replace_password(email: str, password: Password) -> None:
    """Remplace le mot de passe d’un compte : l’ancien ne sert plus, ses appareils connectés sont déconnectés."""
    user = one(User.objects.all(), "personne", email=email.lower())
    _check_password(password, user)
    _set_password(user, password)
    console.print(f"{user.email} entre désormais avec ce mot de passe.")


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
def import_programme(
    file: File, by: By, dry_run: Annotated[bool, typer.Option("--dry-run", help="Montre sans rien changer.")] = False
) -> None:
    """Importe un classeur de programme : cadre logique, indicateurs, cibles, formules, correspondances."""
    user, content = person(by), file.read_bytes()
    plan = check_workbook(content=content, by=user)
    _tell_plan(plan)
    if plan.faults:
        raise Refused("Points à corriger : %(count)s. Rien n’a été changé.", count=len(plan.faults))
    if not dry_run:
        import_workbook(content=content, by=user, name=file.name)
        console.print(f"{len(plan.changes)} changements faits.")


def _tell_plan(plan: Plan) -> None:
    """What a programme workbook would change, and what stops it."""
    for fault in plan.faults:
        console.print(f"[red]{fault.sheet} {fault.cell}[/] {escape(fault.text)}")
    for note in plan.notes:
        console.print(f"[yellow]{note.sheet}[/] {escape(note.message % note.values)}")
    for change in plan.changes:
        key = " · ".join(str(part) for part in change.key if part)
        console.print(f"[dim]{change.sheet}[/] {KINDS[change.kind]} : {escape(key)}")


@programmes.command("export")
def export_programme(code: str, file: Path, by: By) -> None:
    """Écrit le classeur d’un programme ; réimporté tel quel, il ne change rien."""
    user = person(by)
    target = named(code, user)
    if not target.is_open_to(user, Level.VIEW, app="exchange"):
        raise PermissionDenied("programme export")
    file.write_bytes(write_workbook(snapshot(target)))
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
    console.print(f"{version.form.code}, version {version.number} : {count} questions.")
    _tell_faults(display.remarks(version.warnings)["wrong"])


def _tell_faults(faults: Iterable[Mapping[str, str]]) -> None:
    """Where each fault of a workbook is, what it is, what to do."""
    for fault in faults:
        console.print(f"[red]{fault['place']}[/] : {escape(fault['message'])} {escape(fault['remedy'])}")


@submissions.command("import")
def bring_submissions(
    path: File, form: Annotated[str, typer.Option(help="Identifiant du formulaire (form_id).")],
    programme: InProgramme, by: By,
) -> None:  # fmt: skip
    """Importe des soumissions : un export Excel ou CSV, un fichier XML, un ZIP ou un dossier d’instances XML."""
    user = person(by)
    target = one(Form.objects.filter(programme=named(programme, user)), "formulaire", code=form)
    if path.is_dir():
        batch = receive_instances(form=target, folder=path, by=user)
    else:
        with path.open("rb") as file, progress("Soumissions") as advance:
            batch = open_batch(form=target, file=file, name=path.name, by=user)
            batch = receive(batch=batch, by=user, progress=advance)
    report = batch.report
    console.print(
        f"{report['received']} reçues, {report['updated']} nouvelles versions, {report['unchanged']} inchangées, "
        f"{report['flagged']} signalées, {report['unread']} réponses illisibles, {report['refused']} lignes refusées."
    )
    for group in report["left"][:20]:
        said = f"{group['path']} : {group['count']} non lues ({group['reason']}) ; par exemple {group['place']}"
        console.print(escape(said))
    for clash in report["rows_twice"][:20]:
        console.print(escape(f"{clash['first']} et {clash['last']} : même identifiant, réponses différentes."))
