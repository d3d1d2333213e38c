"""GET, POST /me/payment-accounts and DELETE /me/payment-accounts/{id}."""

import asyncio
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from models.audit import AuditEntry
from models.identity import (
    PaymentAccount,
    PaymentAccountFlag,
    PaymentAccountState,
    Standing,
)
from models.operations import Outbox
from server.identity.accounts import ACCOUNTS_MAX, open_details, read_accounts
from tests.api.identity.conftest import start_api
from tests.staff_world import make_staff

PATH = "/api/v1/me/payment-accounts"
DETAILS = {"holder": "Nguyen Van An", "number": "0071 0012 3456 7"}


async def add(api, token, details=None, method="vn-vietcombank", key=None):
    body = {"payment_method_id": method, "details": DETAILS if details is None else details}
    proof = await api.prove(token, "payment_account", "POST", PATH, body)
    return await api.ask("POST", PATH, body, token=token, key=key, headers={"Step-Up": proof})


async def remove(api, token, account_id):
    path = f"{PATH}/{account_id}"
    proof = await api.prove(token, "payment_account", "DELETE", path)
    return await api.ask("DELETE", path, token=token, headers={"Step-Up": proof})


async def list_accounts(api, token):
    return (await (await api.ask("GET", PATH, token=token)).json())["items"]


@pytest.fixture
async def alice(api, rails):
    return (await api.register("alice"))["access_token"]


async def test_account_is_added_and_listed_with_its_number_masked(api, alice):
    reply = await add(api, alice)
    assert reply.status == 201
    account = await reply.json()
    assert account["details"] == {"holder": "Nguyen Van An", "number": "••••4567"}
    assert account["payment_method_name"] == "Vietcombank"
    assert account["currency"] == "VND"
    assert await list_accounts(api, alice) == [account]


async def test_details_are_encrypted_in_the_table_and_open_for_their_row(api, alice):
    await add(api, alice)
    stored = await api.dump("payment_accounts") + await api.dump("idempotency_keys")
    for secret in (b"0071001234567", b"0071 0012 3456 7"):
        assert secret not in stored
    assert b"Nguyen" not in await api.dump("payment_accounts")
    (row,) = await api.read(select(PaymentAccount.id))
    async with api.database.read() as connection:
        account = (await read_accounts(connection, [row.id]))[row.id]
    assert open_details(api.identity.sealer, account) == {
        "holder": "Nguyen Van An",
        "number": "0071001234567",
    }


async def test_details_are_not_in_the_log(api, alice, capsys, caplog):
    await add(api, alice)
    await add(api, alice, {"holder": "Nguyen Van An", "number": "not digits 4455"})
    written = capsys.readouterr()
    for text in (written.out, written.err, caplog.text):
        assert "Nguyen" not in text
        assert "4455" not in text


@pytest.mark.parametrize(
    ("method", "details", "field"),
    [
        ("vn-vietcombank", {"number": "00710012345"}, "holder"),
        ("vn-vietcombank", {**DETAILS, "number": "12x456"}, "number"),
        ("vn-vietcombank", {**DETAILS, "number": "12345"}, "number"),
        ("vn-vietcombank", {**DETAILS, "number": "٣٣٣٣٣٣٣"}, "number"),
        ("vn-vietcombank", {**DETAILS, "number": "1" * 21}, "number"),
        ("vn-vietcombank", {**DETAILS, "holder": "x" * 201}, "holder"),
        ("vn-vietcombank", {**DETAILS, "holder": "An\u202enA"}, "holder"),
        ("vn-vietcombank", {**DETAILS, "bank": "x"}, "bank"),
        ("vn-vietcombank", {**DETAILS, "number": 7}, None),
        ("vn-momo", {"phone": "0912345678"}, "phone"),
        ("eu-wise", {"email": "nobody"}, "email"),
        ("eu-wise", {"email": "a@example.com", "tag": "wrong"}, "tag"),
        ("eu-wise", {}, None),
    ],
)
async def test_details_that_do_not_fit_the_rail_are_refused(api, alice, method, details, field):
    reply = await add(api, alice, details, method)
    assert reply.status == 422
    if field is not None:
        assert field in (await reply.json())["errors"]["details"]
    assert await list_accounts(api, alice) == []


@pytest.mark.parametrize("method", ["xx-unknown", "", "x" * 41])
async def test_unknown_rail_is_refused(api, alice, method):
    reply = await add(api, alice, method=method)
    assert reply.status == 422
    assert "payment_method_id" in (await reply.json())["errors"]


async def test_same_account_twice_is_refused_in_any_spelling(api, alice):
    await add(api, alice)
    reply = await add(api, alice, {"holder": "NGUYEN VAN AN", "number": "0071.0012.3456.7"})
    assert reply.status == 409
    assert (await reply.json())["code"] == "payment_account_exists"


