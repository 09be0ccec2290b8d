"""What the pages of reports add to those of the core."""

import pytest
from django.urls import reverse

from jalons.core import documents, jobs
from jalons.core.models import Job
from jalons.reporting.reports import actions, queries
from jalons.reporting.reports.models import Report
from jalons.reporting.reports.tests.story import a_story, publish, publish_first_half
from jalons.reporting.reports.tests.test_actions import OCTOBER
from tests.builders import a_report, a_user

pytestmark = pytest.mark.slow


@pytest.fixture
def story(db):
    story = a_story()
    publish_first_half(story)
    return story


@pytest.fixture
def draft(story):
    return actions.draft(programme=story.programme, agreement=story.agreement, period=story.first, by=story.author)


@pytest.fixture
def issued(story, draft):
    return actions.issue(report=draft, by=story.issuer)


def page(client, user, name, *arguments, query=""):
    client.force_login(user)
    return client.get(reverse(f"reports:{name}", args=arguments) + query)


def test_a_report_is_prepared_and_issued_by_two_people_in_the_browser(client, story):
    client.force_login(story.author)
    answers = {"agreement": story.agreement.pk, "period": story.first.pk, "previous": ""}
    client.post(reverse("reports:report-add"), answers)
    report = Report.objects.get()
    client.force_login(story.issuer)
    client.post(reverse("reports:report-issue", args=[report.pk]))

    report.refresh_from_db()
    assert (report.state, report.author, report.issued_by) == ("issued", story.author, story.issuer)


def test_a_second_draft_is_refused_beside_the_field(client, story, draft):
    client.force_login(story.author)
    answers = {"agreement": story.agreement.pk, "period": story.first.pk, "previous": ""}
    response = client.post(reverse("reports:report-add"), answers)

    assert response.status_code == 200
    assert "period" in response.context["form"].errors


def test_the_form_offers_only_what_belongs_to_the_programme_in_sight(client, story):
    fields = page(client, story.author, "report-add").context["form"].fields

    assert set(fields) == {"agreement", "period", "previous"}
    assert set(fields["period"].queryset) == {story.first, story.second, story.whole}


def test_issuing_ones_own_draft_is_refused_in_a_sentence(client, story, draft):
    client.force_login(story.author)
    response = client.post(reverse("reports:report-issue", args=[draft.pk]))

    assert "Une autre personne que celle qui a préparé" in response.content.decode()


def test_the_page_shows_figures_with_their_counts_and_the_way_to_what_is_missing(client, story, draft):
    text = page(client, story.author, "report-detail", draft.pk).content.decode()

    assert "1\u202f314 réponses sur 1\u202f400 demandées" in text
    assert "sans donnée" in text
    assert "Dans les mots du bailleur : Union européenne" in text


def test_what_changed_since_the_issue_is_shown_against_the_report_not_inside_it(client, story, issued):
    publish(story, story.people, story.first, 1310.0, at=OCTOBER)
    response = page(client, story.author, "report-detail", issued.pk)

    (later,) = response.context["later"]
    assert (later.cause, later.was, later.now) == ("correction", "1\u202f314", "1\u202f310")
    (row,) = [r["told"] for g in response.context["groups"] for r in g["rows"] if r["told"].line.code == "P1.1.a"]
    assert row.value == "1\u202f314"


def test_the_second_download_is_the_first_after_the_data_have_changed(client, story, issued):
    addresses = [("reportfile-download", file.pk) for file in issued.files.all()]
    first = [page(client, story.author, *address).content for address in addresses]
    publish(story, story.people, story.first, 1.0, at=OCTOBER)

    assert [page(client, story.author, *address).content for address in addresses] == first


def test_a_download_is_named_and_never_shown_in_the_page(client, story, issued):
    response = page(client, story.author, "reportfile-download", issued.files.first().pk)

    assert response["Content-Disposition"] == 'attachment; filename="rapport-prim2-ue-2026-s1-n1.docx"'
    assert response["X-Content-Type-Options"] == "nosniff"


def test_an_altered_file_is_refused_in_a_sentence(client, story, issued):
    file = issued.files.first()
    documents.path(file.sha256).write_bytes(b"autre chose")
    response = page(client, story.author, "reportfile-download", file.pk)

    assert response.status_code == 410
    assert "empreinte" in response.content.decode()


def test_a_draft_can_be_read_as_a_file_by_those_who_prepare_it(client, story, draft):
    response = page(client, story.author, "report-preview", draft.pk, query="?format=docx")

    assert "projet-de-rapport" in response["Content-Disposition"]
    assert page(client, story.author, "report-preview", draft.pk, query="?format=exe").status_code == 302


def test_a_funder_reads_issued_reports_and_no_draft(client, story, issued):
    funder = a_user("funder", story.programme)
    again = actions.draft(programme=story.programme, agreement=story.agreement, period=story.second, by=story.author)

    assert page(client, funder, "report-detail", issued.pk).status_code == 200
    assert page(client, funder, "report-detail", again.pk).status_code == 404
    assert page(client, funder, "report-preview", again.pk, query="?format=docx").status_code == 404
    assert [row["object"].pk for row in page(client, funder, "report-list").context["rows"]] == [issued.pk]


