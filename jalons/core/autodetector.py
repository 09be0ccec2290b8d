"""Migrations without labels: renaming a label or adding a choice changes no table."""

import copy
from typing import Any

from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import BaseConstraint
from pgtrigger.migrations import MigrationAutodetectorMixin


class WithoutLabels(MigrationAutodetectorMixin, MigrationAutodetector):
    def __init__(self, from_state: ProjectState, to_state: ProjectState, *arguments: Any) -> None:
        for model in to_state.models.values():
            if apps.get_app_config(model.app_label).name.startswith("jalons."):
                _strip(model)
        super().__init__(from_state, to_state, *arguments)


def _strip(model: ModelState) -> None:
    for field in model.fields.values():
        field._verbose_name, field.help_text = None, ""
    for option in ("verbose_name", "verbose_name_plural"):
        model.options.pop(option, None)
    model.options["constraints"] = [_without_message(c) for c in model.options.get("constraints", [])]


def _without_message(constraint: BaseConstraint) -> BaseConstraint:
    plain = copy.copy(constraint)
    plain.violation_error_message = plain.default_violation_error_message
    return plain
