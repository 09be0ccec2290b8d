"""Twenty-four indicators on a published household survey: what is stored equals what pandas computes from the file."""

from datetime import date
from functools import reduce
from operator import or_

import numpy as np
import pandas as pd
import pytest

from jalons.collection.forms.actions import import_form
from jalons.collection.submissions.actions import receive_batch, validate_all
from jalons.collection.submissions.models import Submission
from jalons.evidence.measurement.actions import measure
from jalons.evidence.measurement.models import IndicatorValue
from tests.builders import a_period, a_programme, a_user, an_indicator
from tests.shared_data import SHARED, needs_shared_data

pytestmark = [needs_shared_data, pytest.mark.django_db, pytest.mark.slow]
FORM = SHARED / "xlsforms/impact-humind-msna_MIT/REACH_2024_MSNA-kobo-tool_draft_v11.xlsx"
DATA = SHARED / "submissions/impact-msna-dummy_MIT/dummy_raw_data.xlsx"
WEIGHTS = {"cereal": 2, "legumes": 3, "veg": 1, "fruit": 1, "meat": 4, "dairy": 4, "oil": 0.5, "sugar": 0.5}
FCS = " + ".join(f"${{fsl_fcs_{food}}} * {weight}" for food, weight in WEIGHTS.items())
COPING = {"lessquality": 1, "borrow": 2, "mealsize": 1, "mealadult": 3, "mealnb": 1}
RCSI = " + ".join(f"${{fsl_rcsi_{way}}} * {weight}" for way, weight in COPING.items())
SEVERE = ("lot_of_difficulty", "cannot_do")
SENSES = ("vision", "hearing", "mobility")
DISABLED = " or ".join(f"${{wgq_{sense}}} = '{answer}'" for sense in SENSES for answer in SEVERE)
SETTING = {"value": "${setting}", "categories": {"urban": "urban", "rural": "rural", "camp": "camp"}}
PLACES = {"setting": SETTING, "admin": {"value": "${admin1}", "categories": {"PCODE1": "one", "PCODE2": "two"}}}
SEX = {"value": "${ind_gender}", "categories": {"female": "female", "male": "male"}}
AGE = {"value": "${ind_age}", "bands": [["0-4", 0, 4], ["5-17", 5, 17], ["18-59", 18, 59], ["60+", 60, None]]}
PERSONS = {"sex": SEX, "age": AGE, "setting": SETTING}


def fcs(frame):
    return sum(frame[f"fsl_fcs_{food}"] * weight for food, weight in WEIGHTS.items())


def rcsi(frame):
    return sum(frame[f"fsl_rcsi_{way}"] * weight for way, weight in COPING.items())


def among(frame, **answers):
    return reduce(or_, (frame[name].isin(values) for name, values in answers.items()))


def chose(frame, question, choice):
    return frame[question].str.split(" ").apply(lambda made: isinstance(made, list) and choice in made)


def everyone(frame):
    return pd.Series(True, frame.index)


