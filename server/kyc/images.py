"""Pictures of documents: only what is one gets in, drawn anew, and marked for who looks at it.

Whatever came is decoded to pixels and encoded again, so that nothing but the picture is kept: no
place or device of the camera, nothing behind the picture's end, no second file inside the first.
"""

import io
import warnings
from collections.abc import Mapping
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from server.kyc.refusals import PictureRefused

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
"""Content types that are taken, and what the decoder calls them."""
MAGIC = {
    "image/jpeg": (b"\xff\xd8\xff", 0),
    "image/png": (b"\x89PNG\r\n\x1a\n", 0),
    "image/webp": (b"WEBP", 8),
}
"""What a file of each type has, and at which byte."""
UPLOAD_BYTES_MAX = 10 * 1024 * 1024
PIXELS_MAX = 40_000_000
SIDE_MIN = 300
"""Pixels; nobody can read a smaller document."""
SIDE_MAX = 4000
"""Larger pictures are made smaller."""
QUALITY = 88
KEPT_TYPE = "image/jpeg"


def read_media_type(headers: Mapping[str, str]) -> str:
    """What the caller says that his file is; empty where he says nothing."""
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def clean_picture(content: bytes, media_type: str, *, side_min: int = SIDE_MIN) -> bytes:
    """The picture alone, as JPEG.

    Refuses `PictureRefused` when the content is not of its type, is broken, too small or too
    large. The size in pixels is known before anything is unpacked.
    """
    if media_type not in MAGIC:
        raise PictureRefused("Send a picture, and say its type.")
    magic, at = MAGIC[media_type]
    if content[at : at + len(magic)] != magic:
        raise PictureRefused("The content is not of the type that was said.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with Image.open(io.BytesIO(content), formats=[FORMATS[media_type]]) as opened:
                _check_size(opened, side_min)
                return _encode(_draw_anew(opened))
    except (UnidentifiedImageError, Image.DecompressionBombError, Warning) as error:
        raise PictureRefused("The picture cannot be read.") from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, MemoryError) as error:
        # The decoders raise these for broken and for truncated files.
        raise PictureRefused("The picture is broken.") from error


def _check_size(opened: Image.Image, side_min: int) -> None:
    width, height = opened.size
    if width * height > PIXELS_MAX:
        raise PictureRefused("The picture has too many pixels.")
    if min(width, height) < side_min:
        raise PictureRefused(f"Each side of the picture needs at least {side_min} pixels.")
    if getattr(opened, "n_frames", 1) > 1:
        raise PictureRefused("The picture moves.")


def _draw_anew(opened: Image.Image) -> Image.Image:
    opened.draft("RGB", (SIDE_MAX, SIDE_MAX))
    upright = ImageOps.exif_transpose(opened)
    if upright.mode in ("RGBA", "LA", "PA", "P"):
        # What is transparent becomes white, as on paper.
        layered = upright.convert("RGBA")
        paper = Image.new("RGBA", layered.size, "white")
        upright = Image.alpha_composite(paper, layered)
    plain = upright.convert("RGB")
    plain.thumbnail((SIDE_MAX, SIDE_MAX))
    # A new picture has the pixels and nothing that hung on the old one.
    anew = Image.new("RGB", plain.size)
    anew.paste(plain)
    return anew


def _encode(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


@lru_cache(maxsize=4)
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def mark_picture(kept: bytes, words: str) -> bytes:
    """A kept picture with `words` all over it, so that a photograph of the screen tells whose."""
    with Image.open(io.BytesIO(kept), formats=["JPEG"]) as opened:
        picture = opened.convert("RGBA")
    size = max(14, min(picture.size) // 28)
    font = _font(size)
    layer = Image.new("RGBA", picture.size, (0, 0, 0, 0))
    drawing = ImageDraw.Draw(layer)
    left, top, right, bottom = drawing.textbbox((0, 0), words, font=font)
    wide, high = round(right - left) + size, round(bottom - top) + size * 4
    for row, y in enumerate(range(0, picture.height, high)):
        for x in range(-wide // 2 if row % 2 else 0, picture.width, wide):
            drawing.text((x, y), words, font=font, fill=(200, 0, 0, 110))
            drawing.text((x + 1, y + 1), words, font=font, fill=(255, 255, 255, 90))
    return _encode(Image.alpha_composite(picture, layer).convert("RGB"))
