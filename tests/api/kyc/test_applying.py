"""What a user does: apply, send pictures, hand in, take back."""

import asyncio
import io

import pytest
from sqlalchemy import func, select

from models.audit import AuditEntry
from models.kyc import KycApplication, KycDocument
from server.kyc.documents import DOCUMENTS_PER_DAY_MAX
from tests.api.kyc.conftest import ADDRESS, PERSON
from tests.pictures import BAD, HIDDEN, JPEG, PNG, draw


def code_of(answer):
    status, body = answer
    return status, body["code"]


def files_of(office):
    return sorted(path for path in office.folder.rglob("*") if path.is_file())


async def test_application_collects_its_pictures_and_waits_for_staff(office):
    application = await office.alice.apply()
    assert (application["status"], application["missing"]) == ("collecting", ["front", "selfie"])
    assert code_of(await office.alice.ask("POST", "v1/me/kyc/submit")) == (
        409, "kyc_documents_missing",
    )  # fmt: skip
    await office.alice.send("front")
    await office.alice.send("selfie")

    submitted = await office.alice.must("POST", "v1/me/kyc/submit")

    assert (submitted["status"], submitted["missing"]) == ("pending", [])
    assert await office.alice.see() == (1, submitted)
    assert [one["kind"] for one in submitted["documents"]] == ["front", "selfie"]


async def test_what_was_said_and_sent_is_encrypted_in_table_and_folder(office):
    await office.alice.hand_in()
    stored = await office.api.dump("kyc_applications") + await office.api.dump("idempotency_keys")
    stored += await office.api.dump("audit_entries")
    for secret in ("Đức", "1234567", "123-4567", "1990-05-17"):
        assert secret.encode() not in stored
    files = files_of(office)
    assert len(files) == 2
    for path in files:
        content = path.read_bytes()
        assert not [magic for magic in (b"JFIF", b"\xff\xd8\xff") if magic in content[:64]]
        assert path.stat().st_mode & 0o077 == 0
    assert len({path.read_bytes() for path in files}) == 2


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"full_name": "Duc"}, "full_name"),
        ({"full_name": "12 34"}, "full_name"),
        ({"birth_date": "2008-01-02"}, "birth_date"),
        ({"birth_date": "1850-01-01"}, "birth_date"),
        ({"birth_date": "17.05.1990"}, "birth_date"),
        ({"country": "vn"}, "country"),
        ({"document_type": "utility_bill"}, "document_type"),
        ({"document_number": None}, "document_number"),
        ({"document_number": "<script>"}, "document_number"),
        ({"document_expires_on": "2026-01-01"}, "document_expires_on"),
        ({"document_expires_on": None}, "document_expires_on"),
        ({"level": 1}, "level"),
        ({"level": 4}, "level"),
        ({"status": "approved"}, "status"),
        ({"user_id": "x"}, "user_id"),
    ],
)
async def test_wrong_values_are_refused_by_name(office, changed, field):
    asked = {**PERSON, **changed}
    asked = {name: value for name, value in asked.items() if value is not None}
    status, problem = await office.alice.ask("POST", "v1/me/kyc", asked)
    assert status == 422
    assert field in problem["errors"]


async def test_birthday_of_eighteen_is_old_enough(office):
    assert (await office.alice.apply(birth_date="2008-01-01"))["status"] == "collecting"


async def test_user_has_one_open_application(office):
    answers = await asyncio.gather(
        *(office.alice.ask("POST", "v1/me/kyc", PERSON) for _ in range(4))
    )
    assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
    assert {body["code"] for status, body in answers if status == 409} == {"kyc_application_open"}


async def test_levels_are_reached_one_after_the_other(office):
    assert code_of(await office.alice.ask("POST", "v1/me/kyc", ADDRESS)) == (
        409, "kyc_level_too_low",
    )  # fmt: skip
    await office.set_level(0)
    assert code_of(await office.alice.ask("POST", "v1/me/kyc", PERSON)) == (
        409, "kyc_level_too_low",
    )  # fmt: skip
    await office.set_level(2)
    # A level that was only given proves no identity.
    assert code_of(await office.alice.ask("POST", "v1/me/kyc", ADDRESS)) == (
        409, "kyc_level_too_low",
    )  # fmt: skip


async def test_withdrawn_application_makes_room_for_another(office):
    await office.alice.hand_in()
    await office.alice.must("DELETE", "v1/me/kyc")
    assert (await office.alice.see())[1]["status"] == "withdrawn"
    assert code_of(await office.alice.ask("DELETE", "v1/me/kyc")) == (404, "no_kyc_application")
    assert code_of(await office.alice.send()) == (404, "no_kyc_application")
    assert (await office.alice.apply())["status"] == "collecting"


