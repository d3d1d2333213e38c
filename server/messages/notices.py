"""The mails and text messages behind each notice to the owner of an account."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from models.codes import ContactKind
from models.messages import Channel
from server.core.ids import first_id_at
from server.core.refusals import Invalid
from server.db import Unit
from server.identity.contact_queries import former_contacts
from server.identity.hooks import Notice
from server.identity.notices import FORMER_TOLD
from server.identity.sealing import Sealer
from server.messages import queries
from server.messages.anti_phishing import sign_mail
from server.messages.queue import queue_message
from server.messages.short_texts import is_about_safety, write_short_notice
from server.messages.texts import SMS_NOTICES, write_notice
from server.messages.toll import SmsLimits, check_country

NOTICE_LIFE = timedelta(days=3)
"""A notice that no server took for so long is given up; it is on the screen all the time."""
SMS_NOTICES_MAX = 10
"""Notices by text message to one person in a day; whoever causes more of them costs no more."""
SMS_NOTICES_WINDOW = timedelta(hours=24)
CONTACT_CHANGED = frozenset({"email_changed", "phone_changed"})
PURGE_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class OwnerNotices:
    """A hook that queues a mail for each notice, to the contact that the notice names.

    What matters for the account's safety goes to an address or number that was given up too,
    for 72 hours. It goes by text message besides when the e-mail address was never verified, or
    when it was changed so lately that a thief may have done it; and what a mail alone would tell
    too late goes so always, and counts for no limit, because what sends it is bounded by itself.
    """

    sealer: Sealer = field(compare=False)
    sms_limits: SmsLimits
    sends_sms: bool

    async def __call__(self, unit: Unit, notice: Notice) -> None:
        """Queue the messages of a notice."""
        await self._mail(unit, notice, notice.email, signed=notice.email_verified)
        if not is_about_safety(notice.kind):
            return
        former = (await unit.execute(former_contacts(notice.user_id, unit.now - FORMER_TOLD))).all()
        emails = {row.former for row in former if row.kind == ContactKind.EMAIL.value}
        numbers = {row.former for row in former if row.kind == ContactKind.PHONE.value}
        urgent = notice.kind in CONTACT_CHANGED or notice.kind in SMS_NOTICES
        if emails or urgent or not notice.email_verified:
            numbers |= {notice.phone} - {None}
        for email in sorted(emails - {notice.email}):
            await self._mail(unit, notice, email)
        for number in sorted(numbers):
            await self._text(unit, notice, number)

    async def _mail(self, unit: Unit, notice: Notice, to: str, *, signed: bool = False) -> None:
        """`signed` mails carry the owner's word, which goes to his confirmed mailbox alone."""
        text = write_notice(notice.kind, notice.language, notice.params)
        if signed:
            text = await sign_mail(unit, self.sealer, notice.user_id, text, notice.language)
        await queue_message(unit, self.sealer, Channel.MAIL, to, text, life=NOTICE_LIFE)

    async def _text(self, unit: Unit, notice: Notice, number: str) -> None:
        if not self.sends_sms or not self._is_served(number):
            return
        if notice.kind not in SMS_NOTICES:
            since = first_id_at(unit.now - SMS_NOTICES_WINDOW)
            counted = await unit.execute(queries.count_sms_notices(notice.user_id, since))
            if counted.scalar_one() >= SMS_NOTICES_MAX:
                return
            await unit.execute(queries.insert_sms_notice(unit.ids.new_id(), notice.user_id))
        text = write_short_notice(notice.kind, notice.language, notice.params)
        await queue_message(unit, self.sealer, Channel.SMS, number, text, life=NOTICE_LIFE)

    def _is_served(self, number: str) -> bool:
        try:
            check_country(self.sms_limits, number)
        except Invalid:
            return False
        return True


async def purge_sms_notices(unit: Unit) -> int:
    """Forget one chunk of counted notices that no limit looks at; how many."""
    before: UUID = first_id_at(unit.now - SMS_NOTICES_WINDOW)
    rows = (await unit.execute(queries.old_sms_notices(before, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(queries.delete_sms_notices([row.id for row in rows]))
    return len(rows)
