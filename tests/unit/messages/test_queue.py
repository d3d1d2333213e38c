"""Messages are sent after their cause is committed, once if nobody dies, and never too late."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from models.messages import Channel, Message
from server.messages.ports import NotSentError, UndeliverableError
from server.messages.queue import (
    CLAIM,
    KEPT,
    PAUSES_S,
    purge_messages,
    queue_message,
    send_due,
)
from server.messages.texts import Text

TO = "alice@example.com"
LIFE = timedelta(minutes=10)


async def queue(office, *, channel=Channel.MAIL, life=LIFE, to=TO):
    async def work(unit):
        return await queue_message(
            unit, office.sealer, channel, to, Text("Subject", "The body 123456"), life=life
        )

    return await office.run(work)


async def status_of(office):
    return [row.status for row in await office.read(select(Message.status).order_by(Message.id))]


async def test_message_goes_to_the_sender_of_its_channel_once(office):
    mail_id = await queue(office)
    sms_id = await queue(office, channel=Channel.SMS, to="+84901234567")

    assert await office.send() == 2
    assert await office.send() == 0

    (mail,), (sms,) = office.mail.taken, office.sms.taken
    assert (mail.id, mail.to, mail.subject, mail.body) == (
        mail_id,
        TO,
        "Subject",
        "The body 123456",
    )
    assert (sms.id, sms.to) == (sms_id, "+84901234567")
    assert await status_of(office) == ["sent", "sent"]


async def test_message_of_a_unit_that_fails_is_never_sent(office):
    async def work(unit):
        await queue_message(unit, office.sealer, Channel.MAIL, TO, Text("a", "b"), life=LIFE)
        raise LookupError

    with pytest.raises(LookupError):
        await office.run(work)

    assert await office.send() == 0
    assert office.mail.taken == []


async def test_content_is_sealed_while_it_waits_and_gone_when_it_was_sent(office):
    await queue(office)
    (waiting,) = await office.read(select(Message.sealed))
    assert b"123456" not in waiting.sealed
    assert b"alice" not in waiting.sealed

    await office.send()

    ((sealed,),) = await office.read(text("SELECT sealed FROM messages"))
    assert sealed is None


async def test_failed_try_is_repeated_after_growing_pauses(office):
    await queue(office, life=timedelta(days=1))
    for pause_s in PAUSES_S[:3]:
        office.mail.problems = [("before", NotSentError("away"))]
        assert await office.send() == 0
        office.clock.advance(seconds=pause_s - 1)
        assert await office.send() == 0
        assert office.mail.taken == []
        office.clock.advance(seconds=1)

    assert await office.send() == 1
    assert len(office.mail.taken) == 1


async def test_message_that_expired_is_not_sent(office):
    await queue(office)
    office.clock.advance(seconds=LIFE.total_seconds())

    assert await office.send() == 0

    assert await status_of(office) == ["expired"]
    assert office.mail.taken == []


async def test_message_is_sent_just_before_it_expires(office):
    await queue(office)
    office.clock.advance(seconds=LIFE.total_seconds() - 1)

    assert await office.send() == 1


async def test_refused_message_is_not_tried_again(office):
    await queue(office)
    office.mail.problems = [("before", UndeliverableError())]

    await office.send()
    office.clock.advance(seconds=300)
    await office.send()

    assert await status_of(office) == ["refused"]
    assert office.mail.taken == []


async def test_sender_that_died_loses_nothing_and_the_message_keeps_its_identifier(office):
    message_id = await queue(office)
    office.mail.problems = [("after", KeyError("the process died"))]
    with pytest.raises(KeyError):
        await office.send()
    office.clock.advance(seconds=CLAIM.total_seconds() - 1)
    assert await office.send() == 0
    office.clock.advance(seconds=1)

    assert await office.send() == 1

    assert [letter.id for letter in office.mail.taken] == [message_id, message_id]


async def test_one_message_that_breaks_holds_no_other_up(office):
    await queue(office)
    await queue(office)
    office.mail.problems = [("before", KeyError("broken"))]

    with pytest.raises(KeyError):
        await office.send()

    assert len(office.mail.taken) == 1


async def test_two_senders_do_not_send_one_message_twice(office):
    import asyncio

    for _ in range(10):
        await queue(office)

    counts = await asyncio.gather(send_due(office.post), send_due(office.post))

    assert sum(counts) == 10
    assert len({letter.id for letter in office.mail.taken}) == len(office.mail.taken) == 10


async def test_ended_messages_are_forgotten_after_a_month_and_waiting_ones_are_not(office):
    await queue(office)
    await office.send()
    await queue(office, life=KEPT * 3)
    office.clock.advance(seconds=KEPT.total_seconds() + 1)

    assert await office.run(purge_messages) == 1

    assert await status_of(office) == ["waiting"]
