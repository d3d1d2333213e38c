"""The group writer: who is written together, and what each gets."""

import asyncio

import pytest

from server.chat.writer import WAITING_MAX, GroupWriter, TooManyMessages
from server.core.refusals import NotFound
from server.db import DatabaseBusy


class Pen:
    """Writes what it is told to, when it is let; remembers every batch."""

    def __init__(self, **options):
        self.batches = []
        self.let = asyncio.Event()
        self.let.set()
        self.writer = GroupWriter(self.write, round_s=0, **options)

    async def write(self, asked):
        self.batches.append(list(asked))
        await self.let.wait()
        if "bomb" in asked:
            raise ValueError("bomb")
        if "busy" in asked:
            raise DatabaseBusy(retry_after_s=1)
        return [NotFound() if one == "foreign" else f"{one} written" for one in asked]

    def send(self, *asked):
        return [asyncio.create_task(self.writer.submit(one)) for one in asked]


async def settle(tasks):
    return await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_comes_while_a_batch_is_written_is_the_next_batch_in_its_order():
    pen = Pen(batch_max=3)
    pen.let.clear()
    tasks = pen.send("first")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    tasks += pen.send("b", "c", "d", "e")
    await asyncio.sleep(0)
    pen.let.set()
    assert await settle(tasks) == [f"{one} written" for one in ("first", "b", "c", "d", "e")]
    assert pen.batches == [["first"], ["b", "c", "d"], ["e"]]
    await pen.writer.close()
    assert await settle(pen.send("later")) == ["later written"]


async def test_refused_one_does_not_hold_up_its_neighbours():
    pen = Pen()
    before, foreign, after = await settle(pen.send("a", "foreign", "b"))
    assert (before, after) == ("a written", "b written")
    assert isinstance(foreign, NotFound)
    assert pen.batches == [["a", "foreign", "b"]]


async def test_one_that_breaks_is_found_by_writing_each_alone():
    pen = Pen()
    before, bomb, after = await settle(pen.send("a", "bomb", "b"))
    assert (before, after) == ("a written", "b written")
    assert isinstance(bomb, ValueError)
    assert pen.batches == [["a", "bomb", "b"], ["a"], ["bomb"], ["b"]]


async def test_database_that_is_busy_is_told_to_all_and_not_asked_again():
    pen = Pen()
    assert {type(one) for one in await settle(pen.send("a", "busy", "b"))} == {DatabaseBusy}
    assert len(pen.batches) == 1


async def test_who_hung_up_before_his_turn_is_left_out_and_others_are_not():
    pen = Pen()
    pen.let.clear()
    tasks = pen.send("first")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone, stays = pen.send("gone", "stays")
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.sleep(0)
    pen.let.set()
    assert await settle([*tasks, stays]) == ["first written", "stays written"]
    assert pen.batches == [["first"], ["stays"]]


async def test_no_more_wait_than_can_be_written_soon():
    pen = Pen()
    pen.let.clear()
    tasks = pen.send(*range(WAITING_MAX))
    await asyncio.sleep(0)
    with pytest.raises(TooManyMessages):
        await pen.writer.submit("one more")
    pen.let.set()
    assert len(await settle(tasks)) == WAITING_MAX
