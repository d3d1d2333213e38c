"""Sending files in a trade, and fetching them."""

import asyncio
import hashlib
import io

import orjson
from PIL import Image

from models.trades import TradeStatus
from server.core import fault
from server.files import attachments, links
from server.files.duties import DRAFT_LIFE, sweep_files
from tests.api.files.conftest import PICTURE
from tests.hostile_files import GOOD_MP4, GOOD_PDF
from tests.pictures import BAD, JPEG, PNG, WEBP, draw, draw_with_place
from tests.trade_world import S

PDF, MP4 = "application/pdf", "video/mp4"
MISSING = "01890000-0000-7000-8000-000000000000"


async def test_both_sides_see_a_file_and_fetch_it_without_a_session(room):
    trade_id = await room.world.open_trade()
    photograph = draw_with_place()
    sent = await room.must_send(trade_id, photograph)
    assert (sent["status"], sent["sender"], sent["media_type"]) == ("clean", "buyer", JPEG)
    assert await room.list(trade_id, "buyer") == await room.list(trade_id, "seller") == [sent]
    (event,) = await room.events("attachment_added")
    assert (event[0], orjson.loads(event[1])) == (f"trade:{trade_id}", sent)

    link = await room.link_of(sent["id"], "seller")
    status, headers, content = await room.fetch(link["download"])
    assert status == 200
    assert hashlib.sha256(content).hexdigest() == sent["sha256"]
    assert len(content) == sent["size"]
    assert b"SECRET" not in content
    assert not Image.open(io.BytesIO(content)).getexif()
    name = f"{sent['id'].replace('-', '')}.jpg"
    assert headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert headers["Content-Type"] == JPEG
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers
    shown = await room.fetch(link["view"])
    assert shown[2] == content
    assert shown[1]["Content-Disposition"] == f'inline; filename="{name}"'
    # What lies in the folder is not the picture.
    (path,) = room.stored()
    assert content[:200] not in path.read_bytes()
    assert b"\xff\xd8\xff" not in path.read_bytes()[:64]


async def test_each_type_is_taken_and_only_our_own_pictures_are_shown(room):
    trade_id = await room.world.open_trade()
    for content, media_type, ending in (
        (draw((60, 60), "PNG"), PNG, "jpg"),
        (draw((60, 60), "WEBP"), WEBP, "jpg"),
        (GOOD_PDF, PDF, "pdf"),
        (GOOD_MP4, MP4, "mp4"),
    ):
        sent = await room.must_send(trade_id, content, media_type)
        link = await room.link_of(sent["id"])
        assert (link["view"] is not None) == (ending == "jpg")
        status, headers, fetched = await room.fetch(link["download"])
        assert (status, hashlib.sha256(fetched).hexdigest()) == (200, sent["sha256"])
        assert headers["Content-Disposition"].startswith("attachment; filename=")
        assert headers["Content-Disposition"].endswith(f'.{ending}"')
        # Who turns the link into one that shows has no signature for it.
        forged = link["download"].replace(".0.", ".1.")
        assert (await room.fetch(forged))[0] == 404


async def test_strangers_find_nothing_and_links_end(room):
    trade_id = await room.world.open_trade()
    sent = await room.must_send(trade_id)
    answers = []
    for name, trade, file in (
        ("stranger", trade_id, sent["id"]), ("stranger", MISSING, MISSING),
        ("staff", trade_id, sent["id"]),
    ):  # fmt: skip
        found = [
            await room.send(trade, name=name),
            await room.get(f"/v1/trades/{trade}/attachments", name),
            await room.get(f"/v1/attachments/{file}", name),
        ]
        answers.append([(status, body["code"]) for status, body in found])
    assert answers == [[(404, "not_found")] * 3] * 3
    assert (await room.get("/v1/attachments/none"))[0] == 404

    link = (await room.link_of(sent["id"]))["download"]
    room.world.clock.advance(seconds=links.LIFE.total_seconds() - 1)
    assert (await room.fetch(link))[0] == 200
    room.world.clock.advance(seconds=1)
    status, _, body = await room.fetch(link)
    assert (status, orjson.loads(body)["code"]) == (404, "not_found")
    for forged in (link[:-1], f"{link}0", link.replace(".", "", 1), f"{links.PATH}x", link[:-64]):
        assert (await room.fetch(forged))[0] == 404, forged
    other = await room.must_send(trade_id, draw((50, 50)))
    swapped = (await room.link_of(other["id"]))["download"].replace(
        other["id"].replace("-", ""), sent["id"].replace("-", "")
    )
    assert (await room.fetch(swapped))[0] == 404


async def test_hostile_and_unknown_files_are_refused_and_nothing_is_kept(room):
    trade_id = await room.world.open_trade()
    for name in ("svg", "html", "exe", "zip bomb", "pixel bomb", "text bomb"):
        content, media_type = BAD[name]
        status, body = await room.send(trade_id, content, media_type)
        assert (status, body["code"]) == (415, "file_refused"), name
    # What is refused before it is read ends its connection.
    ending = {"Connection": "close"}
    for media_type in ("text/html", "image/svg+xml", "image/gif", "application/zip", "", "x"):
        status, body = await room.send(
            trade_id, PICTURE, media_type or "application/json", **ending
        )
        assert (status, body["code"]) == (415, "unsupported_media_type"), media_type
    status, body = await room.send(trade_id, PICTURE, **ending, **{"Content-Encoding": "gzip"})
    assert status in (400, 415), body
    parts = {"Content-Type": "multipart/form-data; boundary=x", **ending}
    assert (await room.send(trade_id, b"--x--" * 300, **parts))[0] == 415
    status, body = await room.send(trade_id, io.BytesIO(bytes(21 * 1024 * 1024)), PDF, **ending)
    assert (status, body["code"]) == (413, "too_large")
    assert await room.list(trade_id) == []
    assert room.stored() == []


