"""Files of a case, for who decides it."""

from sqlalchemy import select

from models.files import Attachment
from tests.pictures import draw
from tests.staff_world import ask_as_staff


async def test_files_of_a_case_are_for_who_was_given_it(court):
    case_id = await court.open_case()
    ruler = await court.give(case_id)
    sent = {
        "Authorization": f"Bearer {court.buyer.token}", "Content-Type": "image/jpeg",
        "Idempotency-Key": "proof",
    }  # fmt: skip
    path = f"/api/v1/trades/{court.trade_id}/attachments"
    async with court.world.client.post(path, data=draw((90, 90)), headers=sent) as reply:
        assert reply.status == 201
    (file,) = await court.world.read(select(Attachment.id))

    path = f"/disputes/{case_id}/attachments/{file.id}"
    status, shown = await ask_as_staff(ruler, "GET", path)
    assert status == 200, shown
    async with court.world.client.get(shown["link"]["view"]) as reply:
        assert reply.status == 200
    others = [each for each in court.rulers.values() if each is not ruler]
    for person in (*others, court.cora):
        status, problem = await ask_as_staff(person, "GET", path)
        assert (status, problem["code"]) == (403, "case_not_yours")
    missing = f"/disputes/{case_id}/attachments/{case_id}"
    assert (await ask_as_staff(ruler, "GET", missing))[0] == 404
    read = await court.audited("attachment_read")
    assert [(str(row.actor_id), row.object_id) for row in read] == [(ruler.id, str(file.id))]
