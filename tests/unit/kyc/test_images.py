"""Only pictures get in, and of a picture only the picture."""

import io
import time

import pytest
from PIL import Image

from server.kyc.images import SIDE_MAX, clean_picture, mark_picture
from server.kyc.refusals import PictureRefused
from tests.pictures import BAD, HIDDEN, JPEG, PNG, SECRETS, WEBP, draw, spoil


def look_at(content):
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_good_picture_is_refused(name):
    content, media_type = BAD[name]
    started = time.monotonic()
    with pytest.raises(PictureRefused):
        clean_picture(content, media_type)
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("first", range(0, 500, 100))
def test_spoiled_file_is_refused_or_becomes_a_plain_picture(first):
    """Five hundred files, each from its own seed."""
    refused = 0
    for seed in range(first, first + 100):
        content, media_type = spoil(seed)
        try:
            kept = clean_picture(content, media_type)
        except PictureRefused:
            refused += 1
            continue
        assert look_at(kept).format == "JPEG", seed
        assert not [secret for secret in SECRETS if secret in kept], seed
        assert kept.endswith(b"\xff\xd9"), seed
    assert refused > 20


@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_but_the_picture_is_kept(name):
    content, media_type = HIDDEN[name]
    kept = clean_picture(content, media_type)
    picture = look_at(kept)
    assert (picture.format, picture.size) == ("JPEG", (640, 480))
    assert not picture.getexif()
    assert not [secret for secret in SECRETS if secret in kept]
    assert kept.endswith(b"\xff\xd9")


@pytest.mark.parametrize(
    ("kind", "mode", "media_type"),
    [
        ("JPEG", "RGB", JPEG), ("JPEG", "L", JPEG), ("JPEG", "CMYK", JPEG), ("PNG", "RGBA", PNG),
        ("PNG", "P", PNG), ("PNG", "1", PNG), ("PNG", "I;16", PNG), ("WEBP", "RGBA", WEBP),
    ],
)  # fmt: skip
def test_pictures_of_every_kind_become_plain_ones(kind, mode, media_type):
    kept = look_at(clean_picture(draw(kind=kind, mode=mode), media_type))
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (640, 480))


def test_large_picture_is_made_smaller():
    kept = look_at(clean_picture(draw((5200, 2600)), JPEG))
    assert kept.size == (SIDE_MAX, SIDE_MAX // 2)


def test_picture_is_turned_as_its_camera_was_held():
    exif = Image.Exif()
    exif[0x0112] = 6
    assert look_at(clean_picture(draw(exif=exif), JPEG)).size == (480, 640)


def test_mark_lies_all_over_the_picture():
    kept = clean_picture(draw((900, 600)), JPEG)
    marked = look_at(mark_picture(kept, "officer 2026-01-01T00:00 0123abcd"))
    plain = look_at(kept)
    assert marked.size == plain.size
    for left in (0, 300, 600):
        for top in (0, 300):
            box = (left, top, left + 300, top + 300)
            before, after = plain.crop(box), marked.crop(box)
            red = sum(one[0] - one[1] > 40 for one in after.get_flattened_data()) - sum(
                one[0] - one[1] > 40 for one in before.get_flattened_data()
            )
            assert red > 100, box
