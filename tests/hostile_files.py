"""Files that somebody would like to send: documents that act, videos that are something else,
each kind of thing under each name."""

import io
import random
import struct
import zipfile
import zlib

from tests.pictures import (
    BAD,
    EICAR,
    ELF,
    EXE,
    HTML,
    MACHO,
    OLE,
    PHP,
    SVG,
    draw,
    zip_up,
)

TYPES = ("image/jpeg", "image/png", "image/webp", "application/pdf", "video/mp4")
ACTS = (
    "JavaScript", "Launch", "EmbeddedFile", "EmbeddedFiles", "RichMedia", "RichMediaContent",
    "SubmitForm", "ImportData", "GoToE", "GoToR", "Rendition", "XFA", "Encrypt", "GoTo3DView",
)  # fmt: skip


def make_pdf(*objects, page=b"BT /F1 12 Tf (Paid 5,200,000) Tj ET", end=b"%%EOF\n"):
    """A document of one page, with more objects if wanted."""
    packed = zlib.compress(page)
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R >>",
        b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream",
        *objects,
    ]
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + part + b"\nendobj\n"
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n" % (len(parts) + 1, start)
    return bytes(out + end)


def stream(content, dictionary=b"/Filter /FlateDecode", *, packed=True):
    content = zlib.compress(content) if packed else content
    head = b"<< %s /Length %d >>\nstream\r\n" % (dictionary, len(content))
    return head + content + b"\r\nendstream"


def object_stream(content, more=b""):
    head = b"7 0 "
    dictionary = b"/Type /ObjStm /N 1 /First %d /Filter /FlateDecode %s" % (len(head), more)
    return stream(head + content, dictionary)


def hide(act):
    """A document that acts, in each way of hiding it."""
    name = act.encode()
    plain = b"<< /Type /Action /S /%s /X (app.alert\\(1\\)) >>" % name
    first = b"/#%02x" % name[0] + name[1:]
    last = b"/" + name[:-1] + b"#%02X" % name[-1]
    whole = b"/" + b"".join(b"#%02x" % byte for byte in name)
    packed = object_stream(plain)
    raw = zlib.compress(plain + bytes(range(256)) * 40)
    return {
        "plain": make_pdf(plain),
        "escaped first": make_pdf(plain.replace(b"/" + name, first)),
        "escaped last": make_pdf(plain.replace(b"/" + name, last)),
        "escaped whole": make_pdf(plain.replace(b"/" + name, whole)),
        "packed": make_pdf(packed),
        "packed and escaped": make_pdf(object_stream(plain.replace(b"/" + name, whole))),
        "packed, said to be a picture": make_pdf(stream(plain, b"/Subtype /Image")),
        "in what looks like a stream": make_pdf(b"<<>>\n% stream\n" + plain + b"\nendstream"),
        "before a break": make_pdf(
            b"<< /Filter /FlateDecode >>\nstream\n" + raw[:-30] + b"\x00" * 60 + b"\nendstream"
        ),
        "in the trailer": make_pdf(end=b"<< /Root << /S /%s >> >>\n%%%%EOF" % name),
        "in a name tree": make_pdf(b"<< /Names << /%s 5 0 R >> >>" % name),
        "with a tab": make_pdf(b"<< /S\t/%s\t>>" % name),
    }


GOOD_PDF = make_pdf()
PDF_BOMB = make_pdf(stream(bytes(100 * 1024 * 1024)))


def list_hostile_pdfs():
    """Documents that must not get in, by what they do."""
    found = {f"{act}, {how}": content for act in ACTS for how, content in hide(act).items()}
    acting = b"<< /S /JavaScript >>"
    codes = (b"/LZWDecode", b"/ASCIIHexDecode", b"/ASCII85Decode", b"/RunLengthDecode", b"/Crypt",
             b"[/ASCIIHexDecode /FlateDecode]", b"[/FlateDecode /FlateDecode]", b"/Fl")  # fmt: skip
    for code in codes:
        dictionary = b"/Type /ObjStm /N 1 /First 4 /Filter %s" % code
        found[f"objects packed by {code.decode()}"] = make_pdf(
            stream(acting.hex().encode(), dictionary, packed=False)
        )
    found["objects behind a predictor"] = make_pdf(
        object_stream(b"<<>>", b"/DecodeParms << /Predictor 12 >>")
    )
    found["objects that do not unpack"] = make_pdf(
        stream(b"\x00" * 50, b"/Type /ObjStm /Filter /FlateDecode", packed=False)
    )
    found["bomb"] = PDF_BOMB
    found["bomb in pieces"] = make_pdf(*[stream(bytes(20 * 1024 * 1024))] * 5)
    found["bomb of streams"] = make_pdf(b"stream\n" * 30_000)
    found["escapes without end"] = make_pdf(b"/" + b"#41" * 300_000)
    for name, other in FOREIGN.items():
        found[f"{name} behind it"] = GOOD_PDF + other
        found[f"{name} before it"] = other + GOOD_PDF
    for mark in (b"<script>1</script>", SVG, PHP, HTML, EICAR):
        found[f"{mark[:8]} inside"] = make_pdf(b"<< /A (" + mark + b") >>")
    found["archive that ends as a document"] = GOOD_PDF[:-6] + zip_up() + b"\n%%EOF"
    found["without an end"] = GOOD_PDF[:-7]
    found["head alone"] = b"%PDF-1.7\n"
    found["no version"] = GOOD_PDF.replace(b"%PDF-1.7", b"%PDF-x.7")
    return found


