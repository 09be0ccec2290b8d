import pytest

from jalons.core import built
from jalons.core.errors import Refused


def test_the_site_does_not_start_without_its_style_sheets_and_says_what_builds_them(monkeypatch):
    monkeypatch.setattr(built, "BUNDLES", built.BUNDLES.with_name("absent"))

    with pytest.raises(Refused, match="jalons/core/static/absent/app.css.*make bundles"):
        built.check_built()


def test_the_site_does_not_start_with_a_catalogue_that_is_not_compiled(tmp_path, settings):
    settings.BASE = tmp_path
    (tmp_path / "locale/ar/LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "locale/ar/LC_MESSAGES/django.po").touch()
    settings.LOCALE_PATHS = []

    [fault] = built.everything_is_built(None)

    assert "locale/ar/LC_MESSAGES/django.mo" in fault.msg and "make bundles" in fault.msg
