"""Files of trades in a bucket."""

import hashlib

import pytest

from server.files.duties import sweep_files
from server.files.store import StoreFailed
from tests.api.files.conftest import PICTURE, open_room
from tests.s3_server import serve_s3
from tests.unit.files.test_stores import open_bucket


@pytest.fixture
async def bucket_room(database_url, tmp_path):
    """A room whose files lie in a bucket, and that bucket."""
    async with (
        serve_s3() as (store, url),
        open_bucket(url) as files,
        open_room(database_url, tmp_path / "files", store=files) as room,
    ):
        yield room, store


async def test_files_lie_sealed_in_a_bucket_and_nothing_is_half_done_while_it_is_away(bucket_room):
    room, store = bucket_room
    trade_id = await room.world.open_trade()
    sent = await room.must_send(trade_id)
    link = (await room.link_of(sent["id"], "seller"))["download"]
    status, _, content = await room.fetch(link)
    assert (status, hashlib.sha256(content).hexdigest()) == (200, sent["sha256"])
    ((name, kept),) = store.objects.items()
    assert name.endswith(f"{sent['id'].replace('-', '')}.sealed")
    assert content[:200] not in kept
    assert b"\xff\xd8\xff" not in kept[:64]

    store.mood = "errors"
    status, problem = await room.send(trade_id, key="again")
    assert (status, problem["code"]) == (503, "files_unavailable")
    assert (await room.fetch(link))[0] == 503
    assert await room.list(trade_id) == [sent]
    with pytest.raises(StoreFailed):
        await sweep_files(room.files)

    # The store acts and its answer is lost: the bytes are there, and nobody was told of them.
    store.mood = "hangs up"
    assert (await room.send(trade_id, key="again"))[0] == 503
    assert len(store.objects) == 2
    assert await room.list(trade_id) == [sent]

    store.mood = "well"
    status, body = await room.send(trade_id, PICTURE, key="again")
    assert status == 201
    assert await room.list(trade_id, "seller") == [sent, body]
    assert await sweep_files(room.files) == 2
    assert len(store.objects) == 2
    assert (await room.fetch((await room.link_of(body["id"]))["download"]))[0] == 200
    assert await sweep_files(room.files) == 0
