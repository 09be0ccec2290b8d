import re

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils.translation import override

from jalons.core.models import Event
from jalons.foundation.accounts.management.commands import write_generated
from jalons.foundation.accounts.models import Membership, User
from jalons.foundation.accounts.roles import LABELS, ROLES
from tests.builders import a_membership, a_programme, a_region, a_user


@pytest.fixture
def programme(db, client):
    programme = a_programme()
    client.force_login(a_user("project_manager", programme))
    return programme


def test_a_person_is_added_receives_a_link_and_chooses_a_password(client, programme):
    region = a_region(name={"fr": "Souss-Massa"})
    answers = {"email": "lahcen@example.org", "name": "Lahcen", "language": "ar", "role": "regional_coordinator",
               "programme": programme.pk, "region": region.pk}  # fmt: skip

    client.post(reverse("accounts:membership-add"), answers)

    [message] = mail.outbox
    link = re.search(r"http://testserver(\S+)", message.body)[1]
    assert message.to == ["lahcen@example.org"]
    client.logout()
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": "tizi n test 2092 m", "password2": "tizi n test 2092 m"})
    assert User.objects.get(email="lahcen@example.org").check_password("tizi n test 2092 m")


def test_someone_who_has_a_password_gets_no_link(client, programme):
    known = a_user(password="déjà un mot de passe")

    client.post(
        reverse("accounts:membership-add"),
        {"email": known.email, "name": "X", "language": "fr", "role": "funder", "programme": programme.pk},
    )

    assert known.memberships.exists() and not mail.outbox


def test_a_project_manager_is_offered_neither_administration_nor_other_programmes(client, programme):
    a_programme()

    form = client.get(reverse("accounts:membership-add")).context["form"]

    assert "administrator" not in dict(form.fields["role"].choices)
    assert list(form.fields["programme"].queryset) == [programme]


def test_a_missing_region_is_said_in_a_sentence_and_nothing_is_made(client, programme):
    answers = {"email": "x@example.org", "name": "X", "language": "fr", "role": "desk_agent", "programme": programme.pk}

    answer = client.post(reverse("accounts:membership-add"), answers)

    assert "choisissez-la" in str(answer.context["form"].errors)
    assert not User.objects.filter(email="x@example.org").exists() and not mail.outbox


def test_a_role_is_changed_with_a_reason(client, programme):
    held = a_membership(a_user(), "funder", programme)

    client.post(reverse("accounts:membership-edit", args=[held.pk]), {"role": "head_office", "why": "Nouveau poste"})

    assert Membership.objects.get(pk=held.pk).role == "head_office"
    history = client.get(reverse("core:history", args=["accounts.membership", held.pk])).content.decode()
    assert "Nouveau poste" in history and str(LABELS["head_office"]) in history


def test_what_is_offered_depends_on_the_account(client, programme):
    invited, closed = a_membership(a_user(), "funder", programme), a_membership(a_user(), "funder", programme)
    opened = a_membership(a_user(password="une phrase assez longue"), "funder", programme)
    User.objects.filter(pk=closed.user_id).update(is_active=False)

    def offered(held):
        page = client.get(reverse("accounts:membership-detail", args=[held.pk]))
        return [url.rstrip("/").rpartition("/")[2] for _label, url in page.context["actions"]]

    assert [offered(held)[0] for held in (invited, opened, closed)] == ["invite", "close", "reopen"]


def test_an_account_is_closed_from_its_page_only_with_a_reason(client, programme):
    held = a_membership(a_user(password="une phrase assez longue"), "funder", programme)
    close = reverse("accounts:membership-close", args=[held.pk])

    client.post(close, {"why": ""})
    assert User.objects.get(pk=held.user_id).is_active
    client.post(close, {"why": "Fin de mission"})

    assert not User.objects.get(pk=held.user_id).is_active


def test_a_role_is_taken_back_only_with_a_reason_that_the_journal_keeps(client, programme):
    held = a_membership(a_user(), "funder", programme)
    remove = reverse("accounts:membership-remove", args=[held.pk])

    client.post(remove, {"why": " "})
    assert Membership.objects.filter(pk=held.pk).exists()
    client.post(remove, {"why": "Fin de\u202e mission"})

    assert not Membership.objects.filter(pk=held.pk).exists()
    assert Event.objects.get(verb="membership.removed").why == "Fin de mission"


def test_a_name_is_kept_without_what_nobody_sees(client, programme):
    client.post(reverse("accounts:profile"), {"name": "\u2067Sara\u2069 \x07B", "language": "fr"})

    assert User.objects.filter(name="Sara B").exists()


def test_roles_of_another_programme_do_not_exist(client, programme):
    other = a_membership(a_user(), "funder", a_programme())

    for verb in ("detail", "edit", "remove", "invite", "close", "reopen"):
        assert client.get(reverse(f"accounts:membership-{verb}", args=[other.pk])).status_code == 404


def test_people_are_found_by_name_or_address(client, programme):
    held = a_membership(a_user(), "funder", programme)

    page = client.get(reverse("accounts:membership-list"), {"q": held.user.email})

    assert [row["object"] for row in page.context["rows"]] == [held]


def test_the_language_chosen_stays_with_the_person(client, programme):
    client.post(reverse("set_language"), {"language": "ar", "next": "/"})

    client.cookies.clear()
    user = User.objects.get(memberships__programme=programme)
    client.force_login(user)
    assert user.language == "ar"
    assert 'dir="rtl"' in client.get(reverse("accounts:profile")).content.decode()


def test_a_visitor_chooses_a_language_too(client, db):
    client.post(reverse("set_language"), {"language": "ar", "next": reverse("account_login")})

    assert 'lang="ar"' in client.get(reverse("account_login")).content.decode()


def test_one_edits_one_s_own_profile(client, programme):
    page = client.post(reverse("accounts:profile"), {"name": "Salma", "language": "en"}, follow=True)

    assert "Profile saved." in page.content.decode()
    assert User.objects.get(name="Salma").language == "en"


def test_the_matrix_is_shown_whole(client, programme):
    page = client.get(reverse("accounts:roles"))

    assert len(page.context["rows"]) == len(ROLES) == 22


@pytest.mark.parametrize("name", write_generated.PAGES)
def test_what_is_generated_is_fresh(name):
    with override("fr"):
        expected = write_generated.PAGES[name]()
    assert (settings.BASE / "docs" / "generated" / name).read_text() == expected, "manage.py write_generated"