def box(kind, content=b""):
    return struct.pack(">I", 8 + len(content)) + kind + content


FTYP = box(b"ftyp", b"isom\x00\x00\x02\x00isomiso2avc1mp41")
PLACE = b"\xa9xyz\x00\x15\x15\xc7+10.7626+106.6602/"
NOTES = box(b"udta", box(PLACE[:4], PLACE[4:])) + box(b"meta", b"com.apple.SECRET CAMERA")
MOOV = box(
    b"moov", box(b"mvhd", bytes(100)) + box(b"trak", box(b"tkhd", bytes(84)) + NOTES) + NOTES
)
MDAT = box(b"mdat", bytes(range(256)) * 8)
GOOD_MP4 = FTYP + box(b"free") + MOOV + MDAT


def list_hostile_videos():
    """Videos that must not get in, by what is wrong."""
    deep = b""
    for _ in range(40):
        deep = box(b"moov", deep)
    found = {
        "no head": MOOV + MDAT,
        "head of another kind": box(b"ftyp", b"evil\x00\x00\x00\x00") + MOOV + MDAT,
        "large head": box(b"ftyp", b"isom" + bytes(10_000)) + MOOV + MDAT,
        "head alone": FTYP,
        "nothing to see": FTYP + MOOV,
        "nothing to play": FTYP + MDAT,
        "unknown part": GOOD_MP4 + box(b"evil", b"x"),
        "cut off": GOOD_MP4[:-5],
        "longer than it is": FTYP + MOOV + struct.pack(">I", 10_000) + b"mdat" + bytes(100),
        "shorter than a part": FTYP + struct.pack(">I", 4) + b"moov" + MDAT,
        "long size that lies": FTYP + MOOV + b"\x00\x00\x00\x01mdat" + b"\xff" * 8 + bytes(50),
        "too deep": FTYP + deep + MDAT,
        "many parts": FTYP + MOOV + MDAT + box(b"free") * 120_000,
        "inner part that lies": FTYP + box(b"moov", b"\x00\x00\xff\xfftrak") + MDAT,
    }
    for name, other in FOREIGN.items():
        found[f"{name} behind it"] = GOOD_MP4 + other
        found[f"{name} before it"] = other + GOOD_MP4
    for mark in (b"<script>1</script>", SVG, PHP, HTML, EICAR):
        found[f"{mark[:8]} inside"] = FTYP + MOOV + box(b"mdat", mark)
    found["archive inside"] = FTYP + MOOV + box(b"mdat", zip_up())
    return found


def make_office(macro):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("word/vbaProject.bin" if macro else "word/document.xml", b"x" * 100)
    return out.getvalue()


FOREIGN = {
    "html": HTML, "svg": SVG, "program": EXE, "elf": ELF, "mach-o": MACHO, "php": PHP,
    "zip": zip_up(), "zip bomb": zip_up(bytes(20_000_000)), "nested zip": zip_up(zip_up()),
    "office macro": OLE, "document with a macro": make_office(macro=True), "virus": EICAR,
    "java": b"\xca\xfe\xba\xbe" + bytes(60), "script": b"#!/bin/sh\nrm -rf /\n",
    "shortcut": b"L\x00\x00\x00\x01\x14\x02\x00" + bytes(60), "rtf": b"{\\rtf1\\object}",
    "gzip": b"\x1f\x8b\x08\x00" + bytes(40), "rar": b"Rar!\x1a\x07\x00" + bytes(40),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(40), "xml": b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY"
    b" x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", "webm": b"\x1aE\xdf\xa3" + bytes(60),
    "mp3": b"ID3\x03" + bytes(60), "gif": draw(kind="GIF", mode="P"), "bmp": draw(kind="BMP"),
    "tiff": draw(kind="TIFF"), "postscript": b"%!PS-Adobe-3.0\n(x) run\n", "nothing": b"x",
    "wasm": b"\x00asm\x01\x00\x00\x00", "text": b"I paid, believe me.\n" * 10,
}  # fmt: skip
"""What is no picture, document or video at all."""


def list_all():
    """Name, content and said type of everything that must not get in."""
    for name, content in list_hostile_pdfs().items():
        yield f"pdf: {name}", content, "application/pdf"
    for name, content in list_hostile_videos().items():
        yield f"mp4: {name}", content, "video/mp4"
    for name, (content, media_type) in BAD.items():
        if name != "too small":
            yield f"picture: {name}", content, media_type
    goods = {"jpeg": draw((64, 64)), "png": draw((64, 64), "PNG"), "pdf": GOOD_PDF,
             "webp": draw((64, 64), "WEBP"), "mp4": GOOD_MP4}  # fmt: skip
    for media_type in TYPES:
        for name, content in (*FOREIGN.items(), *goods.items()):
            if not media_type.endswith(f"/{name}"):
                yield f"{name} said to be {media_type}", content, media_type


def spoil(seed):
    """A document or a video that somebody spoiled, and its said type."""
    dice = random.Random(seed)
    good, media_type = dice.choice([(GOOD_PDF, TYPES[3]), (GOOD_MP4, TYPES[4])])
    content = bytearray(good)
    for _ in range(dice.randint(1, 8)):
        at, span = dice.randrange(len(content)), dice.randint(1, 64)
        how = dice.choice(("change", "cut", "double", "end"))
        if how == "change":
            content[at] = dice.randrange(256)
        elif how == "cut":
            del content[at : at + span]
        elif how == "double":
            content[at:at] = content[at : at + span]
        elif len(content) > 400:
            del content[dice.randrange(200, len(content)) :]
    return bytes(content), media_type
