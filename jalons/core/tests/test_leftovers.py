"""What a process killed halfway leaves on the disk goes, later; what a row names never does."""

import os
import time
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from jalons.core import documents, leftovers
from tests.builders import a_programme, a_user

DAY = 24 * 3600


@pytest.fixture
def folder(tmp_path, settings):
    settings.DOCUMENTS = tmp_path
    return tmp_path


def aged(path: Path, days: int) -> Path:
    os.utime(path, (time.time() - days * DAY,) * 2)
    return path


def test_a_file_whose_writing_was_interrupted_goes_after_a_day(folder):
    (folder / "tmpold").write_bytes(b"begun")
    (folder / "tmpnew").write_bytes(b"begun")
    aged(folder / "tmpold", 2)

    leftovers.sweep()

    assert [path.name for path in folder.iterdir()] == ["tmpnew"]


def test_a_content_that_no_row_names_goes_after_a_month_and_one_that_is_named_stays(folder, db):
    programme = a_programme()
    kept = documents.attach(
        target=programme, document=ContentFile(b"named", "a.txt"), by=a_user("project_manager", programme)
    )
    named = aged(documents.path(kept.sha256), 400)
    unnamed, recent = (documents.path(documents.store([content])[0]) for content in (b"unnamed", b"recent"))
    aged(unnamed, 31)
    aged(recent, 29)

    leftovers.sweep()

    assert named.exists() and recent.exists() and not unnamed.exists()


def test_a_content_that_comes_again_is_young_again(folder, db):
    path = aged(documents.path(documents.store([b"twice"])[0]), 31)
    documents.store([b"twice"])

    leftovers.sweep()

    assert path.exists()
