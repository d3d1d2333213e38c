"""Names are looked for before an identity is approved, when the list changes, and every day."""

from uuid import UUID

import orjson
import pytest
from aiohttp.test_utils import TestServer
from sqlalchemy import select, update

from models.audit import AuditEntry
from models.compliance import AccountHold
from models.kyc import KycApplication
from models.operations import Outbox
from models.screening import NameScreening, ScreeningHit
from server.core.refusals import Unavailable
from server.kyc.duties import purge_identities
from server.kyc.screening import screen_due
from tests.api.identity.people import list_notices
from tests.api.kyc.conftest import open_office
from tests.sumsub import MESSAGE_SECRET, SECRET, TOKEN, FakeSumsub, sign
from tests.yente import KEY, FakeYente

HEAD = "id,schema,name,birth_date,countries,sanctions\n"
OTHERS = "NK-7,Person,Ivan Petrov,1970,ru,\n"
SAME = "NK-1,Person,NGUYEN VAN DUC,1990,vn,Fraud\n"
REASON = {"reason": "The pictures differ."}
MISSING = "018f2f5e-0000-7000-8000-000000000000"


class ListFile:
    """The file that the settings name."""

    def __init__(self, path):
        self.path = path
        self.write(OTHERS)

    def write(self, rows):
        self.path.write_text(HEAD + rows, encoding="utf-8")


@pytest.fixture
def names(tmp_path):
    return ListFile(tmp_path / "list.csv")


@pytest.fixture
async def office(database_url, tmp_path, names):
    async with open_office(database_url, tmp_path, screening_list=names.path) as opened:
        yield opened


def code_of(answer):
    status, body = answer
    return status, body["code"]


async def list_hits(office, status="open"):
    page = await office.officer.must("GET", f"admin/screening-hits?status={status}")
    return page["items"]


async def decide(office, hit, status, who=None):
    """Claim and decide; status and body."""
    person = who or office.officer
    claimed = await person.must("POST", f"admin/screening-hits/{hit['id']}/claim")
    asked = {"version": claimed["version"], "status": status, **REASON}
    return await person.ask("POST", f"admin/screening-hits/{hit['id']}/decision", asked)


async def test_name_on_no_list_is_approved(office):
    application_id = await office.alice.hand_in()
    await screen_due(office.kyc)
    assert (await office.officer.decide(application_id))[0] == 200
    assert await list_hits(office) == []


async def test_nothing_is_approved_before_the_list_was_looked_through(office, names):
    office.kyc.screening._path = names.path.with_name("gone.csv")
    application_id = await office.alice.hand_in()
    with pytest.raises(Unavailable):
        await screen_due(office.kyc)
    assert code_of(await office.officer.decide(application_id)) == (409, "screening_waits")
    office.kyc.screening._path = names.path
    await screen_due(office.kyc)
    assert (await office.officer.decide(application_id))[0] == 200


async def test_name_on_a_list_waits_for_compliance_and_the_user_is_not_told(office, names):
    names.write(SAME)
    application_id = await office.alice.hand_in()
    await screen_due(office.kyc)
    assert await screen_due(office.kyc) == 0
    (hit,) = await list_hits(office)

    blocked = await office.officer.decide(application_id)
    level, shown = await office.alice.see()
    told = await list_notices(office.api)

    assert code_of(blocked) == (409, "screening_undecided")
    assert (level, shown["status"], shown["reason"]) == (1, "pending", None)
    assert told == []
    assert "Duc" not in str(hit)
    assert "DUC" not in str(hit)
    rows = await office.api.read(select(Outbox.body).where(Outbox.name == "kyc_queue_changed"))
    kinds = [orjson.loads(row.body)["kind"] for row in rows]
    assert kinds.count("screening_hit") == 1


async def test_false_match_lets_the_application_pass_and_is_not_asked_about_again(office, names):
    names.write(SAME)
    application_id = await office.alice.hand_in()
    await screen_due(office.kyc)
    (hit,) = await list_hits(office)
    status, decided = await decide(office, hit, "false_match")
    assert (status, decided["status"], decided["reason"]) == (200, "false_match", REASON["reason"])
    assert (await office.officer.decide(application_id))[0] == 200
    office.clock.advance(hours=25)
    await office.sign_in(office.officer)
    names.write(SAME + OTHERS)
    assert await screen_due(office.kyc) == 1
    assert await list_hits(office) == []
    # Another word about the same entry is another hit.
    names.write(SAME.replace("Fraud", "Terror"))
    await screen_due(office.kyc)
    assert len(await list_hits(office)) == 1


