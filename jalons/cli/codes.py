"""Commands that tell what two lists have in common without showing either: each is coded where it is kept."""

from typing import Annotated

import typer
from django.utils.timezone import localdate

from jalons.cli.reading import File, console
from jalons.collection.people import codes

Key = Annotated[str, typer.Option(
    prompt="Clé convenue avec l’autre partenaire", hide_input=True, envvar="JALONS_CODES_KEY",
    help="Clé secrète, tirée au hasard, la même pour les deux listes ; demandée si elle n’est pas donnée.",
)]  # fmt: skip


def code(file: File, key: Key) -> None:
    """Code une liste de personnes (Excel ou CSV) ; le fichier écrit ne contient aucun nom."""
    with file.open("rb") as content:
        written, count, without = codes.coded(content, file.name, key, localdate())
    target = file.with_suffix(".codes.csv")
    target.write_text(written, encoding="ascii")
    console.print(f"{count} lignes codées, {without} sans nom lisible. Écrit : {target}. Effacez la clé ensuite.")


def overlap(file: File, other: File) -> None:
    """Compte les personnes que deux listes codées ont en commun."""
    lists = []
    for path in (file, other):
        with path.open("rb") as content:
            lists.append(codes.read(content, path.name))
    found = codes.overlap(*lists)
    console.print(f"Personnes de chaque liste : {found.mine} et {found.theirs}.")
    console.print(
        f"En commun : {found.sure} ; et {found.maybe} peut-être, par le nom seul (année de naissance inconnue)."
    )
