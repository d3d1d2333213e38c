"""PDF: only documents that show something; whatever acts, carries other files or is hidden is
refused.

Readers differ in what they take for an object, so nothing here trusts the structure: the whole
file is looked through, with escaped names written out, and so is everything that can be unpacked
wherever a stream may begin. Objects that are packed in another way than readers commonly write are
refused, because nobody can look into them.
"""

import re
import zlib

from server.files.refusals import FileRefused

HEAD = re.compile(rb"%PDF-[12]\.[0-9]")
END = b"%%EOF"
WHITE = b"\x00\t\n\x0c\r "
UNPACKED_BYTES_MAX = 64 * 1024 * 1024
"""Of all streams together."""
STREAMS_MAX = 20_000
DICTIONARY_BYTES = 4096
"""How far before a stream its dictionary is looked for."""
ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
STREAM = re.compile(rb"stream[ \t]*(?:\r\n|\r|\n)?")
ACTS = re.compile(
    rb"/(?:JavaScript|Launch|EmbeddedFiles?|RichMedia(?:Content|Execute)?|SubmitForm|ImportData"
    rb"|GoToE|GoToR|Rendition|XFA|Encrypt|GoTo3DView|Trans3D)(?=[\x00-\x20()<>\[\]{}/%]|\Z)"
)
"""Names with which a document does something, holds other files, or hides what it does."""
FOREIGN = (b"<script", b"<html", b"<svg", b"<?php", b"EICAR-STANDARD-ANTIVIRUS")
"""What has no place in a document; other programs would run it."""
ARCHIVE_END = b"PK\x05\x06"
ARCHIVE_TAIL = 66_000
"""In the last bytes of a file an archive says that it is one."""
PLAINLY_PACKED = re.compile(rb"/Filter(?:/FlateDecode|\[/FlateDecode\])(?![A-Za-z])")
ESCAPES_MAX = 200_000
PIECE = 4096


def check_pdf(content: bytes) -> None:
    """Refuse `FileRefused` for what is no plain PDF."""
    if HEAD.match(content) is None:
        raise FileRefused("The content is not of the type that was said.")
    body = content.rstrip(WHITE)
    if not body.endswith(END):
        raise FileRefused("The document has no end, or something behind it.")
    _refuse_acts(content)
    check_foreign(content)
    _unpack_all(content)


def check_foreign(content: bytes) -> None:
    """Refuse what would be another kind of file to another program."""
    lowered = content.lower()
    if any(mark.lower() in lowered for mark in FOREIGN):
        raise FileRefused("The file holds something else.")
    if ARCHIVE_END in content[-ARCHIVE_TAIL:]:
        raise FileRefused("The file is an archive, too.")


def _write_out(content: bytes) -> bytes:
    """Names without their escapes: `/J#61vaScript` is `/JavaScript`."""
    if b"#" not in content:
        return content
    for count, _ in enumerate(ESCAPE.finditer(content)):
        if count == ESCAPES_MAX:
            raise FileRefused("The document hides its names.")
    return ESCAPE.sub(lambda found: bytes((int(found[1], 16),)), content)


def _refuse_acts(content: bytes) -> None:
    if ACTS.search(_write_out(content)) is not None:
        raise FileRefused("The document would do something, or holds other files.")


def _unpack_all(content: bytes) -> None:
    """Look into everything that unpacks, within a bound."""
    left = UNPACKED_BYTES_MAX
    for count, begin in enumerate(STREAM.finditer(content)):
        if count == STREAMS_MAX:
            raise FileRefused("The document has too many parts.")
        unpacked = _unpack(content, begin.end(), left)
        left -= len(unpacked)
        _refuse_acts(unpacked)
        if content.endswith(b"end", 0, begin.start()):
            continue
        dictionary = _dictionary_before(content, begin.start())
        if b"/ObjStm" in dictionary and b"/Filter" in dictionary:
            filters = dictionary.count(b"/Filter")
            is_plain = PLAINLY_PACKED.search(dictionary) and b"/Predictor" not in dictionary
            if filters > 1 or not is_plain or not unpacked:
                raise FileRefused("The document packs its objects in an unusual way.")


def _dictionary_before(content: bytes, at: int) -> bytes:
    """What describes the stream at a place, with names written out and without spaces."""
    before = content[max(0, at - DICTIONARY_BYTES) : at]
    written = _write_out(before[before.rfind(b"obj") + 3 :] if b"obj" in before else before)
    return b"".join(written.split())


def _unpack(content: bytes, at: int, bytes_max: int) -> bytes:
    """What unpacks at a place, up to where it breaks: readers show what comes before a break, too.

    Refuses `FileRefused` for more than `bytes_max`. Piece by piece, because the engine copies what
    it does not need.
    """
    engine = zlib.decompressobj()
    unpacked, span = bytearray(), PIECE
    while at < len(content) and not engine.eof and span:
        before = engine.copy()
        try:
            unpacked += engine.decompress(content[at : at + span], bytes_max + 1 - len(unpacked))
        except zlib.error:
            # What the engine had written before the break is lost with it: a smaller step.
            engine, span = before, span // 2
            continue
        if len(unpacked) > bytes_max:
            raise FileRefused("The document unpacks to too much.")
        at += span
    return bytes(unpacked)
