"""POST /disputes/{id}/evidence and /done: kinds, files, times, and what outages give back."""

from datetime import timedelta
from uuid import uuid4

import pytest

from models.files import Attachment
from server.disputes import rules
from server.trades.outages import announce_outage, credit_outages, end_outage
from tests.case_world import D, count_statements, open_case, read_case

STORY = {"kind": "story", "statement": "I paid."}


async def send_file(world, trade_id, user_id, status="clean", **changes):
    file_id = uuid4()
    due_at = world.clock.now() if status == "waiting" else None
    await world.insert(
        Attachment, id=file_id, trade_id=trade_id, user_id=user_id, tries=0, size=1,
        media_type="image/jpeg", digest=bytes(32), kept_digest=bytes(32), status=status,
        sealed_key=b"x", stored=True, scanned_at=world.clock.now(), due_at=due_at,
        created_at=world.clock.now(), **changes,
    )  # fmt: skip
    return str(file_id)


async def test_both_sides_see_what_was_shown_with_its_files(api):
    trade_id, dispute_id = await open_case(api.world)
    other_id, _ = await open_case(api.world)
    path = f"/disputes/{dispute_id}"
    known = await send_file(api.world, trade_id, api.world.buyer)
    strange = [
        await send_file(api.world, trade_id, api.world.seller),
        await send_file(api.world, other_id, api.world.buyer),
        await send_file(api.world, trade_id, api.world.buyer, "refused"),
        str(uuid4()), "x",
    ]  # fmt: skip
    body = {"kind": "receipt", "statement": " Here. ", "attachment_ids": [known]}
    assert (await api.post(f"{path}/evidence", body)).status == 201
    assert (await api.post(f"{path}/evidence", STORY, "seller")).status == 201
    for bad in (
        {"kind": "receipt"}, {"kind": "x", "statement": "y"}, {"statement": "y"},
        *(STORY | {"attachment_ids": [each]} for each in strange),
        STORY | {"attachment_ids": [known] * 2}, STORY | {"by_side": "seller"},
        STORY | {"statement": "x" * 2001},
    ):  # fmt: skip
        assert (await api.post(f"{path}/evidence", bad)).status == 422, bad

    for name in ("buyer", "seller"):
        shown = (await (await api.get(path, name)).json())["evidence"]
        assert [(one["by"], one["kind"], one["statement"], one["attachment_ids"])
                for one in shown] == [
            ("buyer", "receipt", "Here.", [known]), ("seller", "story", "I paid.", []),
        ]  # fmt: skip
    assert (await api.post(f"{path}/evidence", STORY, "stranger")).status == 404


async def test_a_side_shows_only_so_much(api):
    _, dispute_id = await open_case(api.world)
    path = f"/disputes/{dispute_id}/evidence"
    for _ in range(rules.EVIDENCE_PER_SIDE_MAX):
        assert (await api.post(path, STORY)).status == 201
    over = await api.post(path, STORY)
    assert (over.status, (await over.json())["code"]) == (409, "too_much_evidence")
    assert (await api.post(path, STORY, "seller")).status == 201


async def test_case_goes_on_when_both_are_done_or_the_time_is_over(api):
    _, dispute_id = await open_case(api.world)
    path = f"/disputes/{dispute_id}"
    one = await (await api.post(f"{path}/done")).json()
    assert (one["status"], one["buyer_done"]) == ("open", True)
    assert "give_evidence" not in one["allowed_actions"]
    late = await api.post(f"{path}/evidence", STORY)
    assert (late.status, (await late.json())["code"]) == (409, "evidence_time_over")
    both = await (await api.post(f"{path}/done", None, "seller")).json()
    assert both["status"] == "evidence"

    _, other_id = await open_case(api.world)
    api.world.clock.advance(hours=24)
    assert (await api.post(f"/disputes/{other_id}/evidence", STORY)).status == 409
    assert (await read_case(api.world, other_id)).status is D.EVIDENCE


async def test_overdue_ruling_is_counted_and_the_desk_gets_a_new_time(api):
    _, dispute_id = await open_case(api.world, D.EVIDENCE)
    for count in (1, 2):
        api.world.clock.advance(hours=24)
        assert (await api.get(f"/disputes/{dispute_id}")).status == 200
        case = await read_case(api.world, dispute_id)
        assert (case.status, case.overdue_count) == (D.EVIDENCE, count)
        assert case.deadline_at == api.world.clock.now() + rules.RULING_TIME


async def test_outage_is_given_back_once_to_every_open_case(api):
    world = api.world
    _, dispute_id = await open_case(world)
    before = await read_case(world, dispute_id)

    async def announce(unit):
        return await announce_outage(unit, "maintenance")

    outage_id = await world.run(announce)
    world.clock.advance(hours=3)

    async def end(unit):
        await end_outage(unit, outage_id)

    await world.run(end)
    assert await credit_outages(world.desk) == 1
    assert await credit_outages(world.desk) == 0
    after = await read_case(world, dispute_id)
    lost = timedelta(hours=3)
    assert after.deadline_at == before.deadline_at + lost
    assert after.buyer_evidence_until == before.buyer_evidence_until + lost
    assert after.seller_evidence_until == before.seller_evidence_until + lost


async def test_lists_take_as_many_statements_for_one_case_as_for_many(api):
    counts = []
    for _ in range(2):
        await open_case(api.world)
        with count_statements(api.world.database.engine) as counted:
            assert (await api.get("/disputes", limit=100)).status == 200
        counts.append(len(counted))
    assert counts[0] == counts[1] <= 5
    sold = await (await api.get("/disputes", "seller", role="buyer")).json()
    assert sold["items"] == []
    for query in ({"role": "x"}, {"open": "x"}, {"limit": 101}, {"cursor": "x"}):
        assert (await api.get("/disputes", **query)).status == 422


@pytest.mark.parametrize("path", ["evidence", "done", "offers"])
async def test_case_that_is_not_there_is_not_found(api, path):
    body = {"evidence": STORY, "done": None, "offers": {"kind": "refund"}}[path]
    assert (await api.post(f"/disputes/{uuid4()}/{path}", body)).status == 404
