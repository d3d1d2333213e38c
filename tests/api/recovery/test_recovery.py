"""Lost second factors: who may ask, how long it waits, who stops it, and what it leaves."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.devices import Device
from models.factors import Passkey, RecoveryCode, Security, TotpFactor
from models.kyc import KycDocument
from models.recovery import Recovery
from server.admin.context import OFFICE
from server.recovery.asking import ASKED_MAX
from server.recovery.duties import purge_recoveries
from server.staff import approvals
from server.staff.refusals import PartyToProposal
from tests.api.identity.mailbox import read_letters
from tests.api.identity.people import list_notices, refuse
from tests.api.recovery.conftest import NUMBER, code_of
from tests.pictures import JPEG
from tests.softkey import SoftKey

MISSING = "018f2f5e-0000-7000-8000-000000000000"


async def test_who_lost_every_factor_is_let_in_after_the_wait_by_two_of_the_staff(make_desk):
    async with make_desk(change_hold_hours=24, device_hold_hours=24) as desk:
        await desk.begin()
        case = await desk.lose()
        await desk.pass_wait()
        await desk.complete(case)

        assert await desk.follow(case) == "completed"
        assert await desk.status_of_me(desk.alice.token) == 401
        for table in (TotpFactor, Passkey, RecoveryCode, Device):
            owner = select(table.user_id).where(table.user_id == await desk.id_of("alice"))
            assert await desk.read(owner) == []
        signed_in = await (await desk.login("alice")).json()
        assert "access_token" in signed_in
        assert signed_in["user"]["second_factor"] is False
        locked = await desk.read(
            select(Security.money_locked_until).where(Security.user_id == await desk.id_of("alice"))
        )
        assert locked[0][0] == desk.clock.now() + timedelta(hours=24)
        assert await desk.audited() == ["recovery_asked", "recovery_completed"]
        assert "factors_recovered" in await list_notices(desk)


async def test_password_alone_opens_nothing(desk):
    token, _ = await desk.ask_codes("email")
    answer = await desk.post("", {"token": token, "email_code": "000000"})
    assert code_of(answer) == (422, "code_refused")
    answer = await desk.post("", {"token": "nobody", "email_code": "000000"})
    assert code_of(answer) == (401, "second_factor_refused")
    answer = await desk.post("/code", {"token": "nobody", "channel": "email"})
    assert code_of(answer) == (401, "second_factor_refused")
    assert await desk.statuses() == []


async def test_guessing_the_code_ends_it(desk):
    token, code = await desk.ask_codes("email")
    wrong = "111111" if code != "111111" else "222222"
    for _ in range(5):
        answer = await desk.post("", {"token": token, "email_code": wrong})
        assert code_of(answer) == (422, "code_refused")
    answer = await desk.post("", {"token": token, "email_code": code})
    assert code_of(answer) == (422, "code_refused")


async def test_verified_telephone_is_asked_for_besides_the_mailbox(desk):
    await desk.give_phone()
    token, email_code, phone_code = await desk.ask_codes("email", "phone")
    answer = await desk.post("", {"token": token, "email_code": email_code})
    assert code_of(answer) == (422, "code_refused")
    desk.clock.advance(minutes=2)
    token, email_code, phone_code = await desk.ask_codes("email", "phone")
    codes = {"email_code": email_code, "phone_code": phone_code}
    status, case = await desk.post("", {"token": token, **codes})
    assert (status, case["proven_by"], case["missing"]) == (201, "phone", [])


async def test_no_code_by_telephone_is_sent_where_none_is_needed(desk):
    token, _ = await desk.ask_codes("email")
    answer = await desk.post("/code", {"token": token, "channel": "phone"})
    assert code_of(answer) == (422, "invalid")


async def test_user_has_one_open_recovery_and_asking_again_gives_a_new_secret(desk):
    first = await desk.lose()
    desk.clock.advance(minutes=2)
    second = await desk.lose()
    assert second["id"] == first["id"]
    assert second["ready_at"] == first["ready_at"]
    assert await desk.follow(first) == "recovery_unknown"
    assert await desk.follow(second) == "open"
    assert await desk.statuses() == ["open"]


async def test_recoveries_of_a_month_are_bounded(desk):
    for _ in range(ASKED_MAX):
        await desk.lose()
        desk.clock.advance(hours=2)
        desk.alice.token = await sign_in_by_code(desk)
    token, code = await desk.ask_codes("email")
    answer = await desk.post("", {"token": token, "email_code": code})
    assert code_of(answer) == (429, "recoveries_limited")
    desk.clock.advance(hours=24 * 30)
    assert (await desk.lose())["status"] == "open"
    assert await desk.statuses() == ["stopped"] * ASKED_MAX + ["open"]


async def sign_in_by_code(desk):
    """The owner signs in with the factor that was said to be lost."""
    waiting = await desk.alice.wait_for_factor()
    reply = await desk.alice.finish(waiting["token"], code=desk.app_of_alice.code())
    assert reply.status == 200, await reply.text()
    return (await reply.json())["access_token"]


async def test_session_stops_it_with_one_call(desk):
    case = await desk.lose()
    shown = await desk.alice.must("GET", "/me/recovery")
    assert shown["recovery"]["id"] == case["id"]
    waiting = await desk.alice.wait_for_factor()

    await desk.alice.must("POST", "/me/recovery/stop")

    assert await desk.follow(case) == "stopped"
    assert (await desk.alice.must("GET", "/me/recovery"))["recovery"] is None
    await refuse(await desk.alice.ask("POST", "/me/recovery/stop"), 404, "not_found")
    desk.clock.advance(seconds=30)
    late = await desk.alice.finish(waiting["token"], code=desk.app_of_alice.code())
    await refuse(late, 401, "second_factor_refused")
    await desk.pass_wait()
    assert code_of(await desk.propose(case)) == (409, "recovery_closed")
    assert "recovery_stopped" in await list_notices(desk)


@pytest.mark.parametrize("factor", ["totp", "passkey", "recovery_code"])
async def test_factor_that_works_stops_it_by_signing_in(desk, factor):
    if factor == "passkey":
        await desk.alice.add_passkey(SoftKey(), code=next_code(desk))
    case = await desk.lose()
    desk.clock.advance(seconds=30)
    if factor == "passkey":
        reply = await desk.ask("POST", "/api/v1/auth/login/passkey/options", {})
        credential = desk.alice.key.answer((await reply.json())["options"])
        reply = await desk.ask("POST", "/api/v1/auth/login/passkey", {"passkey": credential})
    else:
        waiting = await desk.alice.wait_for_factor()
        offer = (
            {"code": desk.app_of_alice.code()}
            if factor == "totp"
            else {"recovery_code": desk.alice.recovery_codes[0]}
        )
        reply = await desk.alice.finish(waiting["token"], **offer)
    assert reply.status == 200, await reply.text()
    assert await desk.follow(case) == "stopped"


def next_code(desk):
    desk.clock.advance(seconds=30)
    return desk.app_of_alice.code()


async def test_owner_is_told_again_and_again_at_every_contact(desk):
    await desk.give_phone()
    token, email_code, phone_code = await desk.ask_codes("email", "phone")
    codes = {"email_code": email_code, "phone_code": phone_code}
    _, case = await desk.post("", {"token": token, **codes})
    tended = []
    for _ in range(5):
        tended.append(await desk.tend())
        assert await desk.tend() == 0
        mails = await read_letters(desk, "alice@example.com")
        texts = await read_letters(desk, NUMBER)
        desk.clock.advance(hours=24)
    assert tended == [0, 1, 1, 0, 0]
    told = [kind for kind in await list_notices(desk) if kind.startswith("recovery")]
    assert told == ["recovery_asked", "recovery_waits", "recovery_waits"]
    assert (await list_notices(desk, "recovery_waits"))[0] == {"ready_at": case["ready_at"]}
    assert len([text for text in mails if "second factor of your IQX" in text]) == 3
    assert len([text for text in texts if "somebody asks to remove" in text]) == 3


async def test_nothing_is_decided_before_the_wait_is_over(desk):
    case = await desk.lose()
    await desk.pass_wait(hours=71)
    assert code_of(await desk.propose(case)) == (409, "recovery_waits")
    await desk.pass_wait(hours=1)
    assert (await desk.propose(case))[0] == 201


async def test_one_of_the_staff_alone_completes_nothing(desk):
    case = await desk.lose()
    await desk.pass_wait()
    status, proposal = await desk.propose(case, desk.officer)
    assert status == 201
    assert code_of(await desk.approve(proposal)) == (403, "own_proposal")
    assert code_of(await desk.approve(proposal, desk.agent)) == (403, "forbidden")
    assert await desk.statuses() == ["open"]


async def test_nobody_on_the_staff_decides_his_own_recovery(desk):
    await desk.officer.add_totp()
    case = await desk.lose(name="officer")
    path = f"recoveries/{case['id']}"
    assert code_of(await desk.staff(desk.officer, "POST", f"{path}/claim")) == (
        403, "own_recovery",
    )  # fmt: skip
    refusal = {"version": 1, "reason": "It is me."}
    assert code_of(await desk.staff(desk.officer, "POST", f"{path}/refuse", refusal)) == (
        403, "own_recovery",
    )  # fmt: skip
    desk.clock.advance(hours=72)
    await desk.come_back(desk.agent)
    _, proposal = await desk.propose(case)
    officer, registry = await desk.id_of("officer"), desk.client.server.app[OFFICE].approvals

    async def approve(unit):
        shown = bytes.fromhex(proposal["hash"])
        await approvals.approve(unit, registry, officer, UUID(proposal["id"]), shown)

    with pytest.raises(PartyToProposal):
        await desk.database.transact(approve, name="test")
    assert await desk.statuses() == ["open"]


async def test_refusal_is_told_with_its_reason_and_the_factors_stay(desk):
    case = await desk.lose()
    path = f"recoveries/{case['id']}"
    unclaimed = {"version": 1, "reason": "Another face."}
    assert code_of(await desk.staff(desk.agent, "POST", f"{path}/refuse", unclaimed)) == (
        409, "recovery_not_claimed",
    )  # fmt: skip
    _, claimed = await desk.staff(desk.agent, "POST", f"{path}/claim")
    assert code_of(await desk.staff(desk.officer, "POST", f"{path}/claim")) == (
        409, "recovery_claimed",
    )  # fmt: skip
    old = {"version": claimed["version"] - 1, "reason": "Another face."}
    assert code_of(await desk.staff(desk.agent, "POST", f"{path}/refuse", old)) == (
        409, "recovery_changed",
    )  # fmt: skip
    asked = {"version": claimed["version"], "reason": "Another face."}
    status, refused = await desk.staff(desk.agent, "POST", f"{path}/refuse", asked)
    assert (status, refused["status"], refused["reason"]) == (200, "refused", "Another face.")
    assert await list_notices(desk, "recovery_refused") == [{"reason": "Another face."}]
    assert code_of(await desk.staff(desk.agent, "POST", f"{path}/claim")) == (
        409, "recovery_closed",
    )  # fmt: skip
    desk.clock.advance(seconds=30)
    assert await sign_in_by_code(desk)


async def test_recovery_that_nobody_decides_expires_by_the_time_itself_and_then_by_the_duty(desk):
    case = await desk.lose()
    await desk.pass_wait(hours=14 * 24)
    assert code_of(await desk.propose(case)) == (409, "recovery_closed")
    assert await desk.statuses() == ["open"]
    assert await desk.tend() == 1
    assert await desk.statuses() == ["expired"]
    assert "recovery_expired" in await list_notices(desk)
    assert (await desk.lose())["status"] == "open"


async def test_asking_after_the_time_is_over_opens_another(desk):
    await desk.lose()
    desk.clock.advance(hours=14 * 24)
    await desk.lose()
    assert await desk.statuses() == ["expired", "open"]


async def test_who_was_verified_shows_himself_again(desk):
    await desk.verify_identity()
    desk.clock.advance(minutes=1)
    case = await desk.lose()
    assert (case["proven_by"], case["missing"]) == ("identity", ["front", "selfie"])
    await desk.pass_wait()
    assert code_of(await desk.propose(case)) == (409, "recovery_unproven")
    for what in ("document", "selfie"):
        assert await desk.send(case, what) == (204, None)
    path = f"recoveries/{case['id']}"
    before = (await desk.staff(desk.agent, "GET", path))[1]
    await desk.staff(desk.agent, "POST", f"{path}/claim")
    seen = (await desk.staff(desk.agent, "GET", path))[1]

    assert (before["person"], before["earlier_pictures"]) == (None, [])
    assert seen["person"]["full_name"] == "Nguyễn Văn Đức"
    assert [one["kind"] for one in seen["pictures"]] == ["front", "selfie"]
    assert [one["kind"] for one in seen["earlier_pictures"]] == ["front", "selfie"]
    for one in (*seen["pictures"], *seen["earlier_pictures"]):
        address = f"/api/admin/{path}/pictures/{one['id']}"
        reply = await desk.ask("GET", address, token=desk.agent.token)
        assert (reply.status, reply.content_type) == (200, JPEG)
        reply = await desk.ask("GET", address, token=desk.officer.token)
        await refuse(reply, 409, "recovery_not_claimed")
    foreign = await desk.ask("GET", f"/api/admin/{path}/pictures/{MISSING}", token=desk.agent.token)
    await refuse(foreign, 404, "not_found")
    await desk.complete(case)
    assert await desk.audited() == [
        "recovery_asked", "recovery_proven", "recovery_proven", "recovery_claimed",
        "recovery_read", "recovery_completed",
    ]  # fmt: skip
    looks = await desk.read(select(AuditEntry.id).where(AuditEntry.action == "kyc_document_read"))
    assert len(looks) == 5


async def test_picture_sent_after_the_proposal_makes_it_void(desk):
    await desk.verify_identity()
    case = await desk.lose()
    for what in ("document", "selfie"):
        await desk.send(case, what)
    await desk.pass_wait()
    _, proposal = await desk.propose(case)
    assert await desk.send(case, "selfie") == (204, None)
    assert code_of(await desk.approve(proposal)) == (409, "object_changed")


async def test_pictures_are_taken_from_who_has_the_secret_alone(desk):
    case = await desk.lose()
    assert code_of(await desk.send(case, "selfie")) == (409, "no_pictures_asked")
    assert code_of(await desk.send({"recovery_token": "x"}, "selfie")) == (401, "recovery_unknown")
    assert code_of(await desk.send({"recovery_token": ""}, "selfie")) == (401, "recovery_unknown")
    await desk.alice.must("POST", "/me/recovery/stop")
    assert code_of(await desk.send(case, "selfie")) == (409, "recovery_closed")
    assert await desk.read(select(KycDocument.id)) == []


async def test_pictures_are_purged_after_their_time_and_not_under_legal_hold(desk):
    await desk.verify_identity()
    case = await desk.lose()
    for what in ("document", "selfie"):
        await desk.send(case, what)
    await desk.alice.must("POST", "/me/recovery/stop")
    desk.clock.advance(hours=24 * 90)
    assert await purge_recoveries(desk.kyc) == 0
    desk.clock.advance(seconds=1)
    await desk.come_back()
    hold = f"users/{await desk.id_of('alice')}/legal-hold"
    assert (await desk.staff(desk.officer, "POST", hold, {"reason": "A court asks."}))[0] == 204
    assert await purge_recoveries(desk.kyc) == 0
    await desk.staff(desk.officer, "POST", f"{hold}/lift", {"reason": "It is over."})
    assert await purge_recoveries(desk.kyc) == 2
    assert await purge_recoveries(desk.kyc) == 0
    (row,) = await desk.read(select(Recovery.purged_at))
    assert row.purged_at == desk.clock.now()
    keys = await desk.read(
        select(KycDocument.sealed_key).where(KycDocument.application_id == UUID(case["id"]))
    )
    assert [row.sealed_key for row in keys] == [None, None]


async def test_who_closes_his_account_stops_it(desk):
    case = await desk.lose()
    path = "/me/close"
    proof = await desk.alice.prove("account", "POST", path, code=next_code(desk))
    await desk.alice.must("POST", path, proof=proof)
    assert await desk.follow(case) == "stopped"
    desk.clock.advance(minutes=2)
    token, code = await desk.ask_codes("email")
    answer = await desk.post("", {"token": token, "email_code": code})
    assert code_of(answer) == (403, "account_closed")


async def test_queue_tells_accounts_only_and_is_for_the_staff(desk):
    case = await desk.lose()
    _, page = await desk.staff(desk.agent, "GET", "recoveries")
    assert [(one["id"], one["username"]) for one in page["items"]] == [(case["id"], "alice")]
    assert "recovery_token" not in page["items"][0]
    assert (await desk.staff(desk.agent, "GET", "recoveries?status=refused"))[1]["items"] == []
    assert code_of(await desk.staff(desk.alice, "GET", "recoveries")) == (403, "forbidden")
    assert code_of(await desk.staff(desk.agent, "GET", f"recoveries/{MISSING}")) == (
        404, "not_found",
    )  # fmt: skip
    assert code_of(await desk.propose({"id": MISSING})) == (404, "not_found")


async def test_secret_is_stored_as_a_digest(desk):
    case = await desk.lose()
    stored = b"".join([await desk.dump(each) for each in ("recoveries", "audit_entries", "outbox")])
    assert case["recovery_token"].encode() not in stored
