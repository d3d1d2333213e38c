"""How hard a password is to guess, by the zxcvbn library and its lists of common passwords.

The lists travel with the library: nothing is asked of anybody. Names of the user and words
of the service count as known.
"""

from dataclasses import dataclass

from zxcvbn import zxcvbn

SCORE_MIN = 2
"""0 to 4; from 2 on a guesser who is slowed down needs more than a million tries."""
SERVICE_WORDS = (
    "iqx", "usdt", "tether", "escrow", "peer2peer", "p2p", "crypto", "wallet", "bitcoin", "tron",
)  # fmt: skip
"""What a guesser tries here first: the words of the service."""
CHARS_MEASURED = 40
"""The work grows with the square of the length; what comes after only makes it harder to guess."""


@dataclass(frozen=True, slots=True)
class Strength:
    """The judgement of one password."""

    score: int
    """0 (guessed at once) to 4."""
    warning: str
    """What is wrong with it in English, or nothing."""

    @property
    def enough(self) -> bool:
        """Whether it may be used."""
        return self.score >= SCORE_MIN


def measure_password(password: str, own_words: tuple[str, ...] = ()) -> Strength:
    """Judge a password whose user has these names."""
    known = [*(word[:CHARS_MEASURED] for word in own_words), *SERVICE_WORDS]
    judged = zxcvbn(password[:CHARS_MEASURED], user_inputs=known)
    return Strength(judged["score"], judged["feedback"]["warning"] or "")
