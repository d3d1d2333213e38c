"""I30: the verifier finds every way to change a chat, in what is new and in everything."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert, select, update

from models.chat import Author, Chat, ChatMessage, MessageKind
from server.chat.export import ChatBroken, export_chat
from server.chat.messages import Draft, append_messages, lock_chat
from server.chat.views import context_of
from server.core.ids import first_id_at
from server.identity.sealing import SealBroken
from server.monitor.chat_check import check_chats
from server.monitor.verifier import find_breaches
from tests.trade_world import open_world

RECENTLY = timedelta(minutes=5)


@pytest.fixture
async def world(database_url):
    async with open_world(database_url) as opened:
        opened.trades = [await opened.open_trade(), await opened.open_trade(auto_reply="Hello")]
        for trade_id in opened.trades:
            for number in range(4):
                await say(opened, trade_id, f"Message {number}")
        yield opened
        await opened.run(lambda unit: unit.execute(delete(ChatMessage)))
        await opened.run(lambda unit: unit.execute(delete(Chat)))


@pytest.fixture(params=[True, False], ids=["full", "recent"])
def full(request):
    return request.param


async def say(world, trade_id, text):
    async def work(unit):
        chat = await lock_chat(unit, world.desk.sealer, trade_id)
        draft = Draft(kind=MessageKind.TEXT, author=Author.BUYER, author_id=world.buyer, text=text)
        await append_messages(unit, world.desk.sealer, chat, [draft])

    await world.run(work)


async def find(world, *, full=True, sealer=None):
    since = None if full else first_id_at(world.clock.now() - RECENTLY)
    breaches = await find_breaches(
        world.database, since=since, checks={"I30": check_chats}, sealer=sealer
    )
    return {breach.subject for breach in breaches}


async def change(world, statement):
    await world.run(lambda unit: unit.execute(statement))


def of_message(trade_id, number):
    return (ChatMessage.trade_id == trade_id) & (ChatMessage.number == number)


async def test_untouched_chats_are_whole(world, full):
    assert await find(world, full=full, sealer=world.desk.sealer) == set()


async def test_edited_message_is_found(world, full):
    trade_id = world.trades[0]
    await change(world, update(ChatMessage).where(of_message(trade_id, 3)).values(author="seller"))
    assert await find(world, full=full) == {f"chat:{trade_id}/3"}


async def test_deleted_message_is_found(world, full):
    trade_id = world.trades[1]
    await change(world, delete(ChatMessage).where(of_message(trade_id, 3)))
    assert f"chat:{trade_id}/3" in await find(world, full=full)


async def test_cut_off_end_is_found(world, full):
    trade_id = world.trades[0]
    await change(world, delete(ChatMessage).where(of_message(trade_id, 5)))
    assert await find(world, full=full) == {f"chat:{trade_id}/5"}


async def test_cut_off_end_with_a_changed_count_is_found(world, full):
    trade_id = world.trades[0]
    await change(world, delete(ChatMessage).where(of_message(trade_id, 5)))
    await change(world, update(Chat).where(Chat.trade_id == trade_id).values(number=4))
    assert await find(world, full=full) == {f"chat:{trade_id}/4"}


async def test_swapped_messages_are_found(world, full):
    trade_id = world.trades[0]
    for number, moved in ((3, 90), (4, 3), (90, 4)):
        statement = update(ChatMessage).where(of_message(trade_id, number))
        await change(world, statement.values(number=moved))
    assert f"chat:{trade_id}/3" in await find(world, full=full)


async def test_added_message_is_found(world, full):
    trade_id = world.trades[0]
    columns = ChatMessage.__table__.columns
    row = (await world.fetch(select(*columns).where(of_message(trade_id, 5))))[0]._asdict()
    row |= {"number": 6, "id": world.database.ids.new_id()}
    await change(world, insert(ChatMessage).values(**row))
    assert await find(world, full=full) == {f"chat:{trade_id}/6"}


async def test_message_without_a_chat_is_found(world, full):
    trade_id = world.trades[0]
    await change(world, delete(Chat).where(Chat.trade_id == trade_id))
    assert {f"chat:{trade_id}/{number}" for number in range(1, 6)} <= await find(world, full=full)


async def test_words_that_were_sealed_anew_by_who_has_the_keys_are_found(world, full):
    trade_id, sealer = world.trades[0], world.desk.sealer
    (row,) = await world.fetch(select(ChatMessage.id).where(of_message(trade_id, 3)))
    words = sealer.seal(b'{"salt":"","text":"Other","original":null}', context_of(row.id))
    await change(world, update(ChatMessage).where(of_message(trade_id, 3)).values(sealed=words))
    assert await find(world, full=full, sealer=sealer) == {f"chat:{trade_id}/3"}
    async with world.database.read() as connection:
        with pytest.raises(SealBroken):
            await export_chat(connection, sealer, trade_id)


async def test_forgotten_words_break_nothing(world, full):
    trade_id = world.trades[0]
    await change(world, update(ChatMessage).where(of_message(trade_id, 3)).values(sealed=None))
    assert await find(world, full=full, sealer=world.desk.sealer) == set()


async def test_broken_chat_is_not_exported(world):
    trade_id = world.trades[0]
    await change(world, update(ChatMessage).where(of_message(trade_id, 3)).values(author="seller"))
    async with world.database.read() as connection:
        with pytest.raises(ChatBroken):
            await export_chat(connection, world.desk.sealer, trade_id)
