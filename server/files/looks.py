"""What a picture looks like in 256 bits, so that the same picture in another file is found.

Each bit says whether a spot is clearly brighter than the one to its right, on a picture drawn 17 by
16 spots small. Sizes, qualities and formats change few of them. Two looks that differ in at most
15 bits agree in at least one of 16 bands, by which they are looked up.
"""

import io

from PIL import Image

WIDTH, HEIGHT = 17, 16
CLEARLY = 3
"""Of 255: less is noise."""
BITS_MIN = 12
"""A picture with fewer bits is nearly plain and looks like many others."""
ALIKE_BITS_MAX = 10
"""In how many bits two looks of one picture differ at most."""
BANDS = 16


def look_at(picture: bytes) -> bytes | None:
    """The look of a JPEG that was drawn anew; none for a nearly plain one."""
    with Image.open(io.BytesIO(picture), formats=["JPEG"]) as opened:
        opened.draft("L", (WIDTH * 8, HEIGHT * 8))
        small = opened.convert("L").resize((WIDTH, HEIGHT), Image.Resampling.BOX)
    spots = small.tobytes()
    bits = 0
    for row in range(HEIGHT):
        for column in range(WIDTH - 1):
            at = row * WIDTH + column
            bits = bits << 1 | (spots[at] > spots[at + 1] + CLEARLY)
    if bits.bit_count() < BITS_MIN:
        return None
    return bits.to_bytes(32, "big")


def measure_distance(one: bytes, other: bytes) -> int:
    """In how many bits two looks differ."""
    return (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count()


def split_bands(look: bytes) -> list[tuple[int, int]]:
    """The bands of a look with their values; empty ones, which plain rows share, are left out.

    Columns, not rows: a row of a screen is often empty, a column seldom is.
    """
    bits = int.from_bytes(look, "big")
    bands = []
    for band in range(BANDS):
        value = 0
        for row in range(HEIGHT):
            value = value << 1 | (bits >> (row * 16 + band) & 1)
        if value:
            bands.append((band, value))
    return bands
