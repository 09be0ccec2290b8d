"""Who may give which role, and what must remain."""

from jalons.core.errors import Refused, _

ADMINISTRATOR = "administrator"


def check_giver(role: str, giver_roles: set[str]) -> None:
    """Refuse that anyone but the administration makes administrators.

    Source: mission, one project manager per programme; docs/decisions/0004-one-matrix.md.
    """
    if role == ADMINISTRATOR and ADMINISTRATOR not in giver_roles:
        raise Refused(_("Seule l’administration de l’installation nomme une administratrice ou un administrateur."),
                      field="role")  # fmt: skip


def check_one_administrator_remains(role: str, administrators: int) -> None:
    """Refuse that the last administrator goes: no one could add programmes or operators any more.

    Source: docs/decisions/0004-one-matrix.md.
    """
    if role == ADMINISTRATOR and administrators <= 1:
        raise Refused(_("Nommez d’abord une autre personne à l’administration : celle-ci est la dernière."))


def check_whole_person(roles_elsewhere: int) -> None:
    """Refuse that a programme shuts out someone who also works for another.

    Source: docs/decisions/0004-one-matrix.md, a project manager decides within their programme.
    """
    if roles_elsewhere:
        raise Refused(_("Cette personne travaille aussi ailleurs : seule l’administration ferme ou rouvre son compte."))
