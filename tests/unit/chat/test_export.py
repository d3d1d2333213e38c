"""The exported chat can be checked by who has nothing but the document."""

import hashlib
import json

import pytest

from server.chat.export import export_chat
from server.core.refusals import NotFound
from tests.trade_world import open_world
from tests.unit.monitor.test_chat_check import say


def check_export(document):
    """The texts of an export, checked with Python's own library alone."""
    before, texts = bytes.fromhex(document["genesis"]), []
    for number, message in enumerate(document["messages"], 1):
        chained = message["chained"]
        assert (chained[0], chained[1]) == (document["trade_id"].replace("-", ""), number)
        written = json.dumps(chained, separators=(",", ":"), ensure_ascii=False).encode()
        before = hashlib.sha256(before + written).digest()
        assert before.hex() == message["hash"]
        if message["shown"] is None:
            texts.append(chained[7])
            continue
        assert hashlib.sha256(message["shown"].encode()).hexdigest() == chained[11]
        texts.append(json.loads(message["shown"])["text"])
    assert (before.hex(), len(texts)) == (document["hash"], document["number"])
    return texts


async def test_exported_chat_is_checked_without_us_and_keeps_masks(database_url):
    async with open_world(database_url) as world:
        trade_id = await world.open_trade(auto_reply="Xin chào")
        await say(world, trade_id, "Nhắn zalo 0912345678 nhé")
        async with world.database.read() as connection:
            document = json.loads(
                json.dumps(await export_chat(connection, world.desk.sealer, trade_id))
            )
            with pytest.raises(NotFound):
                await export_chat(connection, world.desk.sealer, world.buyer)

        assert check_export(document) == ["opened", "Xin chào", "Nhắn ••• ••• nhé"]
        assert "0912345678" not in json.dumps(document)
        document["messages"][1]["shown"] = document["messages"][1]["shown"].replace("Xin", "Chan")
        with pytest.raises(AssertionError):
            check_export(document)


async def test_chat_in_which_nothing_happened_is_exported_empty(database_url):
    async with open_world(database_url) as world:
        trade_id = await world.open_trade()
        async with world.database.read() as connection:
            document = await export_chat(connection, world.desk.sealer, trade_id)
        assert check_export(document) == []
