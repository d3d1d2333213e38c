"""What may be sent gets in, without what hung on it; everything else is refused in time."""

import hashlib
import io
import time

import pytest
from PIL import Image

from server.files import pdf
from server.files.contents import inspect_file
from server.files.refusals import FileRefused
from tests import pictures
from tests.hostile_files import GOOD_MP4, GOOD_PDF, list_all, make_pdf, object_stream, spoil, stream
from tests.pictures import HIDDEN, SECRETS, draw

PDF, MP4 = "application/pdf", "video/mp4"
CORPUS = list(list_all())
SLOWEST_S = 5


def test_corpus_is_large():
    assert len(CORPUS) > 400
    assert len({name for name, *_ in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize("part", range(8))
def test_hostile_file_is_refused_in_time(part):
    for name, content, media_type in CORPUS[part::8]:
        started = time.monotonic()
        try:
            inspect_file(content, media_type)
        except FileRefused:
            assert time.monotonic() - started < SLOWEST_S, name
        else:
            raise AssertionError(f"{name} got in")


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_spoiled_file_is_refused_or_kept_as_long_as_it_was(first):
    refused = 0
    for seed in range(first, first + 100):
        content, media_type = spoil(seed)
        try:
            kept = inspect_file(content, media_type)
        except FileRefused:
            refused += 1
        else:
            assert len(kept.content) == len(content), seed
    assert refused > 10


@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_but_the_picture_is_kept(name):
    content, media_type = HIDDEN[name]
    kept = inspect_file(content, media_type)
    assert kept.media_type == "image/jpeg"
    picture = Image.open(io.BytesIO(kept.content))
    assert not picture.getexif()
    assert not [secret for secret in SECRETS if secret in kept.content]
    assert kept.digest == hashlib.sha256(content).digest()
    assert kept.kept_digest == hashlib.sha256(kept.content).digest()


def test_plain_document_is_kept_byte_by_byte():
    for good in (
        GOOD_PDF,
        make_pdf(object_stream(b"<< /Type /Info >>")),
        make_pdf(stream(b"7 0 <<>>", b"/Type/ObjStm/N 1/First 4/Filter[/FlateDecode]")),
        make_pdf(stream(bytes(range(256)) * 100, b"/Subtype /Image")),
        make_pdf(b"<< /OpenAction [3 0 R /Fit] /A << /S /URI /URI (https://bank.example) >> >>"),
        make_pdf(page=b"BT (The word JavaScript is no act) Tj ET"),
    ):
        kept = inspect_file(good, PDF)
        assert (kept.content, kept.look) == (good, None)


def test_video_loses_its_notes_and_nothing_moves():
    kept = inspect_file(GOOD_MP4, MP4).content
    assert b"SECRET" in GOOD_MP4
    assert b"10.7626" in GOOD_MP4
    assert b"SECRET" not in kept
    assert b"10.7626" not in kept
    assert len(kept) == len(GOOD_MP4)
    assert kept.index(b"mdat") == GOOD_MP4.index(b"mdat")
    assert kept[kept.index(b"mdat") :] == GOOD_MP4[GOOD_MP4.index(b"mdat") :]


def test_last_part_of_a_video_may_go_to_its_end():
    at = GOOD_MP4.index(b"mdat") - 4
    assert inspect_file(GOOD_MP4[:at] + bytes(4) + GOOD_MP4[at + 4 :], MP4)


def test_small_picture_is_good_enough_for_a_chat():
    assert inspect_file(draw((40, 40)), pictures.JPEG).media_type == "image/jpeg"


def test_nothing_is_no_file():
    with pytest.raises(FileRefused):
        inspect_file(b"", pictures.JPEG)
    with pytest.raises(FileRefused):
        inspect_file(b"x", "text/plain")


def test_archive_is_found_as_far_before_the_end_as_readers_look():
    """A comment of 65,535 bytes may stand behind an archive's end."""
    assert pdf.ARCHIVE_TAIL >= 65_535 + 22
