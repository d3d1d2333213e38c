"""Files wait until the scanner has found them clean; nobody but their sender sees one before."""

import itertools

import orjson
import pytest
from sqlalchemy import literal, select

from server.files.duties import CHUNK, scan_waiting, sweep_files
from server.files.scanner import ClamAv
from server.wiring.files import connect_to
from tests.api.files.conftest import open_room
from tests.clamd import BAD_MOODS, serve_clamd
from tests.hostile_files import GOOD_PDF, make_pdf, stream

PDF = "application/pdf"
HARMFUL = make_pdf(stream(b"(HARMFUL)", b"", packed=False))


@pytest.fixture
async def guarded(database_url, tmp_path):
    """A room whose files a daemon looks into."""
    async with serve_clamd() as (daemon, url):
        scanner = ClamAv(connect_to(url), wait_s=0.3)
        async with open_room(database_url, tmp_path / "files", scanner=scanner) as room:
            yield room, daemon


async def test_clean_file_is_there_at_once_and_a_harmful_one_is_refused(guarded):
    room, daemon = guarded
    trade_id = await room.world.open_trade()
    sent = await room.must_send(trade_id, GOOD_PDF, PDF)
    assert (sent["status"], daemon.scanned) == ("clean", 1)
    status, body = await room.send(trade_id, HARMFUL, PDF)
    assert (status, body["code"]) == (415, "file_refused")
    assert await room.list(trade_id) == [sent]
    assert len(room.stored()) == 1


async def test_file_waits_while_the_scanner_says_nothing_reliable(guarded):
    room, daemon = guarded
    trade_id = await room.world.open_trade()
    for mood in BAD_MOODS:
        daemon.mood = mood
        sent = await room.must_send(trade_id, GOOD_PDF, PDF)
        assert sent["status"] == "waiting", mood
        assert sent in await room.list(trade_id)
        assert sent not in await room.list(trade_id, "seller")
        assert (await room.get(f"/v1/attachments/{sent['id']}", "seller"))[0] == 404
        assert await room.link_of(sent["id"]) is None
        room.world.clock.advance(minutes=11)
        assert await scan_waiting(room.files) == 0, mood
    assert await room.events("attachment_added") == []

    daemon.mood = "well"
    room.world.clock.advance(minutes=11)
    assert await scan_waiting(room.files) == len(BAD_MOODS) <= CHUNK
    assert await room.list(trade_id, "seller") == await room.list(trade_id)
    assert {one["status"] for one in await room.list(trade_id)} == {"clean"}
    assert len(await room.events("attachment_added")) == len(BAD_MOODS)
    assert await scan_waiting(room.files) == 0


async def test_scanner_is_asked_again_less_and_less_often(guarded):
    room, daemon = guarded
    trade_id = await room.world.open_trade()
    daemon.mood = "hangs up"
    await room.must_send(trade_id, GOOD_PDF, PDF)
    asked = [len(daemon.commands)]
    for _ in range(120):
        room.world.clock.advance(seconds=30)
        await scan_waiting(room.files)
        asked.append(len(daemon.commands))
    tries = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert max(tries) == 1
    assert 8 <= sum(tries) <= 16
    assert sum(tries[-40:]) == 2


async def test_waiting_file_that_is_harmful_is_gone_and_its_sender_is_told(guarded):
    room, daemon = guarded
    trade_id = await room.world.open_trade()
    daemon.mood = "hangs up"
    sent = await room.must_send(trade_id, HARMFUL, PDF)
    daemon.mood = "well"
    room.world.clock.advance(minutes=1)
    assert await scan_waiting(room.files) == 1
    assert [one["status"] for one in await room.list(trade_id)] == ["refused"]
    assert await room.list(trade_id, "seller") == []
    assert await room.link_of(sent["id"]) is None
    assert await room.events("attachment_added") == []
    ((told, body),) = await room.events("notification_created")
    assert told == f"user:{room.world.buyer}"
    assert orjson.loads(body)["kind"] == "file_refused"
    assert await sweep_files(room.files) == 1
    assert room.stored() == []


async def test_scanner_is_reached_by_a_socket_in_a_folder_too(database_url, tmp_path):
    async with serve_clamd(str(tmp_path / "clamd.sock")) as (daemon, url):
        scanner = ClamAv(connect_to(url))
        async with open_room(database_url, tmp_path / "files", scanner=scanner) as room:
            trade_id = await room.world.open_trade()
            assert (await room.must_send(trade_id, GOOD_PDF, PDF))["status"] == "clean"
            assert daemon.commands == [b"zINSTREAM\x00"]


async def test_scanner_that_is_not_there_keeps_files_waiting(database_url, tmp_path):
    scanner = ClamAv(connect_to(f"unix:{tmp_path}/none.sock"))
    async with open_room(database_url, tmp_path / "files", scanner=scanner) as room:
        trade_id = await room.world.open_trade()
        assert (await room.must_send(trade_id, GOOD_PDF, PDF))["status"] == "waiting"


async def test_scanner_is_never_asked_in_a_transaction(room):
    connect = connect_to("tcp://127.0.0.1:1")

    async def work(unit):
        await unit.execute(select(literal(1)))
        with pytest.raises(AssertionError, match="transaction"):
            await connect()

    await room.world.run(work)
