"""What staff do: take an application, look at it, decide; level 3 takes two."""

import asyncio
import uuid

from sqlalchemy import select

from models.audit import AuditEntry
from models.kyc import KycApplication, KycDocument, LegalName
from models.operations import Outbox
from server.identity.names import find_legal_name
from server.identity.sealing import Sealer
from server.jobs.reseal import reseal_all
from server.kyc.documents import read_document
from server.kyc.reviews import READS_PER_DAY_MAX
from tests.api.identity.people import list_notices
from tests.api.kyc.conftest import ADDRESS, PERSON

MISSING = "01890000-0000-7000-8000-000000000000"


def code_of(answer):
    status, body = answer
    return status, body["code"]


async def list_actions(office, *wanted):
    rows = await office.api.read(
        select(AuditEntry.action, AuditEntry.actor_id)
        .where(AuditEntry.action.in_(wanted))
        .order_by(AuditEntry.id)
    )
    return [tuple(row) for row in rows]


async def see_picture(office, staff, application_id, document_id):
    path = f"/api/admin/kyc/{application_id}/documents/{document_id}"
    reply = await office.api.ask("GET", path, token=staff.token)
    return reply, await reply.read()


async def test_approval_raises_the_level_keeps_the_name_and_tells_the_user(office):
    application_id = await office.alice.hand_in()

    status, decided = await office.officer.decide(application_id)

    assert (status, decided["status"]) == (200, "approved")
    level, shown = await office.alice.see()
    assert (level, shown["status"]) == (2, "approved")
    assert shown["expires_at"] == "2028-01-01T00:00:00.000Z"
    alice = await office.api.id_of("alice")
    async with office.api.database.read() as connection:
        name = await find_legal_name(connection, office.api.identity.sealer, alice)
    assert name == PERSON["full_name"]
    assert await list_notices(office.api, "kyc_approved") == [{"level": "2"}]
    officer = await office.api.id_of("officer")
    assert await list_actions(office, "kyc_claimed", "kyc_approved", "level_set") == [
        ("kyc_claimed", officer), ("kyc_approved", officer), ("level_set", officer),
    ]  # fmt: skip


async def test_document_that_ends_sooner_ends_the_identity(office):
    application_id = await office.alice.hand_in(document_expires_on="2027-05-05")
    await office.officer.decide(application_id)
    assert (await office.alice.see())[1]["expires_at"] == "2027-05-06T00:00:00.000Z"


async def test_reviewer_corrects_the_end_of_the_document(office):
    application_id = await office.alice.hand_in()
    answer = await office.officer.decide(application_id, document_expires_on="2025-05-05")
    assert code_of(answer) == (422, "invalid")
    await office.officer.decide(application_id, document_expires_on="2026-05-05")
    assert (await office.alice.see())[1]["expires_at"] == "2026-05-06T00:00:00.000Z"


async def test_rejection_is_told_with_its_reason_and_changes_nothing_else(office):
    application_id = await office.alice.hand_in()
    status, _ = await office.officer.decide(application_id, "reject", reason="The photo is cut.")
    level, shown = await office.alice.see()
    assert (status, level, shown["status"], shown["reason"]) == (
        200, 1, "rejected", "The photo is cut.",
    )  # fmt: skip
    assert await office.api.read(select(LegalName.user_id)) == []
    assert (await office.alice.apply())["status"] == "collecting"


async def test_user_who_is_asked_for_more_sends_it_and_hands_in_again(office):
    application_id = await office.alice.hand_in()
    await office.officer.decide(application_id, "ask-more", reason="Show all four corners.")
    _, shown = await office.alice.see()
    assert (shown["status"], shown["reason"]) == ("collecting", "Show all four corners.")
    assert (await office.alice.send("front"))[0] == 204
    assert (await office.alice.must("POST", "v1/me/kyc/submit"))["status"] == "pending"
    assert (await office.officer.decide(application_id))[0] == 200