async def test_same_account_at_once_is_added_once(api, alice):
    replies = await asyncio.gather(*(add(api, alice) for _ in range(5)))
    assert sorted(reply.status for reply in replies) == [201, 409, 409, 409, 409]


async def list_flags(api):
    return await api.read(
        select(
            PaymentAccountFlag.user_id, PaymentAccountFlag.owner_id, PaymentAccountFlag.closed_at
        )
    )


async def test_account_of_another_user_is_refused_and_compliance_is_told(api, alice):
    await add(api, alice)
    bob = (await api.register("bob"))["access_token"]

    replies = [await add(api, bob, {**DETAILS, "holder": "Tran Van Bob"}) for _ in range(2)]

    for reply in replies:
        body = await reply.json()
        assert (reply.status, body["code"]) == (409, "payment_account_taken")
        assert "alice" not in str(body)
    ids = {name: await api.id_of(name) for name in ("alice", "bob")}
    assert await list_flags(api) == [(ids["bob"], ids["alice"], None)]
    (entry,) = await api.read(
        select(AuditEntry.actor_id, AuditEntry.after).where(
            AuditEntry.action == "payment_account_flagged"
        )
    )
    assert entry.actor_id == ids["bob"]
    assert "4567" not in entry.after
    told = await api.read(select(Outbox.room).where(Outbox.name == "kyc_queue_changed"))
    assert [row.room for row in told] == ["staff:kyc"]
    assert await list_accounts(api, bob) == []


async def test_account_stays_its_first_owners_when_he_removes_it(api, alice):
    account = await (await add(api, alice)).json()
    await remove(api, alice, account["id"])
    bob = (await api.register("bob"))["access_token"]

    refused, again = await add(api, bob), await add(api, alice)

    assert (refused.status, again.status) == (409, 201)


async def test_same_account_of_two_people_at_once_is_one_persons(api, other_api, alice):
    bob = (await api.register("bob"))["access_token"]

    replies = await asyncio.gather(
        *(add(server, token) for server in (api, other_api) for token in (alice, bob))
    )

    codes = [(await reply.json()).get("code") for reply in replies]
    owners = {row.user_id for row in await api.read(select(PaymentAccount.user_id))}
    assert len(owners) == 1
    assert codes.count(None) == 1
    assert codes.count("payment_account_exists") == 1
    assert codes.count("payment_account_taken") == 2
    loser = ({await api.id_of("alice"), await api.id_of("bob")} - owners).pop()
    assert await list_flags(api) == [(loser, owners.pop(), None)]


async def test_compliance_lists_flags_and_closes_each_once(api, alice):
    await add(api, alice)
    bob = (await api.register("bob"))["access_token"]
    await add(api, bob)
    await api.register("officer")
    await make_staff(api.client.server.app, await api.id_of("officer"), "compliance")
    officer = (await (await api.login("officer")).json())["access_token"]
    path = "/api/admin/payment-account-flags"

    (flag,) = (await (await api.ask("GET", path, token=officer)).json())["items"]
    close = f"{path}/{flag['id']}/close"
    replies = [
        await api.ask("POST", close, {"note": "Siblings share it."}, token=officer)
        for _ in range(2)
    ]
    listed = [
        (await (await api.ask("GET", f"{path}?open={shown}", token=officer)).json())["items"]
        for shown in ("true", "false")
    ]

    assert (flag["username"], flag["owner_username"]) == ("bob", "alice")
    assert [reply.status for reply in replies] == [200, 409]
    assert [[one["note"] for one in items] for items in listed] == [[], ["Siblings share it."]]
    assert (await api.ask("GET", path, token=bob)).status == 403


async def test_accounts_are_bounded(api, alice):
    for number in range(ACCOUNTS_MAX):
        assert (await add(api, alice, {**DETAILS, "number": f"10000{number:02}"})).status == 201
    reply = await add(api, alice)
    assert reply.status == 409
    assert (await reply.json())["code"] == "too_many_payment_accounts"


async def test_repeated_request_with_its_key_adds_one_account(api, alice):
    first = await (await add(api, alice, key="same")).json()
    reply = await add(api, alice, key="same")
    assert reply.status == 201
    assert await reply.json() == first
    assert len(await list_accounts(api, alice)) == 1


