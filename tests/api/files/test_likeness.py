"""The same proof in trades of different people is found, and staff hear of it."""

import orjson

from models.files import AttachmentFlag
from server.files.duties import compare_new
from tests.api.files.conftest import PICTURE
from tests.hostile_files import GOOD_PDF, make_pdf
from tests.pictures import JPEG, PNG, WEBP
from tests.unit.files.test_looks import draw_proof, save

PDF = "application/pdf"


async def join_another(room, name="other"):
    setattr(room.world, name, await room.world.add_user(name, trades_completed=60))
    return getattr(room.world, name)


async def flags_of(room):
    status, page = await room.get("/admin/attachment-flags", "staff")
    assert status == 200, page
    return page["items"]


async def test_proof_that_another_buyer_sent_is_flagged_once(room):
    other = await join_another(room)
    first, second = await room.world.open_trade(), await room.world.open_trade(buyer_id=other)
    old = await room.must_send(first, PICTURE)
    assert await compare_new(room.files) == 1
    new = await room.must_send(second, PICTURE, name="other")
    assert await compare_new(room.files) == 1
    assert await compare_new(room.files) == 0
    (flag,) = await flags_of(room)
    assert flag["likeness"], flag["distance"] == ("same", 0)
    assert (flag["attachment_id"], flag["other_id"]) == (new["id"], old["id"])
    assert (flag["trade_id"], flag["other_trade_id"]) == (str(second), str(first))
    assert (flag["user_id"], flag["other_user_id"]) == (str(other), str(room.world.buyer))
    ((told, body),) = await room.events("attachment_flagged")
    assert (told, orjson.loads(body)) == ("staff:disputes", flag)


async def test_proof_that_looks_alike_is_flagged_and_others_are_not(room):
    other = await join_another(room)
    first, second = await room.world.open_trade(), await room.world.open_trade(buyer_id=other)
    proof = draw_proof(1)
    await room.must_send(first, save(proof, "PNG"), PNG)
    await room.must_send(first, make_pdf(page=b"BT (one) Tj ET"), PDF)
    await room.must_send(second, save(draw_proof(2)), JPEG, name="other")
    await room.must_send(second, make_pdf(page=b"BT (two) Tj ET"), PDF, name="other")
    assert await compare_new(room.files) == 4
    assert await flags_of(room) == []
    smaller = save(proof.resize((270, 480)), "WEBP", quality=70)
    again = await room.must_send(second, smaller, WEBP, name="other")
    await compare_new(room.files)
    (flag,) = await flags_of(room)
    assert (flag["attachment_id"], flag["likeness"]) == (again["id"], "similar")
    assert 0 <= flag["distance"] <= 10


async def test_same_two_people_may_send_the_same_file_again(room):
    first, second = await room.world.open_trade(), await room.world.open_trade()
    for trade_id, name in ((first, "buyer"), (first, "seller"), (second, "buyer")):
        await room.must_send(trade_id, GOOD_PDF, PDF, name)
    assert await compare_new(room.files) == 3
    assert await flags_of(room) == []


async def test_two_files_that_come_at_once_are_flagged_once(room):
    other = await join_another(room)
    first, second = await room.world.open_trade(), await room.world.open_trade(buyer_id=other)
    await room.must_send(first, GOOD_PDF, PDF)
    await room.must_send(second, GOOD_PDF, PDF, name="other")
    assert await compare_new(room.files) == 2
    assert len(await flags_of(room)) == len(await room.events("attachment_flagged")) == 1


async def test_file_sent_in_many_trades_makes_few_flags(room):
    for number in range(7):
        other = await join_another(room, f"other{number}")
        trade_id = await room.world.open_trade(buyer_id=other)
        await room.must_send(trade_id, GOOD_PDF, PDF, name=f"other{number}")
    await compare_new(room.files)
    rows = await room.world.fetch(AttachmentFlag.__table__.select())
    by_file = {}
    for row in rows:
        by_file[row.attachment_id] = by_file.get(row.attachment_id, 0) + 1
    assert len(rows) >= 6
    assert (await room.get("/admin/attachment-flags", "staff", limit=3))[1]["next_cursor"]
    assert (await room.get("/admin/attachment-flags", "buyer"))[0] == 403
