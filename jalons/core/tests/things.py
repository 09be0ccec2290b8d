"""What tests of the core stand on: jobs and components, for any row of any domain."""

from django.apps import apps

from jalons.core.actions import action
from jalons.core.models import Job

Component = apps.get_model("programmes", "Component")
Office = apps.get_model("programmes", "Office")


def a_job(programme, by, **fields):
    return Job.objects.create(programme_id=programme.pk, by=by, **{"name": "core.none", "label": "Import", **fields})


def a_component(programme, **fields):
    return Component(programme=programme, **{"code": "C1", "title": {"fr": "Fonds régional"}, **fields})


def action_of(app, verb, needs):
    """An action as a domain would write it, in its own actions.py."""

    def decorate(function):
        function.__module__ = f"jalons.foundation.{app}.actions"
        return action(verb, needs=needs)(function)

    return decorate
