"""MP4: a chain of known boxes from the first to the last byte; where it was filmed is taken out."""

from collections.abc import Iterator
from dataclasses import dataclass

from server.files.pdf import check_foreign
from server.files.refusals import FileRefused

BRANDS = frozenset(
    {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"iso7", b"iso8", b"iso9", b"mp41",
     b"mp42", b"avc1", b"hvc1", b"dash", b"M4V ", b"M4VH", b"M4VP", b"MSNV", b"mp71", b"mmp4",
     b"3gp4", b"3gp5", b"3gp6", b"3gp7", b"qt  "}
)  # fmt: skip
TOP = frozenset(
    {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"udta", b"meta", b"moof", b"mfra",
     b"sidx", b"ssix", b"styp", b"pdin", b"prft", b"uuid"}
)  # fmt: skip
HOLDING = frozenset({b"moov", b"trak", b"mdia", b"minf", b"moof", b"traf"})
"""Boxes made of boxes, in which notes may lie."""
NOTES = frozenset({b"udta", b"meta", b"uuid", b"free", b"skip"})
"""Boxes of notes, such as the place: nothing that is shown."""
BOXES_MAX = 100_000
DEPTH_MAX = 8
FTYP_BYTES_MAX = 4096


@dataclass(frozen=True, slots=True)
class Box:
    """A box of a file: where it begins, where its content does, and where it ends."""

    kind: bytes
    start: int
    inner: int
    end: int


def clean_mp4(content: bytes) -> bytes:
    """The video with its notes emptied, as long as before. Refuses `FileRefused`."""
    boxes = list(_read_boxes(content, 0, len(content)))
    kinds = [box.kind for box in boxes]
    if not kinds or kinds[0] != b"ftyp" or not _is_video(content, boxes[0]):
        raise FileRefused("The content is not of the type that was said.")
    if not set(kinds) <= TOP or not {b"moov", b"mdat"} <= set(kinds):
        raise FileRefused("The video has parts that do not belong in one.")
    kept = bytearray(content)
    _empty_notes(kept, boxes, 0)
    cleaned = bytes(kept)
    check_foreign(cleaned)
    return cleaned


def _is_video(content: bytes, box: Box) -> bool:
    if box.end > FTYP_BYTES_MAX:
        return False
    named = content[box.inner : box.end]
    return len(named) >= 8 and named[:4] in BRANDS


def _read_boxes(content: bytes | bytearray, start: int, end: int) -> Iterator[Box]:
    """The boxes between two places, which they fill exactly. Refuses `FileRefused`."""
    at = start
    for _ in range(BOXES_MAX):
        if at == end:
            return
        size = int.from_bytes(content[at : at + 4], "big")
        kind, inner = bytes(content[at + 4 : at + 8]), at + 8
        if size == 1:
            size, inner = int.from_bytes(content[at + 8 : at + 16], "big"), at + 16
        elif size == 0 and start == 0:
            # The last box of a file may say that it goes to the end.
            size = end - at
        if size < inner - at or at + size > end:
            raise FileRefused("The video is broken.")
        yield Box(kind, at, inner, at + size)
        at += size
    raise FileRefused("The video has too many parts.")


def _empty_notes(kept: bytearray, boxes: list[Box], depth: int) -> None:
    if depth > DEPTH_MAX:
        raise FileRefused("The video has too many parts.")
    for box in boxes:
        if box.kind in NOTES:
            # Places in the file are counted from its beginning, so nothing may move.
            kept[box.start + 4 : box.start + 8] = b"free"
            kept[box.inner : box.end] = bytes(box.end - box.inner)
        elif box.kind in HOLDING:
            _empty_notes(kept, list(_read_boxes(kept, box.inner, box.end)), depth + 1)
