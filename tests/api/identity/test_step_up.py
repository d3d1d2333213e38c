"""POST /auth/step-up, and what a proof is good for."""

import asyncio
import uuid

import pytest

from server.core.refusals import StepUpRequired
from server.http.endpoint import Actor
from server.identity.step_up import Act, purge_proofs, use_proof
from tests.api.identity.conftest import PASSWORD, start_api

PATH = "/api/v1/auth/step-up"
TRADE = uuid.UUID(int=1)
ACT = Act("release", TRADE, 12_500_000, 3)
ASKED = {"action": "release", "subject_id": str(TRADE), "amount": "12.5", "version": 3}


async def ask_proof(api, token, **changes):
    body = {name: value for name, value in {**ASKED, **changes}.items() if value is not None}
    return await api.ask("POST", PATH, {"password": PASSWORD, **body}, token=token)


async def get_proof(api, token, **changes):
    reply = await ask_proof(api, token, **changes)
    assert reply.status == 200, await reply.text()
    return (await reply.json())["proof"]


async def use(api, token, proof, act=ACT):
    actor = token if isinstance(token, Actor) else api.identity.tokens.authenticate(token)

    async def work(unit):
        await use_proof(unit, actor, proof, act)

    await api.database.transact(work, name="test")


@pytest.fixture
async def alice(api):
    return (await api.register("alice"))["access_token"]


async def test_proof_allows_its_act_once(api, alice):
    proof = await get_proof(api, alice)
    await use(api, alice, proof)
    with pytest.raises(StepUpRequired):
        await use(api, alice, proof)


async def test_proof_is_used_once_by_parallel_acts(api, alice):
    proof = await get_proof(api, alice)
    results = await asyncio.gather(
        *(use(api, alice, proof) for _ in range(8)), return_exceptions=True
    )
    assert results.count(None) == 1
    assert all(isinstance(result, StepUpRequired) for result in results if result is not None)


@pytest.mark.parametrize(
    "act",
    [
        Act("release", uuid.UUID(int=2), 12_500_000, 3),
        Act("release", TRADE, 12_500_001, 3),
        Act("release", TRADE, 12_500_000, 4),
        Act("split", TRADE, 12_500_000, 3),
    ],
    ids=["another trade", "another amount", "another version", "another action"],
)
async def test_proof_is_bound_to_its_act(api, alice, act):
    proof = await get_proof(api, alice)
    with pytest.raises(StepUpRequired):
        await use(api, alice, proof, act)
    await use(api, alice, proof)


async def test_proof_is_bound_to_its_user_and_session(api, alice):
    proof = await get_proof(api, alice)
    bob = (await api.register("bob"))["access_token"]
    elsewhere = (await (await api.login("alice")).json())["access_token"]
    for token in (bob, elsewhere):
        with pytest.raises(StepUpRequired):
            await use(api, token, proof)


async def test_proof_lives_two_minutes(api, alice):
    first, second = await get_proof(api, alice), await get_proof(api, alice)
    api.clock.advance(seconds=119)
    await use(api, alice, first)
    api.clock.advance(seconds=1)
    with pytest.raises(StepUpRequired):
        await use(api, alice, second)


async def test_act_that_is_rolled_back_does_not_use_up_the_proof(api, alice):
    proof = await get_proof(api, alice)
    actor = api.identity.tokens.authenticate(alice)

    async def fail(unit):
        await use_proof(unit, actor, proof, ACT)
        raise RuntimeError("after the proof")

    with pytest.raises(RuntimeError):
        await api.database.transact(fail, name="test")
    await use(api, alice, proof)


@pytest.mark.parametrize("proof", [None, "", "x", "x" * 500, "é"])
async def test_act_without_a_proof_is_refused(api, alice, proof):
    with pytest.raises(StepUpRequired):
        await use(api, alice, proof)


async def test_one_proof_allows_twenty_listed_acts(api, alice):
    acts = [
        {"subject_id": str(uuid.UUID(int=number)), "amount": "1", "version": 1}
        for number in range(1, 22)
    ]
    too_many = await ask_proof(api, alice, subject_id=None, amount=None, version=None, acts=acts)
    assert too_many.status == 422
    proof = await get_proof(api, alice, subject_id=None, amount=None, version=None, acts=acts[:20])
    for number in range(1, 21):
        await use(api, alice, proof, Act("release", uuid.UUID(int=number), 1_000_000, 1))
    with pytest.raises(StepUpRequired):
        await use(api, alice, proof, Act("release", uuid.UUID(int=21), 1_000_000, 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "withdraw-all"},
        {"subject_id": None},
        {"amount": None},
        {"version": None},
        {"amount": "0"},
        {"amount": 12.5},
        {"amount": "1e3"},
        {"version": "3"},
        {"version": -1},
        {"version": True},
        {"subject_id": "x"},
        {"acts": []},
        {"acts": [{"subject_id": str(TRADE), "amount": "1", "version": 1}]},
        {"trade": "x"},
    ],
)
async def test_malformed_question_is_refused(api, alice, changes):
    assert (await ask_proof(api, alice, **changes)).status == 422


async def test_one_object_listed_twice_is_refused(api, alice):
    acts = [{"subject_id": str(TRADE), "amount": "1", "version": 1}] * 2
    reply = await ask_proof(api, alice, subject_id=None, amount=None, version=None, acts=acts)
    assert reply.status == 422


async def test_wrong_password_is_no_proof_and_is_limited(api, alice):
    for _ in range(10):
        reply = await ask_proof(api, alice, password="wrong password")
        assert reply.status == 403
        assert (await reply.json())["code"] == "step_up_refused"
    assert (await ask_proof(api, alice)).status == 429


async def test_password_is_no_proof_where_the_settings_refuse_it(database_url, clock):
    async with start_api(database_url, clock, step_up="none") as api:
        token = (await api.register("alice"))["access_token"]
        reply = await ask_proof(api, token)
    assert reply.status == 403


async def test_proof_is_stored_as_a_digest(api, alice):
    proof = await get_proof(api, alice)
    assert proof.encode() not in await api.dump("step_up_proofs")


async def test_ended_proofs_are_purged(api, alice):
    await get_proof(api, alice)
    api.clock.advance(minutes=3)
    await get_proof(api, alice)
    assert await api.database.transact(purge_proofs, name="test") == 0
    api.clock.advance(minutes=1, seconds=1)
    assert await api.database.transact(purge_proofs, name="test") == 1


async def test_proof_that_is_no_text_is_none(api, alice):
    with pytest.raises(StepUpRequired):
        await use(api, alice, "\udcff" * 43)
