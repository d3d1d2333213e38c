"""The signed receipt of an escrow, checked without us."""

import orjson
import pytest
from sqlalchemy import update

from models.trades import Trade, TradeStatus
from server.core.money import MICRO
from server.proofs.signing import PASSPORT, ProofBroken, Signer, check_receipt
from tests.api.proofs.conftest import KEYS, run_command, run_script, write_json

S = TradeStatus


async def receipt_of(room, trade_id, name="buyer"):
    return orjson.loads(await room.must(f"/trades/{trade_id}/receipt", name))


async def test_receipt_says_what_is_locked_and_what_became_of_it(room):
    world = room.world
    trade_id = await world.open_trade(S.PAID)
    shown = await receipt_of(room, trade_id)
    body = shown["receipt"]
    assert body["escrow"] == {
        "state": "locked", "asset": "USDT", "locked": "100.050000",
        "locked_since": body["trade"]["opened_at"], "resolved_at": None,
        "paid_to_buyer": "0.000000", "fees": "0.000000", "given_back": "0.000000",
    }  # fmt: skip
    assert (body["status"], body["key_id"], body["kind"]) == ("paid", "new", "escrow_receipt")
    assert (body["trade"]["buyer"], body["trade"]["seller"]) == ("buyer", "seller")
    assert (body["trade"]["amount"], body["trade"]["seller_fee"]) == ("100.000000", "0.050000")
    assert await receipt_of(room, trade_id, "seller") == shown

    split = await world.open_trade(S.PAID)
    await world.do("propose_split", split, world.buyer, buyer_amount_micro=50 * MICRO)
    await world.do("accept_split", split, world.seller)
    refunded = await world.open_trade(S.REFUNDED)
    for ended, state in ((split, "split"), (refunded, "refunded")):
        escrow = (await receipt_of(room, ended))["receipt"]["escrow"]
        assert escrow["state"] == state
        assert escrow["resolved_at"] is not None
        parts = [escrow[name] for name in ("paid_to_buyer", "fees", "given_back")]
        assert sum(int(part.replace(".", "")) for part in parts) == 100_050_000


async def test_receipt_is_checked_by_the_command_and_by_a_script_of_its_own(room):
    trade_id = await room.world.open_trade(S.PAID)
    await room.world.run(
        lambda unit: unit.execute(update(Trade).values(terms="Chỉ chuyển khoản, ghi “ABC”\n"))
    )
    kept = await room.keep(f"/trades/{trade_id}/receipt", "receipt.json")
    keys = await room.keep_keys()
    assert run_script("verify_receipt.py", kept, keys)[0] == 0
    code, said = run_command("verify-receipt", kept, "--keys", keys)
    assert code == 0
    assert str(trade_id) in said
    assert "100.050000 USDT locked" in said


async def test_changed_receipt_and_another_key_are_found_by_both(room):
    trade_id = await room.world.open_trade(S.PAID)
    good = await receipt_of(room, trade_id)
    keys = await room.keep_keys()
    wrong = []
    for part, name, value in (
        ("escrow", "locked", "999.000000"), ("escrow", "state", "released"),
        ("trade", "seller", "thief"), ("trade", "terms", "x"),
    ):  # fmt: skip
        body = {**good["receipt"], part: {**good["receipt"][part], name: value}}
        wrong.append({**good, "receipt": body})
    body = good["receipt"]
    wrong += [
        {**good, "receipt": {**body, "status": "completed"}},
        {**good, "receipt": {**body, "more": 1}},
        {**good, "receipt": {**body, "key_id": "old"}, "key_id": "old"},
        {**good, "key_id": "old"},
        {**good, "signature": good["signature"][:-4] + "AAA="},
        {**good, "signature": "no"},
        {**good, "more": True},
        {
            **good, "receipt": {**body, "key_id": "other"}, "key_id": "other",
        },
        {**good, "signature": Signer(KEYS).sign(PASSPORT, body)},
    ]  # fmt: skip
    for number, shown in enumerate(wrong):
        kept = write_json(room.folder / f"wrong{number}.json", shown)
        assert run_script("verify_receipt.py", kept, keys)[0] == 1, shown
        assert run_command("verify-receipt", kept, "--keys", keys)[0] == 1, shown
    others = {"keys": Signer({"new": b"x" * 32}).publish()}
    strangers = write_json(room.folder / "strangers.json", others)
    kept = write_json(room.folder / "good.json", good)
    assert run_script("verify_receipt.py", kept, strangers)[0] == 1
    assert run_command("verify-receipt", kept, "--keys", strangers)[0] == 1
    for nothing in (None, [], {}, {"receipt": 1}, "x"):
        with pytest.raises(ProofBroken):
            check_receipt(nothing, orjson.loads(keys.read_bytes()))


async def test_receipt_of_an_older_key_is_good_while_the_key_is_published(room):
    trade_id = await room.world.open_trade()
    room.use_keys({"old": KEYS["old"]})
    kept = await room.keep(f"/trades/{trade_id}/receipt", "receipt.json")
    room.use_keys(KEYS)
    keys = await room.keep_keys()
    assert [key["kid"] for key in orjson.loads(keys.read_bytes())["keys"]] == ["new", "old"]
    assert run_script("verify_receipt.py", kept, keys)[0] == 0
    room.use_keys({"new": KEYS["new"]})
    assert run_script("verify_receipt.py", kept, await room.keep_keys())[0] == 1


async def test_receipt_is_there_for_the_parties_alone(room):
    trade_id = await room.world.open_trade()
    for name in ("stranger", "staff"):
        assert (await room.get(f"/trades/{trade_id}/receipt", name))[0] == 404
    assert (await room.get(f"/trades/{trade_id}/receipt", None))[0] == 401
    assert (await room.get("/proofs/keys", None))[0] == 200
