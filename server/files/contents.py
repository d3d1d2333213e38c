"""What a file is, by its content; and what of it is kept."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from models.files import MediaType
from server.files.looks import look_at
from server.files.mp4 import clean_mp4
from server.files.pdf import check_pdf
from server.files.refusals import FileRefused
from server.kyc import images
from server.kyc.refusals import PictureRefused

TYPES = (*images.FORMATS, MediaType.PDF.value, MediaType.MP4.value)
"""What may be sent."""
FILE_BYTES_MAX = 20 * 1024 * 1024
SIDE_MIN = 16
"""Pixels of a picture's shorter side."""


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be kept."""

    content: bytes
    """What is kept of it."""
    media_type: MediaType
    digest: bytes
    """SHA-256 of what was sent."""
    kept_digest: bytes
    """SHA-256 of what is kept."""
    look: bytes | None


def inspect_file(content: bytes, media_type: str) -> Inspected:
    """What is kept of a file of the type that its sender says. Refuses `FileRefused`."""
    if not content:
        raise FileRefused("There is no content.")
    look = None
    if media_type in images.FORMATS:
        try:
            kept = images.clean_picture(content, media_type, side_min=SIDE_MIN)
        except PictureRefused as refused:
            raise FileRefused(refused.detail) from None
        kind, look = MediaType.JPEG, look_at(kept)
    elif media_type == MediaType.PDF:
        check_pdf(content)
        kept, kind = content, MediaType.PDF
    elif media_type == MediaType.MP4:
        kept, kind = clean_mp4(content), MediaType.MP4
    else:
        raise FileRefused
    digest, kept_digest = (hashlib.sha256(each).digest() for each in (content, kept))
    return Inspected(kept, kind, digest, kept_digest, look)


NAMES: Mapping[str, str] = {
    MediaType.JPEG: "jpg", MediaType.PDF: "pdf", MediaType.MP4: "mp4",
}  # fmt: skip
"""What the name of a handed-out file ends with."""
SHOWN_INLINE = frozenset({MediaType.JPEG.value})
"""What we have drawn ourselves; everything else is only saved."""
