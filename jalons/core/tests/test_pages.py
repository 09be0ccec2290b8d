"""What every page does, once for all domains; jobs stand for any model."""

import pytest
from django.urls import reverse

from jalons.core.models import Job
from tests.builders import a_programme, a_user


def a_job(programme, by, **fields):
    fields = {"name": "none", "label": "Import", **fields}
    return Job.objects.create(programme_id=programme.pk, by=by, **fields)


@pytest.fixture
def manager(db, client):
    programme = a_programme()
    user = a_user("project_manager", programme)
    user.programme = programme
    client.force_login(user)
    return user


def test_smoke(client, manager):
    job = a_job(manager.programme, manager, state="failed")
    for url in [reverse("core:job-list"), reverse("core:job-detail", args=[job.pk]), reverse("core:job-retry", args=[job.pk]),
                reverse("core:history", args=["core.job", job.pk]), reverse("core:search") + "?q=imp", reverse("core:document-add", args=["programmes.programme", manager.programme.pk])]:
        r = client.get(url)
        assert r.status_code == 200, url