def test_nobody_of_another_programme_gets_a_file(client, story, issued):
    stranger = a_user("me_officer", a_report(story.programme, story.author).programme.__class__.objects.create(
        code="autre", short_name="Autre", title={"fr": "Autre"}, operator=story.programme.operator,
        starts_on=story.programme.starts_on, ends_on=story.programme.ends_on,
    ))  # fmt: skip

    assert page(client, stranger, "reportfile-download", issued.files.first().pk).status_code == 404


def test_a_draft_without_figures_says_what_to_do(client, story):
    empty = a_report(story.programme, story.author)

    assert "Actualisez-le" in page(client, story.author, "report-detail", empty.pk).content.decode()


def test_the_page_takes_as_many_queries_whatever_it_tells(client, story, issued, django_assert_max_num_queries):
    client.force_login(story.author)
    with django_assert_max_num_queries(45):
        client.get(reverse("reports:report-detail", args=[issued.pk]))


def test_a_draft_is_discarded_from_its_page_and_an_issued_report_offers_a_next_version(client, story, draft):
    assert (
        reverse("reports:report-discard", args=[draft.pk])
        in page(client, story.author, "report-detail", draft.pk).content.decode()
    )
    response = client.post(reverse("reports:report-discard", args=[draft.pk]))

    assert response.url == reverse("reports:report-list")
    assert not Report.objects.exists()


def test_a_superseded_report_leads_to_its_next_version(client, story, issued):
    client.force_login(story.author)
    shown = client.get(reverse("reports:report-detail", args=[issued.pk])).content.decode()
    assert reverse("reports:report-reissue", args=[issued.pk]) in shown
    client.post(reverse("reports:report-reissue", args=[issued.pk]), {"reason": "Une valeur était fausse"})

    later = Report.objects.get(supersedes=issued)
    shown = client.get(reverse("reports:report-detail", args=[issued.pk])).content.decode()
    assert reverse("reports:report-detail", args=[later.pk]) in shown
    assert reverse("reports:report-reissue", args=[issued.pk]) not in shown
    assert "Une valeur était fausse" in page(client, story.author, "report-detail", later.pk).content.decode()


def test_a_large_report_is_prepared_then_issued_as_background_work(client, story, monkeypatch):
    monkeypatch.setattr(queries, "LARGE", 4)
    client.force_login(story.author)
    answers = {"agreement": story.agreement.pk, "period": story.first.pk, "previous": ""}
    client.post(reverse("reports:report-add"), answers)
    prepared = jobs.run(Job.objects.get())
    report = Report.objects.get()
    client.force_login(story.issuer)
    client.post(reverse("reports:report-issue", args=[report.pk]))
    issued = jobs.run(Job.objects.get(name="reports.issue"))

    report.refresh_from_db()
    assert (prepared.state, issued.state, report.state) == ("done", "done", "issued")
    assert prepared.result["url"] == reverse("reports:report-detail", args=[report.pk])


def test_a_large_report_that_is_refused_says_why_and_can_be_tried_again(client, story, monkeypatch):
    monkeypatch.setattr(queries, "LARGE", 4)
    draft = actions.draft(programme=story.programme, agreement=story.agreement, period=story.first, by=story.author)
    publish(story, story.people, story.first, 1310.0, at=OCTOBER)
    client.force_login(story.issuer)
    client.post(reverse("reports:report-issue", args=[draft.pk]))

    failed = jobs.run(Job.objects.get())
    assert failed.state == "failed" and "P1.1.a" in failed.reason
    actions.refresh(report=draft, by=story.author)
    jobs.retry(job=failed, by=story.issuer)
    assert jobs.run(Job.objects.get()).state == "done"


def test_a_draft_says_what_the_register_of_iati_will_find_missing(client, story):
    story.programme.sectors = {}
    story.programme.save()
    draft = actions.draft(programme=story.programme, agreement=story.agreement, period=story.first, by=story.author)

    assert "aucun secteur n’est déclaré" in page(client, story.author, "report-detail", draft.pk).content.decode()


def test_without_the_type_of_the_operator_there_is_no_iati_file(client, story):
    story.programme.operator.organisation_type = ""
    story.programme.operator.save()
    draft = actions.draft(programme=story.programme, agreement=story.agreement, period=story.first, by=story.author)

    shown = page(client, story.author, "report-detail", draft.pk).content.decode()
    assert "le type d’organisation de l’opérateur manque" in shown


def test_words_stand_where_a_number_is_not_told(client, story, issued):
    shown = page(client, story.author, "report-detail", issued.pk).content.decode()

    assert '<td role="cell" data-h="Référence"><bdi>Pas de cadre de concertation</bdi>' in shown
    assert '<td role="cell" data-h="Référence"><bdi>inconnue</bdi>' in shown
    assert '<td role="cell" class="num" data-h="Référence"><bdi>30</bdi>' in shown


def test_the_page_of_a_report_speaks_the_language_of_its_reader_and_its_files_stay_french(client, story, issued):
    story.author.language = "en"
    story.author.save()

    shown = page(client, story.author, "report-detail", issued.pk).content.decode()

    assert "with a published value" in shown and "no data" in shown
    assert "<bdi>unknown</bdi>" in shown
    assert "62.5%" in shown and "50 of 80" in shown
    assert "1,314 answers out of 1,400 asked for" in shown
    assert not [word for word in ("inconnue", "avec une valeur publiée", " sur 80", "réponses") if word in shown]
