"""The mail behind each notice to the owner of an account."""

from dataclasses import dataclass, field
from datetime import timedelta

from models.messages import Channel
from server.db import Unit
from server.identity.hooks import Notice
from server.identity.sealing import Sealer
from server.messages.queue import queue_message
from server.messages.texts import write_notice

NOTICE_LIFE = timedelta(days=3)
"""A notice that no server took for so long is given up; it is on the screen all the time."""


@dataclass(frozen=True, slots=True)
class MailNotices:
    """A hook that queues a mail for each notice, to the contact that the notice names."""

    sealer: Sealer = field(compare=False)

    async def __call__(self, unit: Unit, notice: Notice) -> None:
        """Queue the mail of a notice."""
        text = write_notice(notice.kind, notice.language, notice.params)
        await queue_message(
            unit, self.sealer, Channel.MAIL, notice.email, text, life=NOTICE_LIFE
        )  # fmt: skip