async def test_true_match_freezes_the_account_and_can_never_be_approved(office, names):
    names.write(SAME)
    application_id = await office.alice.hand_in()
    await screen_due(office.kyc)
    (hit,) = await list_hits(office)

    assert (await decide(office, hit, "true_match"))[0] == 200

    (hold,) = await office.api.read(select(AccountHold.kind, AccountHold.placed_by))
    assert (hold.kind, hold.placed_by) == ("freeze", await office.api.id_of("officer"))
    assert code_of(await office.officer.decide(application_id)) == (409, "screening_matched")
    assert await list_notices(office.api) == ["account_frozen"]
    rejected = await office.officer.decide(application_id, "reject", reason="We cannot serve you.")
    assert rejected[0] == 200


async def test_true_match_of_a_frozen_account_leaves_its_freeze(office, names):
    names.write(SAME)
    await office.alice.hand_in()
    await screen_due(office.kyc)
    (hit,) = await list_hits(office)
    alice = await office.api.id_of("alice")
    await office.officer.must("POST", f"admin/users/{alice}/freeze", REASON)
    assert (await decide(office, hit, "true_match"))[0] == 200
    assert len(await office.api.read(select(AccountHold.id))) == 1


async def test_who_was_approved_is_looked_for_again_when_the_list_changes_and_every_day(
    office, names
):
    await office.alice.hand_in()
    await screen_due(office.kyc)
    (application,) = await office.api.read(select(NameScreening.application_id))
    await office.officer.decide(str(application.application_id))
    assert await screen_due(office.kyc) == 0
    office.clock.advance(hours=24)
    assert await screen_due(office.kyc) == 1
    names.write(SAME)
    assert await screen_due(office.kyc) == 1
    await office.sign_in(office.officer)
    (hit,) = await list_hits(office)
    assert (await decide(office, hit, "true_match"))[0] == 200
    assert await list_notices(office.api) == ["kyc_approved", "account_frozen"]


async def test_person_and_entry_are_for_who_has_claimed_and_the_look_is_audited(office, names):
    names.write(SAME)
    await office.alice.hand_in()
    await screen_due(office.kyc)
    (hit,) = await list_hits(office)
    path = f"admin/screening-hits/{hit['id']}"

    unclaimed = await office.officer.ask("POST", f"{path}/read")
    early = {"version": 1, "status": "true_match", **REASON}
    undecided = await office.officer.ask("POST", f"{path}/decision", early)
    await office.officer.must("POST", f"{path}/claim")
    foreign = await office.colleague.ask("POST", f"{path}/claim")
    stale = await office.officer.ask("POST", f"{path}/decision", early)
    seen = await office.officer.must("POST", f"{path}/read")

    assert code_of(unclaimed) == (409, "hit_not_claimed")
    assert code_of(undecided) == (409, "hit_not_claimed")
    assert code_of(foreign) == (409, "hit_claimed")
    assert code_of(stale) == (409, "hit_changed")
    assert seen["person"]["full_name"] == "Nguyễn Văn Đức"
    assert (seen["listed"]["entry_id"], seen["listed"]["topics"]) == ("NK-1", ["Fraud"])
    assert (await decide(office, hit, "false_match"))[0] == 200
    again = await office.officer.ask("POST", f"{path}/claim")
    assert code_of(again) == (409, "hit_decided")
    actions = await office.api.read(
        select(AuditEntry.action)
        .where(AuditEntry.object_kind == "screening_hit")
        .order_by(AuditEntry.id)
    )
    assert [row.action for row in actions] == [
        "screening_hit", "screening_claimed", "screening_read", "screening_claimed",
        "screening_decided",
    ]  # fmt: skip