async def reach_level_2(office):
    await office.officer.decide(await office.alice.hand_in())


async def test_level_3_takes_two_different_people(office):
    await reach_level_2(office)
    application_id = await office.alice.hand_in(**{**ADDRESS, "document_number": "1234"})

    first = await office.officer.decide(application_id)
    again = await office.officer.ask("POST", f"admin/kyc/{application_id}/claim")
    level_between, _ = await office.alice.see()
    second = await office.colleague.decide(application_id)

    assert (first[0], first[1]["status"], first[1]["first_approved"]) == (200, "pending", True)
    assert code_of(again) == (403, "second_person_needed")
    assert level_between == 2
    assert (second[0], second[1]["status"]) == (200, "approved")
    assert (await office.alice.see())[0] == 3
    (row,) = await office.api.read(
        select(KycApplication.first_approver_id, KycApplication.decided_by).where(
            KycApplication.level == 3
        )
    )
    assert set(row) == {await office.api.id_of("officer"), await office.api.id_of("colleague")}


async def test_more_that_is_asked_for_voids_the_first_approval(office):
    await reach_level_2(office)
    application_id = await office.alice.hand_in(**{**ADDRESS, "document_number": "1234"})
    await office.officer.decide(application_id)
    await office.colleague.decide(application_id, "ask-more", reason="Too old.")
    await office.alice.must("POST", "v1/me/kyc/submit")
    _, decided = await office.officer.decide(application_id)
    assert (decided["status"], decided["first_approved"]) == ("pending", True)


async def test_nobody_decides_about_himself(office):
    application_id = await office.officer.hand_in()
    claim = await office.officer.ask("POST", f"admin/kyc/{application_id}/claim")
    assert code_of(claim) == (403, "kyc_own_application")


async def test_application_has_one_reviewer_at_a_time(office):
    application_id = await office.alice.hand_in()
    path = f"admin/kyc/{application_id}/claim"
    answers = await asyncio.gather(
        office.officer.ask("POST", path), office.colleague.ask("POST", path)
    )
    assert sorted(status for status, _ in answers) == [200, 409]
    office.clock.advance(minutes=31)
    await office.sign_in(office.officer, office.colleague)
    assert (await office.colleague.ask("POST", path))[0] == 200
    late = {"version": answers[0][1]["version"] if answers[0][0] == 200 else 3}
    refused = await office.officer.ask("POST", f"admin/kyc/{application_id}/approve", late)
    assert code_of(refused) == (409, "kyc_not_claimed")


async def test_decision_about_what_has_changed_is_refused(office):
    application_id = await office.alice.hand_in()
    claimed = await office.officer.claim(application_id)
    for how, body in (("approve", {}), ("reject", {"reason": "No good."})):
        asked = {"version": claimed["version"] - 1, **body}
        answer = await office.officer.ask("POST", f"admin/kyc/{application_id}/{how}", asked)
        assert code_of(answer) == (409, "kyc_changed")


async def test_document_of_another_account_is_refused_and_shown(office):
    await reach_level_2(office)
    bob = await office.join("bob")
    application_id = await bob.hand_in(document_number="c1234567")

    await office.officer.claim(application_id)
    seen = await office.officer.must("GET", f"admin/kyc/{application_id}")
    answer = await office.officer.decide(application_id)

    assert seen["person"]["document_elsewhere"] is True
    assert code_of(answer) == (409, "identity_in_use")
    assert (await bob.see())[0] == 1


async def test_queue_tells_no_names_and_is_for_reviewers_only(office):
    application_id = await office.alice.hand_in()
    page = await office.officer.must("GET", "admin/kyc")
    assert [one["id"] for one in page["items"]] == [application_id]
    assert "Nguy" not in str(page)
    assert (await office.officer.must("GET", "admin/kyc?status=approved"))["items"] == []
    support = await office.join("clerk", "support_agent")
    for person in (office.alice, support):
        assert code_of(await person.ask("GET", "admin/kyc")) == (403, "forbidden")
        assert code_of(await person.ask("GET", f"admin/kyc/{application_id}")) == (403, "forbidden")
    told = await office.api.read(select(Outbox.body).where(Outbox.name == "kyc_queue_changed"))
    assert told
    assert not [row for row in told if "Nguy" in row.body]


