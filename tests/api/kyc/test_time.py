"""Identities run out, and what was kept long enough is purged."""

from sqlalchemy import insert, select, update

from models.compliance import AccountHold
from models.kyc import KycApplication, KycDocument, LegalName
from server.kyc.duties import purge_identities, recheck_identities
from tests.api.identity.people import list_notices
from tests.api.kyc.conftest import ADDRESS


def count_files(office):
    return len([path for path in office.folder.rglob("*") if path.is_file()])


async def read_statuses(office):
    rows = await office.api.read(select(KycApplication.status).order_by(KycApplication.id))
    return [row.status for row in rows]


async def level_of(office):
    await office.sign_in(office.alice)
    return (await office.alice.see())[0]


async def hold(office, lifted_at=None):
    """A court wants what is kept of the applicant, or wants it no more."""
    alice = await office.api.id_of("alice")

    async def work(unit):
        if lifted_at is not None:
            await unit.execute(update(AccountHold).values(lifted_at=lifted_at))
            return
        await unit.execute(
            insert(AccountHold).values(
                id=unit.ids.new_id(), user_id=alice, kind="legal", reason="A court asks.",
                placed_at=unit.now,
            )
        )  # fmt: skip

    await office.api.database.transact(work, name="test")


async def test_identity_that_runs_out_is_told_of_before_and_lowers_the_level(office):
    await office.officer.decide(await office.alice.hand_in())
    office.clock.advance(hours=24 * 699)
    await recheck_identities(office.kyc)
    assert await list_notices(office.api, "kyc_expires_soon") == []
    office.clock.advance(hours=24 * 1)
    await recheck_identities(office.kyc)
    await recheck_identities(office.kyc)
    assert await list_notices(office.api, "kyc_expires_soon") == [
        {"level": "2", "expires_at": "2028-01-01T00:00:00.000Z"}
    ]
    assert await level_of(office) == 2
    office.clock.advance(hours=24 * 30)
    await recheck_identities(office.kyc)
    assert await level_of(office) == 1
    assert await read_statuses(office) == ["expired"]
    assert await list_notices(office.api, "kyc_expired") == [{"level": "2"}]


async def test_address_counts_again_once_the_identity_below_it_does(office):
    await office.officer.decide(await office.alice.hand_in(document_expires_on="2026-03-01"))
    address = await office.alice.hand_in(**{**ADDRESS, "document_number": "1234"})
    await office.officer.decide(address)
    await office.colleague.decide(address)
    office.clock.advance(hours=24 * 61)
    await recheck_identities(office.kyc)
    assert await level_of(office) == 1
    again = await office.alice.hand_in()
    await office.sign_in(office.officer)
    await office.officer.decide(again)
    assert await level_of(office) == 3


async def test_newer_identity_takes_the_place_of_an_older_one(office):
    for number in ("first-1", "second-2"):
        await office.officer.decide(await office.alice.hand_in(document_number=number))
    assert await read_statuses(office) == ["superseded", "approved"]


async def test_rejected_application_is_purged_after_its_time_and_a_held_one_is_not(office):
    refused = await office.alice.hand_in()
    await office.officer.decide(refused, "reject", reason="Not good.")
    office.clock.advance(hours=24 * 90)
    assert await purge_identities(office.kyc) == 0
    await hold(office)
    office.clock.advance(minutes=1)
    assert await purge_identities(office.kyc) == 0
    assert count_files(office) == 2
    await hold(office, lifted_at=office.clock.now())

    assert await purge_identities(office.kyc) == 2

    assert count_files(office) == 0
    (row,) = await office.api.read(select(KycApplication.sealed, KycApplication.purged_at))
    assert row.sealed is None
    assert row.purged_at is not None
    keys = await office.api.read(select(KycDocument.sealed_key))
    assert [key.sealed_key for key in keys] == [None, None]
    assert await purge_identities(office.kyc) == 0


async def test_identity_that_counts_is_kept_and_one_that_ended_long_ago_is_not(office):
    await office.officer.decide(await office.alice.hand_in())
    office.clock.advance(hours=24 * 729)
    assert await purge_identities(office.kyc) == 0
    office.clock.advance(hours=24 * 1)
    await recheck_identities(office.kyc)
    office.clock.advance(hours=24 * 1825)
    assert await purge_identities(office.kyc) == 0
    office.clock.advance(minutes=1)
    assert await purge_identities(office.kyc) == 2
    assert await office.api.read(select(LegalName.user_id)) == []


async def test_replaced_picture_is_purged_after_a_day(office):
    await office.alice.apply()
    await office.alice.send("front")
    await office.alice.send("front")
    assert await purge_identities(office.kyc) == 0
    office.clock.advance(hours=24, minutes=1)
    assert await purge_identities(office.kyc) == 1
    assert count_files(office) == 1
