"""What staff see of files, and what time and the law do to them."""

from datetime import timedelta

from sqlalchemy import insert, select

from models.compliance import AccountHold
from models.files import Attachment, AttachmentBand
from server.files.duties import purge_attachments, sweep_files
from tests.api.files.conftest import PICTURE
from tests.unit.files.test_looks import draw_proof, save

MISSING = "01890000-0000-7000-8000-000000000000"


async def test_staff_who_may_read_files_and_every_look_is_audited(room):
    trade_id = await room.world.open_trade()
    sent = await room.must_send(trade_id)
    status, page = await room.get(f"/admin/trades/{trade_id}/attachments", "staff")
    assert (status, page["items"]) == (200, [sent])
    status, body = await room.get(f"/admin/attachments/{sent['id']}", "staff")
    assert status == 200
    assert (await room.fetch(body["link"]["download"]))[0] == 200
    assert await room.audited("attachments_listed") == [(str(trade_id), room.world.staff)]
    assert await room.audited("attachment_read") == [(sent["id"], room.world.staff)]
    for name in ("buyer", "stranger"):
        for path in (f"trades/{trade_id}/attachments", f"attachments/{sent['id']}"):
            assert (await room.get(f"/admin/{path}", name))[0] == 403
    for path in (f"trades/{MISSING}/attachments", f"attachments/{MISSING}"):
        assert (await room.get(f"/admin/{path}", "staff"))[0] == 404


async def test_staff_do_not_look_into_their_own_trades(room):
    trade_id = await room.world.open_trade(buyer_id=room.world.staff)
    sent = await room.must_send(trade_id, name="seller")
    assert (await room.get(f"/admin/trades/{trade_id}/attachments", "staff"))[0] == 404
    assert (await room.get(f"/admin/attachments/{sent['id']}", "staff"))[0] == 404
    assert await room.audited("attachment_read") == []


async def test_old_files_are_purged_unless_the_law_holds_a_party(room):
    world = room.world
    trade_id = await world.open_trade()
    other = world.other = await world.add_user("other", trades_completed=60)
    free_trade = await world.open_trade(buyer_id=other, seller_id=world.stranger)
    picture = save(draw_proof(3))
    held = await room.must_send(trade_id, picture, name="seller")
    gone = await room.must_send(free_trade, picture, name="other")
    link = (await room.link_of(gone["id"], "other"))["download"]

    async def hold(unit):
        await unit.execute(
            insert(AccountHold).values(
                id=unit.ids.new_id(), user_id=world.buyer, kind="legal", reason="A court asks.",
                placed_at=unit.now,
            )
        )  # fmt: skip

    await world.run(hold)
    world.clock.advance(seconds=(room.files.kept - timedelta(days=1)).total_seconds())
    assert await purge_attachments(room.files) == 0
    world.clock.advance(seconds=2 * 86400)
    assert await purge_attachments(room.files) == 1
    assert await purge_attachments(room.files) == 0
    rows = await world.fetch(select(Attachment.id, Attachment.sealed_key, Attachment.look))
    kept = {str(row.id): (row.sealed_key is not None, row.look is not None) for row in rows}
    assert kept == {held["id"]: (True, True), gone["id"]: (False, False)}
    bands = await world.fetch(select(AttachmentBand.attachment_id).distinct())
    assert [str(row.attachment_id) for row in bands] == [held["id"]]
    assert await sweep_files(room.files) == 1
    assert len(room.stored()) == 1
    assert [one["status"] for one in await room.list(free_trade, "stranger")] == ["gone"]
    assert await room.link_of(gone["id"], "other") is None
    assert (await room.fetch(link))[0] == 404
    assert await room.link_of(held["id"]) is not None


async def test_statements_do_not_grow_with_the_files(room):
    trade_id = await room.world.open_trade()
    counts = []
    for _ in range(2):
        for content in (PICTURE, PICTURE, PICTURE):
            sent = await room.must_send(trade_id, content)
        with room.count_statements() as statements:
            await room.list(trade_id)
            await room.link_of(sent["id"])
        counts.append(len(statements))
    assert counts[0] == counts[1] <= 6
