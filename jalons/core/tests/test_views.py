import pytest
from django.db import connection
from django.test import RequestFactory
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from jalons.core.links import pages
from jalons.core.models import Job
from jalons.core.readonly import WroteDuringRead, readonly
from jalons.core.tests.things import Office, a_component, a_job
from jalons.core.views import DetailPage
from tests.builders import a_programme, a_region, a_user


class Curious(DetailPage):
    """A page that counts its readers, which no page may do."""

    model = Job
    fields = ("label",)

    def get_object(self, queryset=None):
        job = super().get_object(queryset)
        Job.objects.filter(pk=job.pk).update(done=1)
        return job


@pytest.fixture
def programme(db):
    return a_programme()


def test_a_page_that_writes_while_read_is_a_fault(programme):
    user = a_user("project_manager", programme)
    request = RequestFactory().get("/")
    request.user, request.htmx = user, HtmxDetails(request)

    with pytest.raises(WroteDuringRead):
        Curious.as_view()(request, pk=a_job(programme, user).pk)


@pytest.mark.parametrize(
    "sql",
    ["insert into core_job default values", "  UPDATE core_job set done = 1", "delete from core_job",
     "truncate core_job", "with gone as (delete from core_job returning 1) select * from gone"],
)  # fmt: skip
def test_no_kind_of_writing_passes(db, sql):
    with readonly(), pytest.raises(WroteDuringRead), connection.cursor() as cursor:
        cursor.execute(sql)


def test_reading_passes(db):
    with readonly(), connection.cursor() as cursor:
        cursor.execute("select 'delete from core_job', updated_at from core_job")
    assert not Job.objects.filter(label="update").exists()


def test_a_row_cannot_be_added_outside_one_s_region(client, programme):
    here, elsewhere = a_region(), a_region()
    manager = a_user("me_officer", programme, region=here)
    client.force_login(manager)
    answers = {"programme": programme.pk, "name": "Bureau", "city": "V"}

    refused = client.post(reverse("programmes:office-add"), {**answers, "region": elsewhere.pk})
    assert "ce qui vous est ouvert" in str(refused.context["form"].errors) and not Office.objects.exists()

    client.post(reverse("programmes:office-add"), {**answers, "region": here.pk})
    assert Office.objects.get().region == here


def test_buttons_are_offered_only_to_those_who_may_press_them(client, programme):
    component = a_component(programme)
    component.save()
    url = reverse("programmes:component-detail", args=[component.pk])
    found = {}
    for role in ("me_officer", "funder"):
        client.force_login(a_user(role, programme))
        context = client.get(url).context
        found[role] = (bool(context["edit_url"]), len(context["actions"]))

    assert found == {"me_officer": (True, 1), "funder": (False, 0)}


def test_what_cannot_be_undone_is_never_the_button_in_sight(client, programme):
    component = a_component(programme)
    component.save()
    client.force_login(a_user("me_officer", programme))

    page = client.get(reverse("programmes:component-detail", args=[component.pk]))

    assert 'class="btn" href="' + reverse("programmes:component-remove", args=[component.pk]) in page.text


def test_a_database_constraint_is_said_in_its_own_words(client, programme):
    a_component(programme).save()
    client.force_login(a_user("me_officer", programme))
    answers = {"programme": programme.pk, "code": "C1", "title_fr": "Autre"}

    answer = client.post(reverse("programmes:component-add"), answers)

    assert "existe déjà dans le programme" in str(answer.context["form"].errors)


def test_a_form_says_that_it_was_kept(client, programme):
    client.force_login(a_user("me_officer", programme))
    answers = {"programme": programme.pk, "code": "C2", "title_fr": "Appui"}

    page = client.post(reverse("programmes:component-add"), answers, follow=True)

    assert "C’est enregistré." in page.content.decode()


def test_a_refused_edit_keeps_the_title_that_is_in_force(client, programme):
    component = a_component(programme)
    component.save()
    client.force_login(a_user("me_officer", programme))
    answers = {"programme": programme.pk, "code": "C9" * 20, "title_fr": "Jamais gardé"}

    page = client.post(reverse("programmes:component-edit", args=[component.pk]), answers)

    assert page.context["form"].errors and page.context["title"] == str(component)


def test_addresses_of_a_noun_always_have_the_same_shape():
    found = [
        str(route.pattern) for route in pages("period", list=Curious, add=Curious, detail=Curious, cut_short=Curious)
    ]

    assert found == ["periods/", "periods/add/", "periods/<int:pk>/", "periods/<int:pk>/cut-short/"]
    assert str(pages("territory", "territories", list=Curious)[0].pattern) == "territories/"