# name -> (repeat, record of the formula, pandas: mask and value, or mask, numerator and denominator)
TOLD = {
    "homes": ("", {"measure": "count"}, lambda f: (everyone(f),)),
    "camps": ("", {"measure": "count", "filter": "${setting} = 'camp'"}, lambda f: (f.setting == "camp",)),
    "people of homes": ("", {"measure": "sum", "value": "${hh_size}"}, lambda f: (everyone(f), f.hh_size)),
    "mean home": ("", {"measure": "average", "value": "${hh_size}"}, lambda f: (everyone(f), f.hh_size)),
    "median home": ("", {"measure": "median", "value": "${hh_size}"}, lambda f: (everyone(f), f.hh_size)),
    "oldest head": ("", {"measure": "maximum", "value": "${hoh_age}"}, lambda f: (everyone(f), f.hoh_age)),
    "youngest head": ("", {"measure": "minimum", "value": "${hoh_age}"}, lambda f: (everyone(f), f.hoh_age)),
    "mean absent head": (
        "",
        {"measure": "average", "value": "${hoh_age}", "filter": "${resp_hoh_yn} = 'no'"},
        lambda f: (f.resp_hoh_yn == "no", f.hoh_age),
    ),
    "mean food score": ("", {"measure": "average", "value": FCS}, lambda f: (everyone(f), fcs(f))),
    "well fed": (
        "",
        {"measure": "share", "numerator": f"{FCS} >= 35", "denominator": "true()"},
        lambda f: (everyone(f), (fcs(f) >= 35) * 1.0, fcs(f) * 0 + 1),
    ),
    "median coping": ("", {"measure": "median", "value": RCSI}, lambda f: (everyone(f), rcsi(f))),
    "helped": (
        "",
        {
            "measure": "share",
            "numerator": "${aap_received_assistance_12m} = 'yes'",
            "denominator": "${aap_received_assistance_12m} = 'yes' or ${aap_received_assistance_12m} = 'no'",
        },
        lambda f: (
            among(f, aap_received_assistance_12m=["yes", "no"]),
            (f.aap_received_assistance_12m == "yes") * 1.0,
            f.hh_size * 0 + 1,
        ),
    ),
    "want cash": (
        "",
        {"measure": "count", "filter": "selected(${aap_preferred_modality}, 'physical_cash')"},
        lambda f: (chose(f, "aap_preferred_modality", "physical_cash"),),
    ),
    "mean number of challenges": (
        "",
        {"measure": "average", "value": "count-selected(${aap_priority_challenge})"},
        lambda f: (everyone(f), f.aap_priority_challenge.str.split(" ").str.len()),
    ),
    "enumerators": ("", {"measure": "distinct", "value": "${enum_id}"}, lambda f: (everyone(f), f.enum_id)),
    "clusters with eviction": (
        "",
        {"measure": "distinct", "value": "${cluster_id}", "filter": "${hlp_risk_eviction} = 'yes'"},
        lambda f: (f.hlp_risk_eviction == "yes", f.cluster_id),
    ),
    "persons": ("roster", {"measure": "count"}, lambda f: (everyone(f),)),
    "women": (
        "roster",
        {"measure": "count", "filter": "${ind_gender} = 'female' and ${ind_age} >= 18"},
        lambda f: ((f.ind_gender == "female") & (f.ind_age >= 18),),
    ),
    "children": (
        "roster",
        {"measure": "share", "numerator": "${ind_age} >= 5 and ${ind_age} <= 17", "denominator": "true()"},
        lambda f: (everyone(f), f.ind_age.between(5, 17) * 1.0, f.ind_age * 0 + 1),
    ),
    "mean age of disabled": (
        "roster",
        {"measure": "average", "value": "${ind_age}", "filter": DISABLED},
        lambda f: (among(f, **{f"wgq_{sense}": SEVERE for sense in SENSES}), f.ind_age),
    ),
    "young children once": (
        "roster",
        {"measure": "distinct", "value": "${person_id}", "filter": "${ind_age} < 5"},
        lambda f: (f.ind_age < 5, f.person_id),
    ),
    "years in camps": (
        "roster",
        {"measure": "sum", "value": "${ind_age}", "filter": "${setting} = 'camp' and ${survey_modality} = 'in_person'"},
        lambda f: ((f.setting == "camp") & (f.survey_modality == "in_person"), f.ind_age),
    ),
    "cared for": (
        "health_ind",
        {
            "measure": "share",
            "numerator": "${health_ind_healthcare_received} = 'yes'",
            "denominator": "${health_ind_healthcare_needed} = 'yes'",
        },
        lambda f: (
            (f.health_ind_healthcare_needed == "yes") & f.health_ind_healthcare_received.notna(),
            (f.health_ind_healthcare_received == "yes") * 1.0,
            f._index * 0 + 1,
        ),
    ),
    "fever": (
        "nut_ind",
        {"measure": "count", "filter": "selected(${nut_ind_under5_sick_symptoms}, 'fever')"},
        lambda f: (chose(f, "nut_ind_under5_sick_symptoms", "fever"),),
    ),
}
SPLITS = {"": PLACES, "roster": PERSONS, "health_ind": {"setting": SETTING}, "nut_ind": PLACES}


