"""The demonstration checks what it received: proposed checks accepted, a few flags answered, one answer corrected."""

from datetime import date

from jalons.cli.demo.collection import officer
from jalons.cli.demo.content import read
from jalons.cli.demo.foundation import person
from jalons.collection.forms.models import Form
from jalons.collection.quality import actions, watching
from jalons.collection.quality.models import Expectation
from jalons.collection.quality.rules.sampling import Drawing
from jalons.collection.submissions.models import Flag, Submission
from jalons.foundation.partners.models import Organisation
from jalons.foundation.programmes.models import Period

SEED = 2026
EXPLAINED = "Vérifié avec la personne : la réponse est juste."
LIKELY = {"age": "27", "duree_heures": "3", "duree_minutes": "30", "nb_bureau": "9"}  # in place of what was misread


def check() -> None:
    """Each monitoring officer chooses the checks of their forms; what came in passes them."""
    rules = read("quality")["rules"]
    for form in Form.objects.filter(state=Form.State.PUBLISHED).order_by("pk"):
        by = officer(form.programme.code)
        actions.accept(form=form, kinds=[one.kind for one in actions.proposed(form)], by=by)
        for rule in (rule for rule in rules if rule["form"] == form.code):
            given = {"severity": "error", "told": None, "valid_from": date.today()}
            parameters = {"expression": rule["expression"]}
            name = {language: rule[language] for language in ("fr", "ar", "en")}
            actions.add_check(form=form, kind="expression", name=name, parameters=parameters, by=by, **given)
    watching.check_new()
    _answer()
    _expect()


def _answer() -> None:
    """Some flags were explained, a few misread answers corrected, ten submissions drawn to be verified again."""
    by, form = officer("prim-2"), Form.objects.get(programme__code="prim-2", code="feuille_presence")
    open_ones = Flag.objects.filter(submission__form=form, state=Flag.State.OPEN, check_code="outlier")
    if keys := list(open_ones.order_by("pk").values_list("pk", flat=True)[:5]):
        actions.explain(form=form, flags=Flag.objects.filter(pk__in=keys), reason=EXPLAINED, by=by)
    misread = Flag.objects.filter(check_code="type", question__in=LIKELY, rows=[], state=Flag.State.OPEN)
    waiting = misread.filter(submission__form__programme=form.programme, submission__state=Submission.State.RECEIVED)
    for flag in waiting.select_related("submission").order_by("pk")[:3]:
        actions.correct(submission=flag.submission, question=flag.question, new_value=LIKELY[flag.question],
                        reason="Relu sur la fiche signée.", by=by)  # fmt: skip
    verifier = person("regional_coordinator")  # of Souss-Massa, who collected none of them
    sample = actions.draw_sample(form=form, drawing=Drawing(10), assigned_to=verifier, by=by, seed=SEED)
    for n, item in enumerate(sample.items.all()[:6]):
        told = ("differs", "La durée est de 2 heures, non de 3.") if n == 3 else ("agrees", "")
        actions.mark(sampleitem=item, outcome=told[0], notes=told[1], by=verifier)
    watching.check_new()


def _expect() -> None:
    """What each partner owes for the half-year, as the programme's officer declared it."""
    for told in read("quality")["expected"]:
        form = Form.objects.get(programme__code=told["programme"], code=told["form"])
        period = Period.objects.get(programme=form.programme, code=told["period"])
        partner = Organisation.objects.filter(name=told.get("partner", "")).first()
        Expectation.objects.create(form=form, period=period, organisation=partner, count=told["count"],
                                   due_on=told["due_on"])  # fmt: skip