async def test_removed_account_leaves_the_list_and_keeps_its_row(api, alice):
    removed = []

    async def note(unit, user_id, account_id, currency):
        removed.append((str(account_id), currency))

    api.identity.hooks.on_account_removed.append(note)
    account = await (await add(api, alice)).json()
    reply = await remove(api, alice, account["id"])
    assert reply.status == 204
    assert await list_accounts(api, alice) == []
    assert removed == [(account["id"], "VND")]
    account_id = uuid.UUID(account["id"])
    async with api.database.read() as connection:
        kept = (await read_accounts(connection, [account_id]))[account_id]
    assert open_details(api.identity.sealer, kept)["number"] == "0071001234567"
    assert (await add(api, alice)).status == 201


async def test_foreign_account_looks_like_a_missing_one(api, alice):
    account = await (await add(api, alice)).json()
    bob = (await api.register("bob"))["access_token"]
    bodies = []
    for account_id in (account["id"], str(uuid.UUID(int=7)), "nonsense"):
        reply = await remove(api, bob, account_id)
        assert reply.status == 404
        body = await reply.json()
        body.pop("request_id")
        bodies.append(body)
    assert bodies[0] == bodies[1] == bodies[2]
    assert await list_accounts(api, bob) == []
    rows = await api.read(select(PaymentAccountState.removed_at))
    assert [row.removed_at for row in rows] == [None]


async def test_account_removed_twice_is_missing(api, alice):
    account = await (await add(api, alice)).json()
    statuses = [(await remove(api, alice, account["id"])).status for _ in range(2)]
    assert statuses == [204, 404]


async def refuse_step_up(reply):
    assert (reply.status, (await reply.json())["code"]) == (403, "step_up_required")


async def test_account_is_not_added_without_a_proof_of_just_this_account(api, alice):
    body = {"payment_method_id": "vn-vietcombank", "details": DETAILS}
    other = {**body, "details": {**DETAILS, "number": "999999999"}}
    proof = await api.prove(alice, "payment_account", "POST", PATH, other)
    wrong = await api.prove(alice, "factor", "POST", PATH, body)

    await refuse_step_up(await api.ask("POST", PATH, body, token=alice))
    for offered in (proof, wrong):
        await refuse_step_up(
            await api.ask("POST", PATH, body, token=alice, headers={"Step-Up": offered})
        )

    assert await list_accounts(api, alice) == []


async def test_account_is_not_removed_without_a_proof(api, alice):
    account = await (await add(api, alice)).json()

    await refuse_step_up(await api.ask("DELETE", f"{PATH}/{account['id']}", token=alice))

    assert await list_accounts(api, alice) == [account]


async def test_production_locks_money_for_a_day_after_an_account_was_added(api, alice):
    api.identity.policy = replace(api.identity.policy, change_hold=timedelta(hours=24))
    await add(api, alice)
    before = await (await api.ask("GET", "/api/v1/me", token=alice)).json()
    await add(api, alice, {**DETAILS, "number": "7654321"})
    after = await (await api.ask("GET", "/api/v1/me", token=alice)).json()
    assert before["money_locked_until"] is None
    assert after["money_locked_until"] == "2026-01-02T00:00:00.000Z"


async def test_first_account_of_who_has_traded_stops_new_sales_too(api, alice):
    api.identity.policy = replace(api.identity.policy, change_hold=timedelta(hours=24))
    await api.database.transact(
        lambda unit: unit.execute(update(Standing).values(trades_completed=1)), name="test"
    )

    await add(api, alice)

    (row,) = await api.read(select(Standing.selling_blocked_until))
    assert row.selling_blocked_until == api.clock.now() + timedelta(hours=24)


async def test_production_stops_new_sales_for_a_day_after_an_account_was_added(api, alice):
    api.identity.policy = replace(api.identity.policy, change_hold=timedelta(hours=24))
    changed = []

    async def note(unit, user_id):
        changed.append(user_id)

    api.identity.hooks.on_standing_changed.append(note)
    await add(api, alice)
    assert (await api.read(select(Standing.selling_blocked_until)))[0][0] is None
    await add(api, alice, {**DETAILS, "number": "7654321"})
    (row,) = await api.read(select(Standing.selling_blocked_until, Standing.recheck_at))
    assert row.selling_blocked_until == api.clock.now() + timedelta(hours=24)
    assert row.recheck_at == row.selling_blocked_until
    # Matching hears of each account: it must know who else has it.
    assert changed == [await api.id_of("alice")] * 2


async def test_another_sealing_key_opens_what_the_older_one_sealed(database_url, clock, api, alice):
    await add(api, alice)
    older = "development:development-only-" + "0" * 32
    async with start_api(database_url, clock, seal_keys=f"newer:{'n' * 32},{older}") as later:
        (account,) = await list_accounts(later, alice)
        assert account["details"]["number"] == "••••4567"
        reply = await add(later, alice, {**DETAILS, "number": "7654321"})
        assert reply.status == 201
    stored = await api.dump("payment_accounts")
    assert b"newer" in stored
