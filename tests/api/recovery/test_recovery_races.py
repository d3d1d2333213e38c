"""The owner, the approval and the time at one instant: one wins, and the others change nothing."""

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import select

from models.factors import TotpFactor
from server.admin.context import OFFICE
from server.identity.context import IDENTITY
from server.recovery.cases import stop
from server.staff.approvals import approve as approve_proposal
from tests.api.identity.conftest import start_api
from tests.api.recovery.conftest import Desk


@pytest.fixture
async def other(database_url, clock, tmp_path, desk):
    """A second process on the same database."""
    async with start_api(
        database_url, clock, make=Desk, new_account_level=1, kyc_folder=tmp_path / "kyc"
    ) as started:
        yield started


def name_of(outcome):
    return type(outcome).__name__ if isinstance(outcome, Exception) else outcome


async def count_factors(desk):
    owner = TotpFactor.user_id == await desk.id_of("alice")
    return len(await desk.read(select(TotpFactor.user_id).where(owner)))


@pytest.mark.parametrize("turn", range(3))
async def test_owner_and_approval_at_one_instant_have_one_winner(desk, other, turn):
    case = await desk.lose()
    await desk.pass_wait()
    _, proposal = await desk.propose(case)
    alice, app = await desk.id_of("alice"), other.client.server.app
    officer = await desk.id_of("officer")

    async def approve():
        async def work(unit):
            shown = bytes.fromhex(proposal["hash"])
            registry = desk.client.server.app[OFFICE].approvals
            await approve_proposal(unit, registry, officer, UUID(proposal["id"]), shown)

        await desk.database.transact(work, name="test")

    async def say_no():
        async def work(unit):
            return await stop(app[IDENTITY], unit, alice)

        return await other.database.transact(work, name="test")

    first, second = (approve, say_no) if turn % 2 else (say_no, approve)
    outcomes = await asyncio.gather(first(), second(), return_exceptions=True)
    approved, stopped = outcomes if turn % 2 else reversed(outcomes)

    assert await desk.statuses() in (["completed"], ["stopped"])
    if await desk.statuses() == ["completed"]:
        assert (approved, stopped) == (None, False)
        assert await count_factors(desk) == 0
    else:
        assert (name_of(approved), stopped) == ("RecoveryClosed", True)
        assert await count_factors(desk) == 1


async def test_end_of_its_time_belongs_to_the_expiry(desk, other):
    case = await desk.lose()
    await desk.pass_wait(hours=13 * 24 + 23)
    _, proposal = await desk.propose(case)
    desk.clock.advance(hours=1)
    await desk.come_back()
    alice = await desk.id_of("alice")

    async def say_no(unit):
        return await stop(desk.identity, unit, alice)

    answer, _, stopped = await asyncio.gather(
        desk.approve(proposal), other.tend(), desk.database.transact(say_no, name="test")
    )
    assert (answer[0], stopped) == (409, False)
    assert await desk.statuses() == ["expired"]
    assert await count_factors(desk) == 1


async def test_two_who_ask_at_one_instant_have_one_recovery(desk, other):
    token, code = await desk.ask_codes("email")
    body = {"token": token, "email_code": code}
    answers = await asyncio.gather(desk.post("", body), other.post("", body))
    assert [status for status, _ in answers].count(201) == 1
    assert await desk.statuses() == ["open"]