async def test_same_key_is_the_same_file(room):
    trade_id = await room.world.open_trade()
    first = await room.send(trade_id, key="one")
    assert first[0] == 201
    assert await room.send(trade_id, key="one") == first
    status, body = await room.send(trade_id, draw((70, 70)), key="one")
    assert (status, body["code"]) == (422, "idempotency_key_reused")
    assert len(await room.list(trade_id)) == len(room.stored()) == 1


async def test_each_side_has_half_of_what_a_trade_may_hold(room, monkeypatch):
    assert attachments.FILES_PER_TRADE_MAX == 20
    assert attachments.BYTES_PER_TRADE_MAX == 50 * 1024 * 1024
    trade_id = await room.world.open_trade()
    small = draw((20, 20))
    for _ in range(10):
        await room.must_send(trade_id, small)
    status, body = await room.send(trade_id, small)
    assert (status, body["code"]) == (429, "too_many_files")
    await room.must_send(trade_id, small, name="seller")
    other = await room.world.open_trade()
    size = (await room.must_send(other, GOOD_PDF, PDF))["size"]
    monkeypatch.setattr(attachments, "BYTES_PER_TRADE_MAX", 2 * (2 * size))
    await room.must_send(other, GOOD_PDF, PDF)
    status, body = await room.send(other, GOOD_PDF, PDF)
    assert (status, body["code"]) == (429, "too_many_files")
    await room.must_send(other, GOOD_PDF, PDF, name="seller")


async def test_files_at_one_instant_do_not_pass_the_quota(room):
    trade_id = await room.world.open_trade()
    small = draw((20, 20))
    answers = await asyncio.gather(*(room.send(trade_id, small) for _ in range(16)))
    assert sorted(status for status, _ in answers) == [201] * 10 + [429] * 6
    assert len(await room.list(trade_id)) == len(room.stored()) == 10


async def test_ended_trade_takes_files_for_thirty_days(room):
    trade_id = await room.world.open_trade(TradeStatus.COMPLETED)
    await room.must_send(trade_id)
    room.world.clock.advance(seconds=attachments.OPEN_AFTER_END.total_seconds())
    status, body = await room.send(trade_id)
    assert (status, body["code"]) == (409, "files_closed")
    assert len(await room.list(trade_id, "seller")) == 1
    open_one = await room.world.open_trade(S.PAID)
    room.world.clock.advance(seconds=100)
    await room.must_send(open_one)


async def test_pages_of_files_have_no_gap_and_no_double(room):
    trade_id = await room.world.open_trade()
    sent = [await room.must_send(trade_id, draw((30, 30))) for _ in range(5)]
    path, seen, cursor = f"/v1/trades/{trade_id}/attachments", [], {}
    for _ in range(3):
        status, page = await room.get(path, limit=2, **cursor)
        assert status == 200
        seen += page["items"]
        cursor = {"cursor": page["next_cursor"]}
    assert seen == sent
    assert cursor == {"cursor": None}
    assert (await room.get(path, cursor="x"))[0] == 422


class PowerCutError(Exception):
    """The process ends here."""


def cut():
    raise PowerCutError


async def test_file_that_was_never_kept_is_swept_away(room):
    trade_id = await room.world.open_trade()
    for point, left in (("file.after_reserve", 0), ("file.after_put", 1)):
        fault.arm(point, cut)
        assert (await room.send(trade_id))[0] == 500
        fault.disarm()
        assert len(room.stored()) == left
        assert await room.list(trade_id) == []
        assert await sweep_files(room.files) == 0
    room.world.clock.advance(seconds=DRAFT_LIFE.total_seconds() + 1)
    assert await sweep_files(room.files) == 2
    assert room.stored() == []
    assert await sweep_files(room.files) == 0
    await room.must_send(trade_id)
    room.world.clock.advance(hours=20)
    assert await sweep_files(room.files) == 0
    assert len(room.stored()) == 1


async def test_full_disk_is_told_and_leaves_nothing(room, monkeypatch):
    trade_id = await room.world.open_trade()

    def fail(_document_id, _content):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(room.files.store._folder, "put", fail)
    status, body = await room.send(trade_id)
    assert (status, body["code"]) == (503, "files_unavailable")
    monkeypatch.undo()
    assert await sweep_files(room.files) == 1
    assert room.stored() == []
    await room.must_send(trade_id)


async def test_lost_bytes_are_not_found_and_changed_ones_do_not_open(room):
    trade_id = await room.world.open_trade()
    sent = await room.must_send(trade_id)
    link = (await room.link_of(sent["id"]))["download"]
    (path,) = room.stored()
    good = path.read_bytes()
    path.write_bytes(good[:-1] + bytes((good[-1] ^ 1,)))
    assert (await room.fetch(link))[0] == 500
    path.unlink()
    assert (await room.fetch(link))[0] == 404