async def test_hits_are_sealed_and_closed_to_others_and_to_the_person(office, names):
    names.write(SAME)
    await office.officer.hand_in()
    await screen_due(office.kyc)
    (hit,) = await list_hits(office)
    own = await office.officer.ask("POST", f"admin/screening-hits/{hit['id']}/claim")
    assert code_of(own) == (403, "own_hold")
    assert code_of(await office.alice.ask("GET", "admin/screening-hits")) == (403, "forbidden")
    missing = await office.officer.ask("POST", f"admin/screening-hits/{MISSING}/claim")
    assert code_of(missing) == (404, "not_found")
    (row,) = await office.api.read(select(ScreeningHit.sealed))
    assert b"DUC" not in bytes(row.sealed)


async def test_what_was_found_is_forgotten_with_its_application(office, names):
    names.write(SAME)
    application_id = await office.alice.hand_in()
    await screen_due(office.kyc)
    await office.officer.decide(application_id, "reject", reason="Not good.")
    office.clock.advance(hours=24 * 90 + 1)
    await purge_identities(office.kyc)
    (row,) = await office.api.read(select(ScreeningHit.sealed))
    assert row.sealed is None
    assert await office.api.read(select(NameScreening.application_id)) == []
    await office.sign_in(office.officer)
    (hit,) = await list_hits(office)
    await office.officer.must("POST", f"admin/screening-hits/{hit['id']}/claim")
    seen = await office.officer.must("POST", f"admin/screening-hits/{hit['id']}/read")
    assert (seen["person"], seen["listed"]) == (None, None)


@pytest.mark.parametrize("rows", [OTHERS, SAME], ids=["on_no_list", "on_a_list"])
async def test_provider_approves_nobody_before_the_list_was_looked_through(
    database_url, tmp_path, names, rows
):
    names.write(rows)
    fake = FakeSumsub()
    async with TestServer(fake.app) as server:
        asked = {
            "screening_list": names.path,
            "sumsub_app_token": TOKEN,
            "sumsub_secret": SECRET,
            "sumsub_message_secret": MESSAGE_SECRET,
            "sumsub_url": server.make_url(""),
        }
        async with open_office(database_url, tmp_path, **asked) as office:
            application_id = (await office.alice.apply())["id"]
            await office.alice.must("POST", "v1/me/kyc/provider-token")
            fake.find(application_id)
            raw = fake.write(application_id, office.clock, answer={"reviewAnswer": "GREEN"})

            async def tell():
                path = "/api/v1/kyc/provider-messages"
                reply = await office.api.client.post(path, data=raw, headers=sign(raw))
                return reply.status

            early = await tell()
            await screen_due(office.kyc)
            again = await tell()

            level, shown = await office.alice.see()
            assert (early, again) == (503, 204)
            if rows == OTHERS:
                assert (level, shown["status"]) == (2, "approved")
                return
            assert (level, shown["status"], shown["reason"]) == (1, "pending", None)
            (queued,) = (await office.officer.must("GET", "admin/kyc"))["items"]
            assert queued["provider_note"] == "The name is on a list."


async def test_service_is_asked_in_place_of_a_file_by_settings_alone(database_url, tmp_path):
    fake = FakeYente()
    fake.add("Q1", "Nguyễn Văn Đức", birthDate=["1990"])
    async with TestServer(fake.app) as server:
        asked = {
            "screening_url": f"http://127.0.0.1:{server.port}",
            "screening_dataset": "sanctions",
            "screening_key": KEY,
        }
        async with open_office(database_url, tmp_path, **asked) as office:
            await office.alice.hand_in()
            await screen_due(office.kyc)
            assert len(await list_hits(office)) == 1
            fake.version = "another"
            office.clock.advance(minutes=10)
            assert await screen_due(office.kyc) == 1
            assert len(await list_hits(office)) == 1


async def test_application_that_no_key_opens_stops_nobody_else_and_is_reported_once(
    office, names, capsys
):
    names.write(SAME)
    lost = await office.alice.hand_in()
    other = await office.join("bob")
    await other.hand_in()

    async def spoil(unit):
        await unit.execute(
            update(KycApplication).where(KycApplication.id == UUID(lost)).values(sealed=b"x")
        )

    await office.api.database.transact(spoil, name="test")
    for _ in range(2):
        await screen_due(office.kyc)

    assert len(await list_hits(office)) == 1
    assert capsys.readouterr().out.count("screening_unreadable") == 1
    assert code_of(await office.officer.decide(lost)) == (409, "screening_waits")