@pytest.fixture(scope="module")
def frames():
    """The sheets of the file, persons with the answers of their home, and the categories of every split."""
    sheets = pd.read_excel(DATA, sheet_name=None, engine="calamine")
    home = sheets.pop("main").set_index("row_id")
    joined = {"": home}
    for name, sheet in sheets.items():
        around = home.loc[sheet["_parent_index"], ["setting", "admin1", "survey_modality"]].reset_index(drop=True)
        joined[name] = pd.concat([sheet, around], axis=1)
    return {name: pd.concat([frame, pd.DataFrame(_splits(frame))], axis=1) for name, frame in joined.items()}


def _splits(frame):
    admin = frame["admin1"].map({"PCODE1": "one", "PCODE2": "two"})
    splits = {"split_setting": frame["setting"].fillna("?"), "split_admin": admin.fillna("?")}
    if "ind_gender" not in frame:
        return splits
    sex = frame["ind_gender"].where(frame["ind_gender"].isin(["female", "male"]), "?")
    bands = pd.cut(frame["ind_age"], [-1, 4, 17, 59, 999], labels=["0-4", "5-17", "18-59", "60+"])
    return splits | {"split_sex": sex, "split_age": bands.astype(object).fillna("?")}


@pytest.fixture
def survey():
    programme = a_programme()
    officer, checker = a_user("me_officer", programme), a_user("me_officer", programme)
    version = import_form(programme=programme, data=FORM.read_bytes(), file_name="msna.xlsx", by=officer)
    receive_batch(form=version.form, file=DATA.read_bytes(), name="dummy.xlsx", by=officer)
    validate_all(form=version.form, submissions=Submission.objects.filter(form=version.form), by=checker)
    return programme, version.form, officer


def by_pandas(frame, measure, mask, value=None, denominator=None):
    """The figure of the rows of one group."""
    frame = frame[mask.loc[frame.index]]
    if measure == "count":
        return float(len(frame))
    values = value.loc[frame.index].dropna()
    if measure == "share":
        parts = denominator.loc[frame.index].dropna()
        return 100 * values.sum() / parts.sum() if parts.sum() else np.nan
    compute = {"distinct": "nunique", "average": "mean", "median": "median", "sum": "sum"}
    compute |= {"maximum": "max", "minimum": "min"}
    return float(getattr(values, compute[measure])())


def cells_by_pandas(frame, measure, told, by):
    if not by:
        return {"": by_pandas(frame, measure, *told)}
    groups = frame.groupby([f"split_{code}" for code in by], observed=True)
    return {"|".join(names): by_pandas(group, measure, *told) for names, group in groups}


def test_stored_values_equal_what_pandas_computes_from_the_same_file(survey, frames):
    programme, form, officer = survey
    period = a_period(programme, date(2024, 1, 1), date(2024, 12, 31))
    indicators = {}
    for name, (repeat, record, _told) in TOLD.items():
        source = {"form": form.code, "repeat": repeat or None}
        formula = record | {"source": source, "date": "start", "dimensions": SPLITS[repeat]}
        indicators[name] = an_indicator(programme, formula=formula, valid_from=date(2024, 1, 1))

    measure(programme=programme, periods=[period], by=officer)

    for name, (repeat, record, told) in TOLD.items():
        value = IndicatorValue.objects.get(indicator=indicators[name])
        frame = frames[repeat]
        expected = cells_by_pandas(frame, record["measure"], told(frame), ())[""]
        assert value.number == pytest.approx(expected), name
        cuts = {
            tuple(cut.dimensions): dict(zip(cut.cells, cut.numbers, strict=True)) for cut in value.disaggregations.all()
        }
        codes = SPLITS[repeat].keys()
        assert {frozenset(by) for by in cuts} == {*(frozenset([code]) for code in codes), frozenset(codes)}, name
        for by, found in cuts.items():
            wanted = cells_by_pandas(frame, record["measure"], told(frame), by)
            same(found, wanted, f"{name} by {by}")


def same(found, wanted, name):
    """Equal where both know; where one is unknown, the other is unknown or has nothing to add up."""
    for cell in found.keys() | wanted.keys():
        ours, theirs = found.get(cell), wanted.get(cell, np.nan)
        if ours is None:
            assert np.isnan(theirs) or theirs == 0, (name, cell)
        else:
            assert ours == pytest.approx(0.0 if np.isnan(theirs) else theirs), (name, cell)
