"""What the sign-in library must do here, held to it page by page."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils.translation import ngettext, override

from jalons.core.models import Event
from tests.builders import PASSWORD, a_programme, a_user

LOGIN = "/sign-in/login/"
CODES_LEFT = "There is %(unused_count)s out of %(total_count)s recovery codes available."


@pytest.fixture
def person(db):
    cache.clear()
    return a_user("me_officer", a_programme(), password=PASSWORD)


def sign_in(client, person, password=PASSWORD):
    return client.post(LOGIN, {"login": person.email, "password": password})


def code_now(secret):
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


def with_second_factor(client):
    """Activate it as a person does, password in hand; returns the secret and the recovery codes."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    client.post(reverse("mfa_activate_totp"), {"code": code_now(secret)})
    page = client.get(reverse("mfa_view_recovery_codes"))
    cache.clear()  # a code serves once
    return secret, page.context["unused_codes"]


def test_one_signs_in_with_e_mail_and_password_and_comes_back_where_one_was_going(client, person):
    goal = reverse("accounts:profile")
    answer = client.get(goal)
    assert answer.url == f"{LOGIN}?next={goal}"

    answer = client.post(answer.url, {"login": person.email.upper(), "password": PASSWORD})

    assert answer.url == goal


def test_a_wrong_password_and_an_unknown_address_read_the_same(client, person):
    wrong = sign_in(client, person, "autre chose")
    unknown = client.post(LOGIN, {"login": "personne@example.org", "password": "autre chose"})

    assert wrong.context["form"].errors == unknown.context["form"].errors


def test_five_wrong_passwords_close_the_door_even_to_the_right_one(client, person):
    for _attempt in range(5):
        sign_in(client, person, "autre chose")

    answer = sign_in(client, person)

    assert answer.status_code == 200 and "_auth_user_id" not in client.session


def test_attempts_are_counted_in_the_database_for_all_processes(client, person):
    sign_in(client, person, "autre chose")

    with connection.cursor() as cursor:
        cursor.execute("select count(*) from django_cache where cache_key like '%%login_failed%%'")
        assert cursor.fetchone()[0] > 0


def test_one_cannot_sign_up_alone(client, person):
    client.post("/sign-in/signup/", {"email": "intrus@example.org", "password1": PASSWORD})

    assert not type(person).objects.filter(email="intrus@example.org").exists()


def ask_for(client, address):
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client.post(reverse("account_email"), {"action_add": "1", "email": address})


def test_an_address_changes_only_once_the_new_one_is_confirmed(client, person):
    before = person.email
    sign_in(client, person)

    ask_for(client, "Nouvelle@Example.org")
    person.refresh_from_db()
    assert person.email == before and mail.outbox[0].to == ["nouvelle@example.org"]
    client.post(re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1])

    person.refresh_from_db()
    assert person.email == "nouvelle@example.org"
    assert mail.outbox[-1].to == [before]  # the old address is told
    assert sign_in(Client(), person).status_code == 302
    assert Event.objects.get(verb="user.edited").target_id == person.pk


def test_an_address_changes_too_under_a_second_factor(client, person):
    sign_in(client, person)
    with_second_factor(client)

    ask_for(client, "nouvelle@example.org")
    link = next(sent.body for sent in mail.outbox if sent.to == ["nouvelle@example.org"])
    client.post(re.search(r"http://testserver(\S+)", link)[1])

    person.refresh_from_db()
    assert person.email == "nouvelle@example.org"
    assert sign_in(Client(), person).url == reverse("mfa_authenticate")


def test_an_address_change_is_given_up_or_refused_without_losing_the_present_one(client, person):
    before, other = person.email, a_user()
    sign_in(client, person)

    refused = ask_for(client, other.email)
    assert refused.context["form"].errors["email"] and not mail.outbox
    ask_for(client, "nouvelle@example.org")
    client.post(reverse("account_email"), {"action_remove": "1", "email": "nouvelle@example.org"})
    client.post(re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1])

    person.refresh_from_db()
    assert person.email == before and sign_in(Client(), person).status_code == 302


def test_an_address_given_to_someone_else_meanwhile_stays_theirs(client, person):
    before = person.email
    sign_in(client, person)
    ask_for(client, "nouvelle@example.org")
    other = a_user()
    type(other).objects.filter(pk=other.pk).update(email="nouvelle@example.org")

    answer = client.post(re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1], follow=True)

    person.refresh_from_db()
    assert person.email == before and answer.status_code == 200


def test_an_address_change_asks_for_the_password_again(client, person):
    client.force_login(person)

    answer = client.post(reverse("account_email"), {"action_add": "1", "email": "nouvelle@example.org"})

    assert answer.url.startswith(reverse("account_reauthenticate")) and not mail.outbox


