from django.test import RequestFactory
from django.utils.translation import override

from jalons.core.pages import fault


def test_the_page_of_a_fault_asks_nothing_of_the_database_and_speaks_the_reader_s_language():
    with override("ar"):
        answer = fault(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert 'dir="rtl"' in answer.content.decode() and "وقع خطأ" in answer.content.decode()
