"""The house rules that a machine can check."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pghistory.models
import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import models

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "jalons"
SHELVES = ["core", "foundation", "planning", "collection", "delivery", "evidence", "reporting"]
SOURCES = [*HOUSE.rglob("*.py"), *(ROOT / "config").rglob("*.py")]
CODE = [p for p in SOURCES if not {"migrations", "tests"} & set(p.parts)]
RULES = [p for p in CODE if "rules" in (p.stem, p.parent.name)]
ROOMS = [path.parent for path in HOUSE.glob("*/*/apps.py")]
MIGRATIONS = list(HOUSE.rglob("migrations/0*.py"))
TEMPLATES = list(HOUSE.rglob("templates/**/*.html"))
OURS = [
    m for m in apps.get_models() if m.__module__.startswith("jalons.") and not issubclass(m, pghistory.models.Event)
]
FORBIDDEN_NAMES = {"utils", "helpers", "services", "managers", "signals", "mixins"}


def name_of(path):
    return str(path.relative_to(ROOT))


def shelf(model):
    return model.__module__.split(".")[1]


@pytest.mark.parametrize("room", ROOMS, ids=name_of)
def test_every_room_says_what_it_is_in_thirty_lines(room):
    assert len((room / "README.md").read_text().splitlines()) <= 30


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_files_fit_in_the_head(path):
    assert len(path.read_text().splitlines()) <= 400
    assert path.stem not in FORBIDDEN_NAMES


def test_the_four_pages_stay_small():
    assert len((HOUSE / "core/views.py").read_text().splitlines()) <= 250


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_templates_fit_on_two_screens_and_hold_no_script_or_style(path):
    text = path.read_text()
    assert len(text.splitlines()) <= 120
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*type=.application/json)|\son\w+=|<style", text)
    assert not re.search(r"\sstyle=", text)


@pytest.mark.parametrize("path", CODE, ids=name_of)
def test_functions_fit_on_a_screen_and_import_nothing(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 40, node.name
            assert not any(isinstance(n, ast.Import | ast.ImportFrom) for n in ast.walk(node)), node.name


@pytest.mark.parametrize("path", [p for p in CODE if p.stat().st_size], ids=name_of)
def test_modules_say_what_they_are_for(path):
    if path.name not in ("apps.py", "urls.py", "__init__.py"):
        assert ast.get_docstring(ast.parse(path.read_text()))


@pytest.mark.parametrize("path", RULES, ids=name_of)
def test_every_rule_names_its_source(path):
    for rule in ast.parse(path.read_text()).body:
        if isinstance(rule, ast.FunctionDef) and not rule.name.startswith("_"):
            assert "Source:" in (ast.get_docstring(rule) or ""), rule.name


@pytest.mark.parametrize("model", OURS, ids=str)
def test_every_model_has_one_of_the_scopes(model):
    if getattr(model, "shared", False):
        return
    owner = model
    for step in model.scope.split("__"):
        if step == "programme_id":
            return
        owner = owner if step == "pk" else owner._meta.get_field(step).related_model
    assert owner._meta.label == "programmes.Programme"


@pytest.mark.parametrize("model", OURS, ids=str)
def test_personal_fields_exist(model):
    assert model.personal <= {f.name for f in model._meta.get_fields()}


@pytest.mark.parametrize("model", OURS, ids=str)
def test_foreign_keys_look_down_the_shelves(model):
    """Import contracts cannot see a foreign key written as a string."""
    for field in model._meta.get_fields():
        other = field.related_model if field.concrete and field.is_relation else None
        if other and other is not get_user_model() and other.__module__.startswith("jalons."):
            assert SHELVES.index(shelf(model)) >= SHELVES.index(shelf(other)), field


@pytest.mark.parametrize("path", [p for p in CODE if p.name == "views.py" or "views" in p.parts], ids=name_of)
def test_every_page_is_scoped(path):
    assert "objects.all()" not in path.read_text()


@pytest.mark.parametrize("path", [p for p in CODE if p.name != "roles.py"], ids=name_of)
def test_rights_are_read_in_one_place(path):
    assert not re.search(r"\bis_staff\b|\bis_superuser\b|@receiver\b|GenericForeignKey", path.read_text())


@pytest.mark.parametrize("path", MIGRATIONS, ids=name_of)
def test_migrations_hold_no_label(path):
    text = path.read_text()
    assert not re.search(r"verbose_name|help_text=|violation_error_message", text)


def test_stylesheets_know_no_left_or_right():
    for path in [*(ROOT / "frontend").glob("*.css"), *(ROOT / "frontend/src").rglob("*.css")]:
        found = re.search(
            r"(margin|padding|border)-(left|right)|text-align:\s*(left|right)|float:\s*(left|right)", path.read_text()
        )
        assert not found, path


def test_codes_have_no_choices_in_the_database():
    for model in OURS:
        for field in model._meta.concrete_fields:
            assert not (field.choices and type(field) is models.CharField), field


def test_imports_look_down():
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_the_code_is_tidy():
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check", "--quiet", "."], ["format", "--check", "--quiet", "."]):
        result = subprocess.run([ruff, *command], cwd=ROOT, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stdout
