"""Applications for verification: one that waits, one approved, one refused, with drawn pictures."""

import io
from uuid import UUID

from PIL import Image, ImageDraw

from models.kyc import DocumentKind, KycStatus
from seeds import queries
from seeds.people import STAFF
from seeds.plan import APPLICANTS, Applicant
from seeds.stage import Stage
from server.db import Unit
from server.http.endpoint import Key
from server.kyc import applications, documents, reviews
from server.kyc.applications import Application
from server.kyc.queries import latest_of
from server.kyc.screening import screen_due

SIZE = (640, 420)
JPEG = "image/jpeg"
REQUEST_HASH = bytes(32)
"""The seeds send each picture once."""


async def seed_identities(stage: Stage) -> int:
    """Every application of the plan that is missing or was not brought to its end; how many."""
    made = 0
    reviewer, _ = STAFF[0]
    (staff,) = await stage.fetch(queries.list_people([reviewer]))
    for applicant in APPLICANTS:
        made += await _bring_to_end(stage, applicant, staff.user_id)
    return made


async def _bring_to_end(stage: Stage, applicant: Applicant, staff_id: UUID) -> int:
    user_id = stage.user_id(applicant.username)
    rows = await stage.fetch(latest_of(user_id, 1))
    row = applications.read_row(rows[0]) if rows else None
    if row is not None and row.status == applicant.status:
        return 0
    if row is None:
        row = await _apply(stage, user_id, applicant)
    if row.status == KycStatus.COLLECTING:
        row = await _hand_in(stage, user_id, row, applicant)
    if applicant.status != KycStatus.PENDING:
        # Where the settings name a list, nobody is approved before it was looked through.
        await screen_due(stage.kyc)
        await _decide(stage, staff_id, row, applicant)
    return 1


async def _apply(stage: Stage, user_id: UUID, applicant: Applicant) -> Application:
    asked = {
        "level": 2,
        "full_name": applicant.full_name,
        "birth_date": applicant.birth_date,
        "country": applicant.country,
        "document_type": "passport",
        "document_number": applicant.document_number,
        "document_expires_on": applicant.document_expires_on,
        "address": None,
    }

    async def work(unit: Unit) -> Application:
        return await applications.apply(stage.kyc, unit, user_id, asked)

    return await stage.database.transact(work, name="seed_application")


async def _hand_in(
    stage: Stage, user_id: UUID, row: Application, applicant: Applicant
) -> Application:
    async with stage.database.read() as connection:
        _, missing = await applications.list_missing(connection, stage.kyc, row)
    for kind in missing:
        picture = draw_specimen(kind, applicant.full_name)
        key = Key(f"seed-{kind}", REQUEST_HASH)
        await documents.add_document(stage.kyc, user_id, DocumentKind(kind), picture, JPEG, key)

    async def work(unit: Unit) -> Application:
        return await applications.submit(stage.kyc, unit, user_id)

    return await stage.database.transact(work, name="seed_application")


async def _decide(stage: Stage, staff_id: UUID, row: Application, applicant: Applicant) -> None:
    async def work(unit: Unit) -> None:
        claimed = await reviews.claim(unit, staff_id, row.id)
        if applicant.status == KycStatus.APPROVED:
            await reviews.approve(
                stage.kyc, unit, staff_id, row.id, version=claimed.version, document_expires_on=None
            )
            return
        await reviews.reject(
            stage.kyc, unit, staff_id, row.id, version=claimed.version, reason=applicant.reason
        )

    await stage.database.transact(work, name="seed_decision")


def draw_specimen(kind: str, name: str) -> bytes:
    """A picture that nobody takes for a document."""
    picture = Image.new("RGB", SIZE, (226, 232, 240))
    pen = ImageDraw.Draw(picture)
    pen.rectangle((16, 16, SIZE[0] - 16, SIZE[1] - 16), outline=(71, 85, 105), width=4)
    pen.text((40, 60), f"SPECIMEN\n{kind}\n{name}", fill=(30, 41, 59), font_size=40)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80)
    return out.getvalue()
