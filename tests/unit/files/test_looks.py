"""The same picture is found in another file, and another picture is not taken for it."""

import io
import itertools

import pytest
from PIL import Image, ImageDraw, ImageEnhance

from server.files.contents import inspect_file
from server.files.looks import ALIKE_BITS_MAX, BANDS, look_at, measure_distance, split_bands


def draw_proof(number, size=(540, 960)):
    """A picture as of a bank's screen, a different one for each number."""
    picture = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, 0, size[0], 120), fill=(20 + number * 13 % 200, 90, 140))
    for row in range(12):
        width = 60 + (number * 97 + row * 131 + number * row * 17) % 420
        left = (number * 53 + row * 29) % (size[0] - width)
        shade = (number * 31 + row * 47) % 190
        top = 150 + row * 62
        pen.rectangle((left, top, left + width, top + 40), fill=(shade, shade, shade))
    return picture


def save(picture, kind="JPEG", **options):
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def look_of(picture, kind="JPEG", **options):
    return inspect_file(save(picture, kind, **options), f"image/{kind.lower()}").look


@pytest.mark.parametrize("number", range(6))
def test_same_picture_in_another_file_looks_alike(number):
    original = draw_proof(number)
    look = look_of(original, "PNG")
    cut = original.crop((3, 3, original.width - 3, original.height - 3))
    for again in (
        look_of(original, quality=40),
        look_of(original, "WEBP", quality=60),
        look_of(original.resize((270, 480)), quality=80),
        look_of(original.resize((800, 1422))),
        look_of(ImageEnhance.Brightness(original).enhance(0.93)),
        look_of(cut),
    ):
        assert measure_distance(look, again) <= ALIKE_BITS_MAX
        assert set(split_bands(look)) & set(split_bands(again))


def test_other_pictures_do_not_look_alike():
    looks = [look_of(draw_proof(number)) for number in range(30)]
    for one, other in itertools.combinations(looks, 2):
        assert measure_distance(one, other) > ALIKE_BITS_MAX


@pytest.mark.parametrize("color", ["white", "black", "#7f7f7f"])
def test_plain_picture_looks_like_nothing(color):
    assert look_at(save(Image.new("RGB", (300, 300), color))) is None


def test_bands_are_few_and_never_empty():
    for number in range(20):
        bands = split_bands(look_of(draw_proof(number)))
        assert 0 < len(bands) <= BANDS
        assert all(0 <= band < BANDS and 0 < value < 2**16 for band, value in bands)