def test_a_forgotten_password_is_reset_by_a_link_that_serves_once(client, person):
    client.post(reverse("account_reset_password"), {"email": person.email})
    link = re.search(r"http://testserver(\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True).request["PATH_INFO"]

    answers = {"password1": "une autre phrase longue", "password2": "une autre phrase longue"}
    done = client.post(form, answers, follow=True).content.decode()

    assert f'class="btn btn-primary" href="{LOGIN}"' in done
    assert sign_in(client, person, "une autre phrase longue").status_code == 302
    assert "token_fail" in Client().get(link, follow=True).context


def test_a_reset_for_an_unknown_address_says_nothing(client, db):
    cache.clear()
    answer = client.post(reverse("account_reset_password"), {"email": "personne@example.org"})

    assert answer.url == reverse("account_reset_password_done")


def test_a_short_password_is_refused(client, person):
    sign_in(client, person)

    answer = client.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": "court", "password2": "court"}
    )

    assert "12" in str(answer.context["form"].errors)


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_short_password_is_refused_in_the_reader_s_language(language):
    told = {
        "fr": "Ce mot de passe est trop court. Il doit contenir au minimum 12 caractères.",
        "ar": "كلمة المرور قصيرة. يجب أن تضم 12 حرفا على الأقل.",
        "en": "This password is too short. It must contain at least 12 characters.",
    }

    with override(language), pytest.raises(ValidationError) as refused:
        validate_password("court")

    assert told[language] in refused.value.messages


@pytest.mark.parametrize("unused", [0, 1, 2, 3, 10])
def test_recovery_codes_left_are_counted_in_arabic(client, person, unused):
    sign_in(client, person)
    with_second_factor(client)
    person.language = "ar"
    person.save()

    with override("ar"):
        text = ngettext(CODES_LEFT, CODES_LEFT, unused) % {"unused_count": unused, "total_count": 10}

    assert "unused_count" not in text and "10" in text
    assert "بقيت 10 رموز استرداد من 10." in client.get(reverse("mfa_index")).content.decode()


def test_the_second_factor_is_asked_at_the_next_sign_in(client, person):
    sign_in(client, person)
    secret, _codes = with_second_factor(client)
    other = Client()

    answer = sign_in(other, person)
    assert answer.url == reverse("mfa_authenticate") and "_auth_user_id" not in other.session

    assert "_auth_user_id" not in other.session
    other.post(answer.url, {"code": "000000"})
    assert "_auth_user_id" not in other.session
    other.post(answer.url, {"code": code_now(secret)})
    assert other.session["_auth_user_id"] == str(person.pk)


def test_a_recovery_code_opens_once(client, person):
    sign_in(client, person)
    _secret, codes = with_second_factor(client)

    for expected in (True, False):
        other = Client()
        other.post(sign_in(other, person).url, {"code": codes[0]})
        assert ("_auth_user_id" in other.session) is expected


def test_one_sees_one_s_devices_and_signs_another_out(client, person):
    phone = Client(headers={"user-agent": "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"})
    sign_in(phone, person)
    sign_in(client, person)
    page = client.get(reverse("usersessions_list"))
    assert UserSession.objects.filter(user=person).count() == 2 and "Firefox · Android" in page.content.decode()

    client.post(reverse("usersessions_list"))

    assert phone.get(reverse("accounts:profile")).status_code == 302
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_the_second_factor_can_be_removed_by_its_owner(client, person):
    sign_in(client, person)
    with_second_factor(client)

    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.filter(user=person, type="totp").exists()


def test_a_new_password_says_what_stays_open(client, person):
    sign_in(client, person)
    said = {"oldpassword": PASSWORD, "password1": "une-autre-phrase-longue", "password2": "une-autre-phrase-longue"}

    page = client.post(reverse("account_change_password"), said, follow=True).content.decode()

    assert "Vos jetons et les téléphones à votre nom" in page


def test_a_closed_account_is_signed_out_at_once(client, person):
    sign_in(client, person)
    type(person).objects.update(is_active=False)

    assert client.get(reverse("accounts:profile")).status_code == 302
    assert sign_in(Client(), person).status_code in (200, 302)


@pytest.mark.parametrize("name", ["accounts:profile", "core:search", "programmes:programme-list", "dashboards:home"])
def test_a_visitor_is_sent_to_the_sign_in_page(client, db, name):
    assert client.get(reverse(name)).url.startswith(LOGIN)


def test_health_answers_without_signing_in(client, db):
    assert client.get("/health/").content == b"ok"


def test_a_mail_server_that_is_down_fails_no_page_and_gives_no_address_away(client, db, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    known = a_user("project_manager", a_programme())

    answers = [client.post(reverse("account_reset_password"), {"email": email}) for email in (known.email, "x@y.org")]

    assert [(answer.status_code, answer.url) for answer in answers] == [
        (302, reverse("account_reset_password_done"))
    ] * 2
    assert "did not leave" in caplog.text and known.email not in caplog.text
