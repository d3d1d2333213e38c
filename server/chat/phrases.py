"""What a message is warned of, and what of it is masked. Pure.

Nothing here stops a message: a phrase may be innocent, and who is warned decides himself. Ways to
talk elsewhere are masked for the reader, because deals outside have no escrow.
"""

import enum
import re
from collections.abc import Iterable
from dataclasses import dataclass

from server.chat import phrase_patterns as wide
from server.chat import phrase_rules as rules
from server.chat.folding import Folded, fold, fold_character, squeeze, undisguise
from server.chat.links import Link, find_links

MASK = "•••"
NAME_REACH = 40
"""Characters behind the name of an app in which the writer's name there is looked for."""


class Banner(enum.StrEnum):
    """What to warn a reader of."""

    CONTACT = "contact"
    """Talk or deal elsewhere, where no escrow protects."""
    LINK = "link"
    UNSAFE_LINK = "unsafe_link"
    """An address that hides where it leads, pretends to be another, or runs something."""
    PRESSURE = "pressure"
    """Release before the money is there."""
    PRETENDS_STAFF = "pretends_staff"
    PICTURE_PROOF = "picture_proof"
    """A picture as proof: look into your bank, not at the picture."""
    THREAT = "threat"


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found in a text."""

    banners: tuple[str, ...]
    masks: tuple[tuple[int, int], ...]
    """Parts of the text, ascending and apart."""

    def mask(self, text: str) -> str:
        """The text with its masked parts hidden."""
        parts, place = [], 0
        for start, end in self.masks:
            parts += [text[place:start], MASK]
            place = end
        return "".join([*parts, text[place:]])


def _join_patterns(patterns: Iterable[str]) -> str:
    """One pattern for all, folded like texts.

    Those that begin at the beginning of a word are tried there only, and nothing is captured:
    with hundreds of them both count.
    """
    words, others = [], []
    for pattern in patterns:
        folded = "".join(map(_fold_for_pattern, pattern))
        folded = _CAPTURE.sub("(?:", folded)
        if folded.startswith(r"\b"):
            words.append(f"(?:{folded[2:]})")
        else:
            others.append(f"(?:{folded})")
    return "|".join([rf"\b(?:{'|'.join(words)})", *others])


def _fold_for_pattern(character: str) -> str:
    return character if character.isascii() else fold_character(character)


_CAPTURE = re.compile(r"(?<!\\)\((?!\?)")
_APPS_TEXT = _join_patterns(rules.APPS)
_CONTACT_TEXT = _join_patterns((*rules.CONTACT, *wide.CONTACT))
_HASTE_TEXT = _join_patterns(wide.PRESSURE)
_HARMLESS_TEXT = _join_patterns(wide.PRESSURE_UNLESS)
_PRESSURE_TEXT = _join_patterns(rules.PRESSURE)
_STAFF_TEXT = _join_patterns((*rules.PRETENDS_STAFF, *wide.PRETENDS_STAFF))
_PICTURE_TEXT = _join_patterns((*rules.PICTURE_PROOF, *wide.PICTURE_PROOF))
_THREAT_TEXT = _join_patterns((*rules.THREAT, *wide.THREAT))
_APPS = re.compile(_APPS_TEXT)
_CONTACT = re.compile(_CONTACT_TEXT)
_HASTE = re.compile(_HASTE_TEXT)
_HARMLESS = re.compile(_HARMLESS_TEXT)
_BY_BANNER = {
    Banner.PRESSURE: re.compile(_PRESSURE_TEXT),
    Banner.PRETENDS_STAFF: re.compile(_STAFF_TEXT),
    Banner.PICTURE_PROOF: re.compile(_PICTURE_TEXT),
    Banner.THREAT: re.compile(_THREAT_TEXT),
}
_MAIL = re.compile(
    r"[\w.+-]{2,} ?(?:@|[(\[] ?at ?[)\]]) ?[\w-]{2,}"
    r"(?: ?(?:\.|[(\[] ?(?:dot|\.) ?[)\]]) ?[a-z]{2,})+"
    r"|[\w.+-]{2,} at (?:g ?mail|yahoo|hotmail|outlook|proton\w*|mail|yandex|icloud)"
    r"(?: (?:dot|\.) ?[a-z]{2,}| ?\.[a-z]{2,})"
)
_HANDLE = re.compile(r"(?<![\w@./])@[a-z][\w.]{2,}")
_NAME = re.compile(r"(?<![\w])(?:@[\w.]{3,}|(?=[\w:.]*[\d_])[a-z0-9][\w:.]{3,}|(?<=: )[a-z]\w{3,})")
_DIALLED = re.compile(r"(?<![\w.,])(?:\+|00)?[\doli](?:[ .()-]{0,2}[\doli]){7,14}(?![\w])")
_NUMBER_SHAPES = re.compile(
    r"0[35789]\d{8}|0[789][01]\d{8}|08\d{8,11}|05\d{9}|0[17]\d{8}|09\d{9}|0[689]\d{8}"
)
"""Mobile numbers of Vietnam, Nigeria, Indonesia, Turkey, Kenya, the Philippines, Thailand."""
_ACCOUNT_BEFORE = re.compile(
    r"(stk|\btk\b|account|acc(?:ou?nt)?|\bref\w*|\bno\b|\bma\b|code|iban|amount|so tk|card|"
    r"\bid\b|session|momo|upi|gcash|nominal|note|berita|transaction)\W{0,3}(?:\w+\W{1,3}){0,2}$"
)
_NUMBER_WORDS = re.compile(
    r"(?:\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine|double|"
    r"khong|mot|hai|ba|bon|nam|sau|bay|tam|chin)\b[ ,.-]*){7,}"
)
_NUMBER_ASKED = re.compile(
    r"(call|phone|sdt|goi|zap|whats\w*|\bwa\b|simu|alo|viber|zalo|telegram\w*|tel)\W*"
    r"(?:\w+\W+){0,3}$"
)


def inspect_text(text: str) -> Findings:
    """What of a message to warn of, and which parts of it to mask."""
    folded = fold(text)
    if not folded.text.strip():
        return Findings((), ())
    written = [folded]
    squeezed = squeeze(folded)
    if squeezed.text != folded.text:
        written.append(squeezed)
    views = [undisguise(each) for each in written]
    banners: set[Banner] = set()
    links = find_links(folded, views[0])
    leads = [link.span for link in links if not link.talks]
    masks = _find_contacts(written, views, leads, banners)
    for link in links:
        banners.add(_banner_of(link))
        if link.talks:
            masks.append(link.span)
    for view in views:
        for banner, pattern in _BY_BANNER.items():
            if pattern.search(view.text):
                banners.add(banner)
        if _HASTE.search(view.text) and not _HARMLESS.search(view.text):
            banners.add(Banner.PRESSURE)
    ordered = tuple(banner.value for banner in Banner if banner in banners)
    return Findings(ordered, _join(masks))


def _banner_of(link: Link) -> Banner:
    if link.talks:
        return Banner.CONTACT
    return Banner.UNSAFE_LINK if link.unsafe else Banner.LINK


def _find_contacts(
    written: list[Folded],
    views: list[Folded],
    leads: list[tuple[int, int]],
    banners: set[Banner],
) -> list[tuple[int, int]]:
    """The places of ways to talk elsewhere; notes in `banners` that there is one.

    What is within an address of `leads` is a part of it and no mail address.
    """
    spans, folded = [], written[0]
    for view in views:
        for app in _APPS.finditer(view.text):
            spans.append(view.span(*app.span()))
            name = _NAME.search(view.text, app.end(), app.end() + NAME_REACH)
            if name is not None:
                spans.append(view.span(*name.span()))
        if _CONTACT.search(view.text):
            banners.add(Banner.CONTACT)
    for pattern in (_MAIL, _HANDLE):
        for found in pattern.finditer(folded.text):
            start, end = folded.span(*found.span())
            if not any(lead[0] < end and start < lead[1] for lead in leads):
                spans.append((start, end))
    spans += [views[0].span(*found.span()) for found in _NUMBER_WORDS.finditer(views[0].text)]
    spans += [
        each.span(*found.span())
        for each in written
        for found in _DIALLED.finditer(each.text)
        if _is_dialled(each.text, found)
    ]
    if spans:
        banners.add(Banner.CONTACT)
    return spans


def _is_dialled(text: str, found: re.Match[str]) -> bool:
    """Whether digits are a telephone number: by a plus, a shape, or the words before them."""
    written = found.group()
    if sum(character.isdigit() for character in written) < 7:
        return False
    number = re.sub(r"\D", "", written.replace("o", "0").replace("l", "1").replace("i", "1"))
    before = text[max(0, found.start() - NAME_REACH) : found.start()]
    if _NUMBER_ASKED.search(before):
        return True
    if _ACCOUNT_BEFORE.search(before):
        return False
    return written.startswith("+") or _NUMBER_SHAPES.fullmatch(number) is not None


def _join(spans: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