async def test_newer_picture_takes_the_place_of_an_older_one(office):
    await office.alice.apply()
    await office.alice.send("front")
    await office.alice.send("front", draw(kind="PNG"), PNG)
    _, application = await office.alice.see()
    assert [one["kind"] for one in application["documents"]] == ["front"]
    rows = await office.api.read(select(KycDocument.removed_at).order_by(KycDocument.id))
    assert [row.removed_at is None for row in rows] == [False, True]


async def test_picture_cannot_be_added_once_handed_in(office):
    await office.alice.hand_in()
    files = files_of(office)
    assert code_of(await office.alice.send()) == (404, "no_kyc_application")
    assert files_of(office) == files


async def test_bad_files_are_refused_and_nothing_is_kept(office, monkeypatch):
    monkeypatch.setattr("server.kyc.documents.DOCUMENTS_PER_DAY_MAX", 1)
    await office.alice.apply()
    for name, (content, media_type) in BAD.items():
        answer = await office.alice.send("front", content, media_type)
        assert code_of(answer) == (415, "picture_refused"), name
    assert files_of(office) == []
    assert (await office.alice.see())[1]["documents"] == []


async def test_pictures_that_hide_something_are_taken_without_it(office):
    await office.alice.apply()
    for name, (content, media_type) in HIDDEN.items():
        assert (await office.alice.send("front", content, media_type))[0] == 204, name


async def test_other_content_types_are_refused(office):
    await office.alice.apply()
    for media_type in (
        "image/svg+xml", "text/html", "application/pdf", "image/gif", "application/octet-stream",
        "multipart/form-data; boundary=x", "application/json", "",
    ):  # fmt: skip
        answer = await office.alice.send("front", draw(), media_type)
        assert code_of(answer) == (415, "unsupported_media_type"), media_type


async def test_empty_and_packed_bodies_are_refused(office):
    await office.alice.apply()
    assert code_of(await office.alice.send("front", b"")) == (415, "picture_refused")
    assert code_of(await office.alice.send("front", **{"Content-Encoding": "gzip"})) == (
        415, "unsupported_media_type",
    )  # fmt: skip


async def test_huge_body_is_refused_by_its_length_and_by_what_comes(office):
    await office.alice.apply()
    huge = b"\xff\xd8\xff" + bytes(10 * 1024 * 1024)
    assert (await office.alice.send("front", io.BytesIO(huge)))[0] == 413

    async def pieces():
        for _ in range(200):
            yield huge[:65536]

    assert (await office.alice.send("front", pieces()))[0] == 413


async def test_stranger_sends_nothing(office):
    path = "/api/v1/me/kyc/documents/front"
    async with office.api.client.post(path, data=draw(), headers={"Content-Type": JPEG}) as reply:
        assert reply.status == 401


async def test_unknown_kind_of_picture_is_not_found(office):
    await office.alice.apply()
    assert (await office.alice.send("passport"))[0] == 404


async def test_repeated_upload_with_its_key_adds_one_picture(office):
    await office.alice.apply()
    answers = [await office.alice.send("front", key="same") for _ in range(2)]
    other = await office.alice.send("front", draw(kind="PNG"), PNG, key="same")
    assert answers == [(204, None), (204, None)]
    assert code_of(other) == (422, "idempotency_key_reused")
    assert (await office.api.read(select(func.count()).select_from(KycDocument)))[0][0] == 1
    assert len(files_of(office)) == 1


async def test_pictures_of_a_day_are_bounded(office):
    await office.alice.apply()
    small = draw((300, 300))
    for _ in range(DOCUMENTS_PER_DAY_MAX):
        assert (await office.alice.send("front", small))[0] == 204
    assert code_of(await office.alice.send("front", small)) == (429, "too_many_documents")
    office.clock.advance(hours=24, minutes=2)
    await office.sign_in(office.alice)
    assert (await office.alice.send("front", small))[0] == 204


async def test_everything_a_user_does_is_audited(office):
    await office.alice.hand_in()
    await office.alice.must("DELETE", "v1/me/kyc")
    rows = await office.api.read(
        select(AuditEntry.action, AuditEntry.actor_id)
        .where(AuditEntry.action.like("kyc%"))
        .order_by(AuditEntry.id)
    )
    assert [row.action for row in rows] == [
        "kyc_applied", "kyc_document_added", "kyc_document_added", "kyc_submitted", "kyc_withdrawn",
    ]  # fmt: skip
    assert {row.actor_id for row in rows} == {await office.api.id_of("alice")}
    assert (await office.api.read(select(KycApplication.open_user_id)))[0][0] is None


async def test_picture_without_a_body_and_a_type_is_refused(office):
    await office.alice.apply()
    assert code_of(await office.alice.ask("POST", "v1/me/kyc/documents/front")) == (
        415, "picture_refused",
    )  # fmt: skip
