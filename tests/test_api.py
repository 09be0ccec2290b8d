"""The API as its own description says it: whatever is asked, it answers as described, and never fails."""

from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from config.wsgi import application
from jalons.collection.submissions.actions import receive_batch
from jalons.collection.submissions.tests.builders import a_received_form, an_instance
from jalons.foundation.accounts.roles import NEEDS_ORGANISATION, NEEDS_REGION, ROLES
from jalons.foundation.accounts.tokens import open_token
from tests.builders import a_user

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BODY = "<jour>2026-03-02</jour><agent>A</agent><membre><prenom>B</prenom></membre>"


def bearer(user, programme):
    day = timezone.localdate() + timedelta(days=1)
    token = open_token(programme=programme, name="Essai", reads_only=False, expires_on=day, by=user)
    return {"Authorization": f"Bearer {token.given}"}


@pytest.fixture
def form(db):
    form, officer = a_received_form()
    form.state = "published"
    form.save()
    receive_batch(form=form, file=an_instance("uuid:1", BODY), name="un.xml", by=officer)
    form.officer = officer
    return form


@pytest.fixture
def kept_connection():
    """A server closes its connection between two requests; the transaction of a test needs it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
def test_any_request_is_answered_as_described(form, kept_connection):
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)
    headers = bearer(form.officer, form.programme) | {"Accept-Encoding": "identity"}
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(max_examples=15, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
                  suppress_health_check=list(HealthCheck))  # fmt: skip
        @given(operation.as_strategy())
        def answers(case):
            for name in ("pk", "form"):
                if name in case.path_parameters and case.path_parameters[name] % 2:
                    case.path_parameters[name] = form.pk if name == "form" else form.submissions.first().pk
            case.call_and_validate(headers=headers, checks=CHECKS)

        answers()


@pytest.mark.slow
def test_each_role_reads_by_a_token_what_the_matrix_opens(client, form):
    found = {}
    for role in sorted(ROLES.keys() - {"administrator"} - NEEDS_REGION - NEEDS_ORGANISATION):
        user = a_user(role, form.programme)
        headers = bearer(user, form.programme)
        rows = client.get("/api/v1/submissions/", headers=headers).json()["items"]
        found[role] = (bool(rows), bool(client.get("/api/v1/forms/", headers=headers).json()))

    assert client.get("/api/v1/nowhere").json()["message"]
    assert found == {role: (bool(ROLES[role]["submissions"]), bool(ROLES[role]["forms"])) for role in found}
