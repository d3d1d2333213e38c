"""Pictures, good ones and those that somebody would like to send."""

import io
import random
import struct
import zipfile
import zlib

from PIL import Image, PngImagePlugin


def draw(size=(640, 480), kind="JPEG", mode="RGB", **options):
    """A picture with something on it."""
    picture = Image.effect_noise((size[0] // 4, size[1] // 4), 60).resize(size).convert(mode)
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def draw_with_place():
    """A photograph that tells where it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "SECRET CAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (10.0, 46.0, 1.0)
    return draw(exif=exif, comment=b"SECRET COMMENT")


def draw_with_text():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "SECRET COMMENT")
    return draw(kind="PNG", pnginfo=notes)


def zip_up(content=b"x" * 1000):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("evil.exe", content)
    return out.getvalue()


def claim_size(width, height):
    """A PNG of a few bytes that says it is as large as this."""

    def chunk(name, content):
        sum_of = zlib.crc32(name + content)
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", sum_of)

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(3 * 300 + 1) * 300)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def unpack_much():
    """A PNG whose text takes a hundred megabytes when it is unpacked."""
    good = draw(kind="PNG")
    packed = b"Comment\x00\x00" + zlib.compress(bytes(100 * 1024 * 1024), 9)
    chunk = struct.pack(">I", len(packed)) + b"zTXt" + packed
    chunk += struct.pack(">I", zlib.crc32(b"zTXt" + packed))
    return good[:33] + chunk + good[33:]


def animate(kind):
    frames = [Image.new("RGB", (400, 400), color) for color in ("red", "green", "blue")]
    out = io.BytesIO()
    frames[0].save(out, kind, save_all=True, append_images=frames[1:])
    return out.getvalue()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
PDF = b"%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj\n%%EOF"
EXE = b"MZ\x90\x00" + bytes(400) + b"PE\x00\x00"
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for a virus; in two pieces, so that none takes this file for one."""
MACHO, ELF = b"\xcf\xfa\xed\xfe" + bytes(400), b"\x7fELF\x02\x01\x01" + bytes(400)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"VBA macro" + bytes(500)
PHP = b"<?php system($_GET[1]); ?>"
JPEG, PNG, WEBP = "image/jpeg", "image/png", "image/webp"
BAD = {
    "svg": (SVG, PNG),
    "html": (HTML, JPEG),
    "pdf": (PDF, JPEG),
    "exe": (EXE, JPEG),
    "elf": (ELF, PNG),
    "mach-o": (MACHO, WEBP),
    "office file with a macro": (OLE, JPEG),
    "eicar": (EICAR, JPEG),
    "eicar after a jpeg's first bytes": (b"\xff\xd8\xff\xe0" + EICAR, JPEG),
    "pdf that begins as a jpeg": (b"\xff\xd8\xff\xfe\x00\x20" + PDF, JPEG),
    "script for a server": (PHP, PNG),
    "script behind a gif's head": (b"GIF89a" + PHP, JPEG),
    "phar": (PHP + b"__HALT_COMPILER();", WEBP),
    "nested archive": (zip_up(zip_up(bytes(1_000_000))), JPEG),
    "zip": (zip_up(), PNG),
    "zip bomb": (zip_up(bytes(20_000_000)), JPEG),
    "html after a jpeg's first bytes": (b"\xff\xd8\xff\xe0" + HTML, JPEG),
    "html after a png's first bytes": (b"\x89PNG\r\n\x1a\n" + HTML, PNG),
    "svg in a riff": (b"RIFF\x00\x00\x00\x00WEBP" + SVG, WEBP),
    "gif said to be png": (draw(kind="GIF", mode="P"), PNG),
    "bmp said to be jpeg": (draw(kind="BMP"), JPEG),
    "tiff said to be png": (draw(kind="TIFF"), PNG),
    "png said to be jpeg": (draw(kind="PNG"), JPEG),
    "jpeg said to be webp": (draw(), WEBP),
    "pixel bomb": (claim_size(50_000, 50_000), PNG),
    "flat pixel bomb": (claim_size(60_000_000, 1), PNG),
    "more pixels than data": (claim_size(5_000, 5_000), PNG),
    "text bomb": (unpack_much(), PNG),
    "moving png": (animate("PNG"), PNG),
    "moving webp": (animate("WEBP"), WEBP),
    "too small": (draw((200, 800)), JPEG),
    "one byte": (b"\xff", JPEG),
    "magic alone": (b"\xff\xd8\xff", JPEG),
    "truncated jpeg": (draw()[:-2000], JPEG),
    "truncated png": (draw(kind="PNG")[:-2000], PNG),
    "truncated webp": (draw(kind="WEBP")[:-2000], WEBP),
}
"""What is sent, and what it is said to be."""
HIDDEN = {
    "html behind a jpeg": (draw() + HTML, JPEG),
    "zip behind a jpeg": (draw() + zip_up(), JPEG),
    "svg behind a png": (draw(kind="PNG") + SVG, PNG),
    "virus behind a jpeg": (draw() + EICAR, JPEG),
    "virus in the comment": (draw(comment=EICAR), JPEG),
    "pdf behind a png": (draw(kind="PNG") + PDF, PNG),
    "program behind a webp": (draw(kind="WEBP") + EXE, WEBP),
    "server's script in the comment": (draw(comment=PHP), JPEG),
    "place and camera": (draw_with_place(), JPEG),
    "text of a png": (draw_with_text(), PNG),
    "script in the comment": (draw(comment=HTML), JPEG),
}
"""Pictures that carry something else; the picture is kept, the rest is not."""
SECRETS = (b"<script", b"evil.exe", b"PK\x03\x04", b"SECRET", b"Exif", b"<svg", b"EICAR",
           b"<?php", b"JavaScript", b"PE\x00\x00")  # fmt: skip


def spoil(seed):
    """A picture that somebody spoiled: bytes changed, cut out, doubled, put in or cut off."""
    dice = random.Random(seed)
    kind, media_type = dice.choice([("JPEG", JPEG), ("PNG", PNG), ("WEBP", WEBP)])
    content = bytearray(_GOOD[kind])
    for _ in range(dice.randint(1, 12)):
        at, span = dice.randrange(len(content)), dice.randint(1, 64)
        how = dice.choice(("change", "cut", "double", "insert", "end"))
        if how == "change":
            content[at] = dice.randrange(256)
        elif how == "cut":
            del content[at : at + span]
        elif how == "double":
            content[at:at] = content[at : at + span]
        elif how == "insert":
            content[at:at] = dice.choice((EICAR, HTML, PHP, PDF, SVG, EXE))
        elif len(content) > 400:
            del content[dice.randrange(200, len(content)) :]
    return bytes(content), media_type


_GOOD = {kind: draw((320, 300), kind) for kind in ("JPEG", "PNG", "WEBP")}
