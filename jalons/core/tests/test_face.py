"""The face: components that name their inputs, style sheets without a side, nothing that a strict policy refuses."""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.template.loader import render_to_string
from django.utils.translation import override

from jalons.core import gallery
from jalons.core.templatetags.face import TONE_OF, shape, tone
from jalons.core.templatetags.jalons import isolated

ROOT = Path(gallery.__file__).parents[2]
STATIC = ROOT / "jalons/core/static/jalons"
TEMPLATES = [*ROOT.glob("jalons/**/templates/**/*.html")]
STYLES = [*ROOT.glob("frontend/src/css/*.css")]
COMPONENTS = [path for path in TEMPLATES if path.parent.name == "components" and path.parts[-4] == "core"]
PARTS = {"sprite", "mark", "icon", "stake", "cell", "field", "field_notes", "errors", "form", "filters"}
SIDES = re.compile(
    r"(?<![\w-])(left|right|margin-(left|right)|padding-(left|right)|border-(left|right))\s*:|:\s*(left|right)\s*;"
)


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda path: path.stem)
def test_a_component_names_its_inputs_on_its_first_line(path):
    assert re.match(r"\{# .+ #\}\n", path.read_text())


def test_the_gallery_shows_every_component():
    assert {path.stem for path in COMPONENTS} == set(gallery.SAMPLES) | PARTS


@pytest.mark.parametrize("name", gallery.SAMPLES)
def test_a_component_draws_all_its_states(name):
    for _label, html in gallery.drawn(name, gallery.SAMPLES[name]):
        assert html.strip()


def test_style_sheets_name_no_side():
    assert [(path.name, found.group()) for path in STYLES for found in SIDES.finditer(path.read_text())] == []


def test_templates_hold_no_inline_style_or_script():
    inline = re.compile(r"\sstyle=|\son[a-z]+=|<script(?![^>]*\bsrc=)|javascript:")

    assert [path.name for path in TEMPLATES if inline.search(path.read_text())] == []


def test_an_unknown_number_is_said_and_never_drawn_as_zero():
    html = render_to_string("components/progress.html", {"text": "", "missing": "sans référence"})

    assert "sans référence" in html
    assert "<svg" not in html


def test_numbers_in_attributes_keep_their_point():
    html = render_to_string(
        "components/split.html", {"women": "74,0 %", "men": "68,4 %", "women_rate": 74, "men_rate": 68.4}
    )

    assert 'width="68.4%"' in html


def test_a_code_that_is_no_state_has_no_shape():
    assert tone("female") == ""
    assert set(TONE_OF.values()) <= {"good", "watch", "late", "open", "none"}


@pytest.mark.parametrize(("kind", "expected"), [("image/png", "image"), ("text/csv", "sheet"), ("", "document")])
def test_a_file_is_drawn_as_what_it_is(kind, expected):
    assert shape(kind) == expected


def test_the_lockfile_pins_contents_and_names_no_registry():
    lock = json.loads((ROOT / "frontend/package-lock.json").read_text())
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert all(package.get("integrity") for package in packages.values())
    assert not any(package.get("resolved") for package in packages.values())


def test_the_first_page_is_light_over_the_wire():
    if not (STATIC / "app.css").exists():
        pytest.skip("bundles are not built here")
    fonts = sum(path.stat().st_size for path in STATIC.glob("fonts/source-s*-latin-[46]00-*.woff2"))
    code = sum(len(gzip.compress((STATIC / name).read_bytes())) for name in ("app.css", "app.js"))

    assert fonts < 100_000
    assert fonts + code < 200_000  # leaves 100 kB to the page itself


def test_templates_use_icons_that_exist():
    sprite = (ROOT / "jalons/core/templates/components/sprite.html").read_text()
    used = re.compile(r'components/icon.html" with name="([\w-]+)"|href="#i-([\w-]+)"')
    named = {"".join(names) for path in TEMPLATES for names in used.findall(path.read_text())}

    assert {name for name in named if f'id="i-{name}"' not in sprite and not name.endswith("-")} == set()


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("P1.2.1 الأشخاص المواكبون", "rtl"),
        ("2026-01 (exemple)", "ltr"),
        ("Le mot « حق » cité en français", "ltr"),
        ("−2 %", "ltr"),
    ],
)
def test_a_text_keeps_the_direction_of_most_of_its_letters(text, direction):
    assert isolated(text) == f'<bdi dir="{direction}">{text}</bdi>'


def test_a_text_that_begins_in_arabic_is_arabic_to_who_reads_it():
    text = "كوبو و ODK Central"

    assert isolated(text).startswith('<bdi dir="ltr">')
    with override("ar"):
        assert isolated(text).startswith('<bdi dir="rtl">')
        assert isolated("ODK Central و كوبو").startswith('<bdi dir="ltr">')


def test_a_text_that_is_isolated_is_still_escaped():
    assert isolated("<b>") == '<bdi dir="ltr">&lt;b&gt;</bdi>'
