"""The mail behind each notice to the owner of an account."""

from dataclasses import dataclass, field
from datetime import timedelta

from models.messages import Channel
from server.db import Unit
from server.identity.hooks import Notice
from server.identity.sealing import Sealer
from server.messages.queue import queue_message
from server.messages.texts import SMS_NOTICES, fill_text, write_notice

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


@dataclass(frozen=True, slots=True)
class SmsNotices:
    """A hook that queues a text message besides, where a mail alone may come too late.

    Only to a telephone that its owner has verified. What sends such notices is bounded by itself.
    """

    sealer: Sealer = field(compare=False)

    async def __call__(self, unit: Unit, notice: Notice) -> None:
        """Queue the text message of a notice that has one."""
        said = SMS_NOTICES.get(notice.kind)
        if said is None or notice.phone is None:
            return
        text = fill_text(said, notice.language)
        await queue_message(
            unit, self.sealer, Channel.SMS, notice.phone, text, life=NOTICE_LIFE
        )  # fmt: skip
