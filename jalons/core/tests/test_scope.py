from jalons.core.levels import Level
from jalons.core.models import Job
from jalons.core.scope import follow
from jalons.core.tests.things import Office, a_component, a_job
from tests.builders import a_form, a_membership, a_programme, a_region, a_submission, a_user, an_organisation


def test_two_roles_add_up_and_do_not_leak_into_each_other(db):
    decided, seen, closed = a_programme(), a_programme(), a_programme()
    user = a_user("me_officer", decided)
    a_membership(user, "funder", seen)
    for programme in (decided, seen, closed):
        a_component(programme).save()
    rows = a_component(decided).__class__.objects

    assert {row.programme for row in rows.for_user(user)} == {decided, seen}
    assert {row.programme for row in rows.for_user(user, Level.EDIT)} == {decided}


def test_a_region_narrows_and_a_second_one_widens(db):
    programme, north, south = a_programme(), a_region(), a_region()
    for region in (north, south, None):
        Office.objects.create(programme=programme, name="B", city="V", region=region)
    user = a_user("regional_coordinator", programme, region=north)
    assert [office.region for office in Office.objects.for_user(user)] == [north]

    a_membership(user, "regional_coordinator", programme, region=south)
    again = type(user).objects.get(pk=user.pk)
    assert {office.region for office in Office.objects.for_user(again)} == {north, south}


def test_a_grantee_sees_only_what_its_organisation_brought(db):
    programme, ours = a_programme(), an_organisation()
    form, by = a_form(programme), a_user()
    mine = a_submission(form, by, organisation=ours)
    a_submission(form, by, organisation=an_organisation())
    a_submission(form, by)

    assert list(mine.__class__.objects.for_user(a_user("grantee", programme, organisation=ours))) == [mine]


def test_a_narrowed_person_sees_only_their_own_jobs(db):
    programme = a_programme()
    coordinator = a_user("regional_coordinator", programme)
    own = a_job(programme, coordinator)
    a_job(programme, a_user())

    assert list(Job.objects.for_user(coordinator)) == [own]
    assert Job.objects.for_user(a_user("me_officer", programme)).count() == 2


def test_someone_is_seen_once_however_many_roles_they_hold(db):
    programme = a_programme()
    colleague = a_user("funder", programme)
    a_membership(colleague, "head_office", programme)
    reader = a_user("project_manager", programme)

    assert list(type(reader).objects.for_user(reader).order_by("pk")) == [colleague, reader]


def test_a_path_is_followed_to_its_key_and_breaks_into_nothing(db):
    programme = a_programme()
    form = a_form(programme)
    submission = a_submission(form, a_user())

    assert follow(submission, "form__programme") == programme.pk
    assert follow(submission, "region") is None
    assert follow(submission.__class__(), "form__programme") is None
    assert programme.owner_id == programme.pk
