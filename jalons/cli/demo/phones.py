"""Attendance sheets that a phone of the demonstration sent, with the photo of the signed sheet and where it was."""

import hashlib
import io
from datetime import date, timedelta
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw

from jalons.cli.demo.collection import officer
from jalons.cli.demo.foundation import person
from jalons.collection.forms.models import Form
from jalons.collection.submissions import actions, arrivals
from jalons.collection.submissions.arrivals import Part
from jalons.collection.submissions.rules import instances
from jalons.core import documents

FIRST = date(2026, 11, 16)
# place of the activity: province, commune (HCP codes), latitude, longitude, about
PLACES = [
    ("02.411", "02.411.01.23", 34.681, -1.908), ("02.411", "02.411.01.23", 34.689, -1.921),
    ("02.411", "02.411.01.23", 34.671, -1.893), ("02.113", "02.113.01.09", 34.921, -2.322),
    ("02.113", "02.113.01.09", 34.928, -2.309), ("02.381", "02.381.01.05", 35.172, -2.928),
    ("02.381", "02.381.01.05", 35.163, -2.941),
]  # fmt: skip
TITLES = ("Accueil des publics migrants", "Droits des personnes étrangères", "Cadre de concertation")
SHEET = """<data xmlns:jr="http://openrosa.org/javarosa" id="feuille_presence" version="{version}"><activite>
<date_activite>{day}</date_activite><type_activite>atelier</type_activite><intitule>{title}</intitule>
<region>02</region><province>{province}</province><commune>{commune}</commune><duree_heures>3</duree_heures>
<organisateur>Expertise France, PRIM 2</organisateur><agent>{agent}</agent></activite>
<bilan><objectif_atteint>oui</objectif_atteint><photo_feuille>{photo}</photo_feuille><position>{position}</position></bilan>
<meta><instanceID>uuid:00000000-0000-4000-8000-{number:012}</instanceID></meta></data>"""


def send() -> None:
    """A tablet of Oriental sends its sheets; the photo of the last one has not come yet."""
    form = Form.objects.get(programme__code="prim-2", code="feuille_presence")
    holder = person("data_collector")
    device = actions.open_device(
        programme=form.programme, name="Tablette 1, Oujda", holder=holder, by=officer("prim-2")
    )
    sender = arrivals.sender(user_name=device.user_name)
    for number, (province, commune, latitude, longitude) in enumerate(PLACES):
        content = SHEET.format(
            version=form.versions.get().version, day=FIRST + timedelta(days=number), title=TITLES[number % 3],
            province=province, commune=commune, agent=escape(holder.name), photo=f"feuille-{number + 1}.jpg",
            position=f"{latitude} {longitude} 0 8", number=number + 1,
        ).encode()  # fmt: skip
        head = instances.header(instances.parse(content), content)
        files = [] if number == len(PLACES) - 1 else [_photo(number)]
        arrivals.put(sender, head, content, hashlib.sha256(content).digest(), files)
    actions.bring_in()


def _photo(number: int) -> Part:
    """A sheet of paper with lines and scrawls."""
    image = Image.new("RGB", (720, 960), (205 + 6 * number, 200, 190))
    draw = ImageDraw.Draw(image)
    draw.rectangle((70, 60, 650, 900), fill="white", outline="#c9c4b8")
    for line in range(12):
        y = 170 + 56 * line
        draw.line((110, y, 610, y), fill="#b9c3c0", width=2)
        if line < 6 + number % 5:
            marks = [(400 + 14 * n, y - 12 - (n * (7 + number + line)) % 23) for n in range(12)]
            draw.line(marks, fill="#23304d", width=3)
    draw.rectangle((110, 90, 400, 118), fill="#0b5a5e")
    kept = io.BytesIO()
    image.save(kept, "JPEG", quality=70)
    sha256, size = documents.store([kept.getvalue()])
    return Part(f"feuille-{number + 1}.jpg", sha256, "image/jpeg", size)
