"""The people of the demo world: accounts, levels, payment accounts, first funds, staff."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from models.identity import Role
from models.ledger import AccountKind
from seeds import queries
from seeds.plan import EMAIL_DOMAIN, PASSWORD, PEOPLE, Person
from seeds.stage import Stage
from server.admin.service import assign_role, take_role
from server.core.money import MICRO
from server.core.permissions import ADMINISTRATOR
from server.db import Unit
from server.http.endpoint import Actor
from server.identity.accounts import add_account, list_accounts
from server.identity.service import create_admin, register_user, set_level_of
from server.identity.sessions import end_sessions, open_session
from server.identity.sign_in_history import Visitor
from server.identity.standing import change_standing, lock_standing
from server.ledger.queries import list_balances
from server.markets.catalog import list_rails
from server.markets.rail_kinds import find_nuban_check
from server.staff.service import lock_staff
from server.wallets.service import give_credit, give_test_usdt

DEVICE = "iqx seed"
IP = "127.0.0.1"
STAFF = (("admin", ADMINISTRATOR), ("support", "support_agent"))
"""The administrator comes first: one must stay when the others give that role up."""
ACCOUNTS_MAX = 100
CHECKED_BANKS = {
    rail["id"]: field["bank"]
    for rail in list_rails()
    for field in rail["fields"]
    if field.get("bank")
}
"""The codes of Nigerian banks, which their account numbers are checked against."""
Give = Callable[[Unit, UUID, int], Awaitable[dict[str, Any]]]


async def seed_people(stage: Stage) -> int:
    """Everyone who is missing, and what is missing of anyone; how many things were made."""
    rows = await stage.fetch(queries.list_people([person.username for person in PEOPLE]))
    stage.people.update((row.username, row.user_id) for row in rows)
    made = 0
    for number, person in enumerate(PEOPLE):
        if person.username not in stage.people:
            await _register(stage, person)
            made += 1
        made += await _add_accounts(stage, person, number)
        made += await _give_funds(stage, person)
    return made


async def seed_staff(stage: Stage) -> int:
    """The administrator and the supporter; how many were made."""
    rows = await stage.fetch(queries.list_people([username for username, _ in STAFF]))
    known = {row.username for row in rows}
    made = 0
    for username, role in STAFF:
        if username in known:
            continue
        email = f"{username}@{EMAIL_DOMAIN}"
        user_id = await create_admin(
            stage.identity, email=email, username=username, password=PASSWORD
        )
        if role != ADMINISTRATOR:

            async def work(unit: Unit, user_id: UUID = user_id, role: str = role) -> None:
                await lock_staff(unit, None)
                await assign_role(stage.identity, unit, user_id, role, granted_by=None)
                await take_role(stage.identity, unit, None, user_id, user_id, ADMINISTRATOR)

            await stage.database.transact(work, name="assign_role")
        made += 1
    return made


async def enter_stage(stage: Stage) -> None:
    """Open a session for everyone who has none yet."""
    for username, user_id in stage.people.items():
        if username not in stage.actors:

            async def work(unit: Unit, user_id: UUID = user_id) -> Actor:
                credentials = await open_session(
                    stage.identity, unit, user_id, Role.USER.value, ip=IP, device=DEVICE
                )
                return credentials.actor

            stage.actors[username] = await stage.database.transact(work, name="open_session")


async def leave_stage(stage: Stage) -> None:
    """End the sessions in which the seeds acted."""
    for actor in stage.actors.values():

        async def work(unit: Unit, actor: Actor = actor) -> None:
            await end_sessions(stage.identity, unit, actor.user_id, "seeded")

        await stage.database.transact(work, name="end_sessions")
    stage.actors.clear()


async def _register(stage: Stage, person: Person) -> None:
    fields = {"email": person.email, "username": person.username, "password": PASSWORD}
    _, credentials = await register_user(stage.identity, fields, Visitor(IP, DEVICE))
    stage.actors[person.username] = credentials.actor
    stage.people[person.username] = credentials.actor.user_id
    await set_level_of(stage.identity, person.username, person.level)
    if person.verified:

        async def work(unit: Unit) -> None:
            standing = await lock_standing(unit, credentials.actor.user_id)
            await change_standing(unit, stage.identity.hooks, standing, verified=True)

        await stage.database.transact(work, name="verify_merchant")


async def _add_accounts(stage: Stage, person: Person, number: int) -> int:
    user_id = stage.user_id(person.username)
    async with stage.database.read() as connection:
        accounts = await list_accounts(connection, user_id, None, ACCOUNTS_MAX)
    known = {account.method_id for account in accounts}
    missing = [rail for rail in person.rails if rail not in known]
    for rail in missing:
        details = describe_account(rail, person, number)

        async def work(unit: Unit, rail: str = rail, details: dict[str, str] = details) -> None:
            await add_account(stage.identity, unit, user_id, rail, details)

        await stage.database.transact(work, name="add_account")
    return len(missing)


def describe_account(rail: str, person: Person, number: int) -> dict[str, str]:
    """Made-up details of somebody's account on a rail."""
    holder = {"holder": person.holder}
    ten_digits = f"10{number:02d}{sum(rail.encode()):06d}"
    if rail == "us-cash-app":
        return {"cashtag": f"${person.username}", **holder}
    if rail == "us-venmo":
        return {"username": f"@{person.username}-demo", **holder}
    if rail in {"us-zelle", "us-paypal", "us-wise"}:
        return {"email": person.email, **holder}
    if rail in {"us-ach", "us-wire"}:
        return {"routing": "021000021", "number": ten_digits, "bank": "First Demo Bank", **holder}
    if rail in {"vn-momo", "vn-zalopay", "vn-viettel-money"}:
        return {"phone": f"+8490{1_000_000 + number}", **holder}
    bank, serial = CHECKED_BANKS.get(rail), ten_digits[:9]
    digit = find_nuban_check(bank, serial) if bank else ten_digits[9]
    return {"number": f"{serial}{digit}", **holder}


async def _give_funds(stage: Stage, person: Person) -> int:
    """First funds, unless the account was ever moved."""
    user_id = stage.user_id(person.username)
    rows = await stage.fetch(list_balances(user_id))
    moved = {row.asset for row in rows if row.kind == AccountKind.AVAILABLE.value and row.seq}
    made = 0
    for asset, amount in (("USDT", person.usdt), ("USDT_TEST", person.test_usdt)):
        if not amount or asset in moved:
            continue
        give = give_credit if asset == "USDT" else give_test_usdt

        async def work(unit: Unit, amount: int = amount, give: Give = give) -> None:
            await give(unit, user_id, amount * MICRO)

        await stage.database.transact(work, name="give_usdt")
        made += 1
    return made