async def test_person_and_pictures_are_only_for_who_has_claimed_and_each_look_is_audited(office):
    application_id = await office.alice.hand_in()
    before = await office.officer.must("GET", f"admin/kyc/{application_id}")
    picture_id = before["documents"][0]["id"]
    unclaimed, _ = await see_picture(office, office.officer, application_id, picture_id)

    await office.officer.claim(application_id)
    seen = await office.officer.must("GET", f"admin/kyc/{application_id}")
    foreign, _ = await see_picture(office, office.colleague, application_id, picture_id)
    reply, content = await see_picture(office, office.officer, application_id, picture_id)

    assert before["person"] is None
    assert seen["person"]["full_name"] == PERSON["full_name"]
    assert (unclaimed.status, foreign.status) == (409, 409)
    assert reply.status == 200
    assert content.startswith(b"\xff\xd8\xff")
    assert reply.headers["Content-Type"] == "image/jpeg"
    assert reply.headers["Content-Disposition"].startswith("attachment")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Content-Security-Policy"].startswith("sandbox")
    officer = await office.api.id_of("officer")
    assert await list_actions(office, "kyc_read", "kyc_document_read") == [
        ("kyc_read", officer), ("kyc_document_read", officer),
    ]  # fmt: skip


async def test_picture_of_another_application_is_not_found(office):
    application_id = await office.alice.hand_in()
    bob = await office.join("bob")
    await bob.hand_in(document_number="other-1")
    (foreign,) = await office.api.read(
        select(KycDocument.id).where(KycDocument.user_id == await office.api.id_of("bob")).limit(1)
    )
    await office.officer.claim(application_id)
    for document_id in (foreign.id, MISSING, "nonsense"):
        reply, _ = await see_picture(office, office.officer, application_id, document_id)
        assert reply.status == 404


async def test_looks_of_a_day_are_bounded(office, monkeypatch):
    assert READS_PER_DAY_MAX == 200
    monkeypatch.setattr("server.kyc.reviews.READS_PER_DAY_MAX", 2)
    application_id = await office.alice.hand_in()
    await office.officer.claim(application_id)
    shown = await office.officer.must("GET", f"admin/kyc/{application_id}")
    picture_id = shown["documents"][0]["id"]
    replies = [
        (await see_picture(office, office.officer, application_id, picture_id))[0].status
        for _ in range(3)
    ]
    assert replies == [200, 200, 429]


async def test_rotation_of_keys_reseals_the_keys_of_pictures_and_names(office):
    await reach_level_2(office)
    old = {"development": next(iter(office.api.identity.sealer._keys.values()))}
    rotated = Sealer({"new": b"n" * 32, **old}, office.api.database.random)

    counts = await reseal_all(office.api.database, rotated)

    assert (counts["kyc_applications.sealed"], counts["kyc_documents.sealed_key"]) == (1, 2)
    assert counts["legal_names.sealed"] == 1
    only_new = Sealer({"new": b"n" * 32}, office.api.database.random)
    office.kyc.identity.sealer = only_new
    (row,) = await office.api.read(select(*KycApplication.__table__.columns))
    (picture, _) = await office.api.read(select(KycDocument.id).order_by(KycDocument.id))
    assert (await read_document(office.kyc, row.id, picture.id, "x")).startswith(b"\xff\xd8\xff")
    alice = uuid.UUID(str(row.user_id))
    async with office.api.database.read() as connection:
        assert await find_legal_name(connection, only_new, alice) == PERSON["full_name"]
