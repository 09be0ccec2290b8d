"""Two filled forms of a household: every nature of answer, a repeat, absences, and what must never leave."""

from jalons.collection.forms.actions import declare, import_form
from jalons.collection.forms.models import Form
from jalons.collection.forms.tests.workbooks import a_form
from jalons.collection.submissions.actions import receive_instances

HEADER = ["type", "name", "label::Français (fr)", "label::العربية (ar)", "relevant", "constraint"]
SURVEY = (
    ["date", "jour", "Jour", "اليوم", "", ""],
    ["text", "nom", "Nom", "الاسم", "", ""],
    ["text", "remarque", "Remarque", "ملاحظة", "", ""],
    ["select_one sexe", "sexe", "Sexe", "الجنس", "", ""],
    ["integer", "taille", "Taille", "الحجم", "", ". > 0"],
    ["decimal", "revenu", "Revenu", "الدخل", "${taille} > 1", ""],
    ["select_multiple besoin", "besoins", "Besoins", "الحاجيات", "", ""],
    ["geopoint", "lieu", "Où", "أين", "", ""],
    ["image", "photo", "Photo", "صورة", "", ""],
    ["begin_repeat", "membre", "Membre", "فرد", "", ""],
    ["text", "prenom", "Prénom", "الاسم الشخصي", "", ""],
    ["integer", "age", "Âge", "السن", "", ""],
    ["end_repeat", "membre", "", "", "", ""],
)
CHOICES = [
    ["list_name", "name", "label::Français (fr)", "label::العربية (ar)"],
    ["sexe", "f", "Femme", "امرأة"], ["sexe", "h", "Homme", "رجل"],
    ["besoin", "eau", "De l'eau", "الماء"], ["besoin", "toit", "Un toit", "السقف"],
]  # fmt: skip
ANSWERS = {
    "a": "<jour>2026-03-01</jour><nom>Fatima Zahra</nom><remarque>=1+2</remarque><sexe>f</sexe><taille>3</taille>"
         "<revenu>1200.5</revenu><besoins>eau toit</besoins><lieu>30.42 -9.6 12 5</lieu><photo>p.jpg</photo>"
         "<membre><prenom>Ali</prenom><age>4</age></membre><membre><prenom>Lina</prenom><age/></membre>",
    "b": "<jour>2026-04-02</jour><nom>Karim</nom><sexe>x</sexe><taille>1</taille><besoins>toit</besoins>"
         "<photo>q.jpg</photo>",
}  # fmt: skip
SECRETS = ("Fatima", "Karim", "Ali", "Lina", "30.42", "=1+2")


def households(officer, folder) -> Form:
    """The form brought in by an officer, with its two submissions."""
    data = a_form(*SURVEY, header=HEADER, choices=CHOICES,
                  settings=[["form_title", "form_id", "version"], ["Foyer", "foyer", "1"]])  # fmt: skip
    form = import_form(programme=officer.held[0].programme, data=data, file_name="foyer.xlsx", by=officer).form
    declare(form=form, roles={"date": "jour"}, by=officer)
    for name, body in ANSWERS.items():
        meta = f"<meta><instanceID>uuid:{name}</instanceID></meta>"
        (folder / f"{name}.xml").write_text(f'<data id="foyer" version="1">{body}{meta}</data>')
    receive_instances(form=form, folder=folder, by=officer)
    return form
