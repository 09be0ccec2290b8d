"""A small programme whose logframe holds every case that a report must tell."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

from jalons.evidence.measurement.models import Disaggregation, IndicatorValue
from jalons.planning.results.chain import Assumption
from jalons.planning.results.models import (
    Baseline,
    Catalogue,
    CatalogueIndicator,
    Dimension,
    IndicatorVersion,
    Mapping,
    Target,
    VerificationSource,
)
from tests.builders import (
    a_funder,
    a_period,
    a_programme,
    a_result,
    a_territory,
    a_user,
    a_value,
    an_agreement,
    an_indicator,
    an_operator,
)

JULY = datetime(2026, 7, 10, 9, tzinfo=UTC)


def a_story():
    """PRIM-like: an impact, an outcome and its output; people, a percentage, a falling rate, a judgement, silence."""
    s = SimpleNamespace(**_people_and_programme())
    _dimensions()
    impact = a_result(s.programme, code="OG", level="impact", title={"fr": "La migration contribue au développement",
                      "ar": "تساهم الهجرة في التنمية", "en": "Migration contributes to development"})  # fmt: skip
    outcome = a_result(s.programme, code="OS1", level="outcome", parent=impact, position=1,
                       title={"fr": "Les acteurs territoriaux accueillent mieux"})  # fmt: skip
    output = a_result(s.programme, code="P1.1", parent=outcome, position=2, title={"fr": "Des guichets fonctionnent"})
    Assumption.objects.create(result=outcome, code="H1", text={"fr": "Les communes gardent leurs agents"})
    VerificationSource.objects.create(
        programme=s.programme, code="SV1", title={"fr": "Registre d’accueil"}, holder="Guichets", frequency="mensuelle"
    )
    s.people = _indicator(
        s, output, "P1.1.a", {"fr": "Personnes migrantes accueillies", "ar": "الأشخاص المهاجرون المستقبلون"},
        counts_people=True, sources=["SV1"], method="Somme des personnes du registre", dimensions=["sex"],
    )  # fmt: skip
    s.share = _indicator(s, outcome, "OS1.a", {"fr": "Part des personnes satisfaites"}, measure="2", unit={"fr": "%"})
    s.rate = _indicator(
        s, outcome, "OS1.b", {"fr": "Délai moyen d’orientation"}, unit={"fr": "jours"}, direction="decrease"
    )
    s.judgement = _indicator(
        s, outcome, "OS1.c", {"fr": "Qualité de la concertation"}, measure="5", unit={"fr": "avis"}
    )
    s.silent = _indicator(s, impact, "OG.a", {"fr": "Communes dotées d’une stratégie"}, unit={"fr": "communes"})
    _promises(s)
    _mapping(s)
    return s


def _people_and_programme():
    country = a_territory("country", code="MA", name={"fr": "Maroc"})
    region = a_territory("region", parent=country, code="MA-02", name={"fr": "L’Oriental", "ar": "الشرق"})
    operator = an_operator(
        code="EF", name="Expertise France", iati_identifier="FR-RCS-808734792", organisation_type="15"
    )
    programme = a_programme(
        code="prim2", short_name="PRIM 2", title={"fr": "Pour une intégration de la migration", "ar": "برنامج"},
        operator=operator, iati_identifier="FR-RCS-808734792-PRIM2",
        sectors={"15190": 60, "15150": 40}, recipients={"MA": 80.5, "FR": 19.5}, collaboration="1", flow="10",
        finance="110", aid="C01", tied="5",
    )  # fmt: skip
    programme.territories.add(region)
    funder = a_funder(code="UE", name="Union européenne", iati_identifier="XI-IATI-EC_INTPA")
    agreement = an_agreement(programme, funder=funder, reference="NDICI/2026/1", name="Convention de contribution")
    first = a_period(programme, code="2026-S1", label={"fr": "1er semestre 2026"})
    second = a_period(programme, date(2026, 7, 1), date(2026, 12, 31), code="2026-S2", label={"fr": "2e semestre 2026"})
    whole = a_period(
        programme, date(2026, 1, 1), date(2028, 12, 31), kind="whole", code="tout", label={"fr": "Programme entier"}
    )
    names = ("author", "verifier", "publisher", "issuer")
    people = {name: a_user("me_officer", programme) for name in names}
    return dict(
        region=region,
        programme=programme,
        agreement=agreement,
        funder=funder,
        first=first,
        second=second,
        whole=whole,
        **people,
    )


def _dimensions():
    labels = {"female": "femmes", "male": "hommes"}
    sexes = [{"code": code, "label": {"fr": label}} for code, label in labels.items()]
    groups = [{"code": "rpt", "label": {"fr": "ressortissants de pays tiers"}}]
    Dimension.objects.update_or_create(
        code="sex", defaults={"label": {"fr": "sexe"}, "kind": "category", "categories": sexes, "about_people": True}
    )
    Dimension.objects.update_or_create(
        code="target_group", defaults={"label": {"fr": "groupe cible"}, "kind": "category", "categories": groups}
    )
    Dimension.objects.update_or_create(code="territory", defaults={"label": {"fr": "lieu"}, "kind": "territory"})


def _indicator(s, result, code, title, **definition):
    definition = {"direction": "increase", "direction_confirmed": True, **definition}
    indicator = an_indicator(s.programme, result, title=title, **definition)
    indicator.code = code
    indicator.save()
    return indicator


def _promises(s):
    """Baselines: zero for people, unknown for the share, dated for the rate, words for the judgement."""
    Baseline.objects.create(indicator=s.people, value=0, on=date(2026, 1, 1))
    Baseline.objects.create(indicator=s.rate, value=30)
    Baseline.objects.create(indicator=s.judgement, text="Pas de cadre de concertation", on=date(2025, 12, 1))
    for indicator, value in ((s.people, 1200), (s.share, 70), (s.rate, 10), (s.silent, 4)):
        Target.objects.create(indicator=indicator, period=s.first, value=value)
        Target.objects.create(indicator=indicator, period=s.whole, value=value * 2 if indicator != s.share else 80)
    Target.objects.create(indicator=s.people, period=s.first, value=600, cell={"sex": "female"})
    Target.objects.create(indicator=s.judgement, period=s.first, text="Réunions régulières")


def _mapping(s):
    gerf = Catalogue.objects.create(code="gerf", title={"fr": "Cadre de résultats de l’UE"}, funder=s.funder,
                                    iati_vocabulary="99", uri="https://example.org/gerf")  # fmt: skip
    sdg = Catalogue.objects.create(code="odd", title={"fr": "ODD"}, iati_vocabulary="9")
    other = Catalogue.objects.create(code="afd", title={"fr": "Indicateurs agrégeables"}, iati_vocabulary="99")
    entries = [(gerf, "2.20", {"fr": "Personnes migrantes protégées ou assistées"}, "0.5", "part de l’UE"),
               (sdg, "10.7.2", {"fr": "Politiques migratoires"}, "1", ""),
               (other, "M1", {"fr": "Accueil"}, "1", "")]  # fmt: skip
    for catalogue, code, title, factor, coverage in entries:
        entry = CatalogueIndicator.objects.create(catalogue=catalogue, code=code, title=title, unit={"fr": "personnes"})
        Mapping.objects.create(indicator=s.people, entry=entry, factor=factor, coverage=coverage)


def publish(s, indicator, period, number=None, *, at=JULY, cuts=(), **fields):
    """A value computed, verified and published by three people."""
    value = a_value(
        indicator, period, s.author, number=number, state=IndicatorValue.State.PUBLISHED, verified_by=s.verifier,
        verified_at=at, published_by=s.publisher, published_at=at, **fields,
    )  # fmt: skip
    for dimensions, cells in cuts:
        Disaggregation.objects.create(
            value=value, dimensions=dimensions, cells=list(cells), numbers=list(cells.values())
        )
    return value


def publish_first_half(s):
    """Everything told for the first half-year, but the silent indicator."""
    people = [
        (["sex"], {"female": 702.0, "male": 598.0, "?": 14.0}),
        (["target_group"], {"rpt": 900.0}),
        (["territory"], {str(s.region.pk): 1314.0}),
        (["sex", "target_group"], {"female|rpt": 480.0, "male|rpt": 420.0}),
    ]
    publish(s, s.people, s.first, 1314.0, answered=1314, asked=1400, cuts=people)
    publish(s, s.share, s.first, 62.5, numerator=50.0, denominator=80.0, answered=80, asked=100)
    publish(s, s.rate, s.first, 20.0, answered=40)
    publish(s, s.judgement, s.first, text="Trois réunions tenues, relevés publiés")


def redefine(indicator, **changes):
    """The next version of an indicator's sheet."""
    sheet = {f.name: getattr(indicator.current, f.name) for f in IndicatorVersion._meta.concrete_fields}
    sheet = {k: v for k, v in sheet.items() if k not in ("id", "indicator", "created_at", "updated_at")}
    sheet |= {"number": indicator.current.number + 1, "valid_from": date(2026, 7, 1), "reason": "Précisée", **changes}
    indicator.current = IndicatorVersion.objects.create(indicator=indicator, **sheet)
    indicator.save()
