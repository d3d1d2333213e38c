"""Changing the password: the old one and a step-up are asked for, and everybody else is out."""

from server.core.refusals import StepUpRequired
from server.db import Unit
from server.db.audit import Action, record_audit
from server.db.idempotency import StoredReply, store_reply
from server.http.endpoint import Call
from server.identity import factor_queries, queries, rules
from server.identity.context import Identity
from server.identity.factor_changes import end_others, lock_account, lock_money
from server.identity.notices import tell_owner
from server.identity.refusals import StepUpRefused
from server.identity.step_up import check_password, use_request_proof


async def change_password(identity: Identity, call: Call) -> None:
    """Give the caller a new password, and keep the reply under his key.

    Other sessions end, money is locked for a day, the owner is told. Refuses `StepUpRequired`,
    `StepUpRefused` (the present password is wrong), `PasswordRefused`, `SignInsLimited`.
    """
    user_id, key = call.user.user_id, call.key
    assert key is not None, "the endpoint takes a key"
    if not call.step_up:
        raise StepUpRequired
    async with identity.database.read() as connection:
        known = (await connection.execute(queries.password_of(user_id))).one()
    # Hashing is slow: it is done before the transaction, which then compares and sets.
    await check_password(
        identity, user_id, known.password_hash, call.body["current_password"], ip=call.ip
    )
    own_words = (known.username, known.email.partition("@")[0])
    rules.check_password(call.body["new_password"], own_words=own_words)
    password_hash = await identity.hasher.hash_password(call.body["new_password"])

    async def work(unit: Unit) -> None:
        await use_request_proof(unit, call, "password")
        standing = await lock_account(unit, user_id)
        changed = await unit.execute(
            factor_queries.change_password(user_id, known.password_hash, password_hash, unit.now)
        )
        if changed.rowcount != 1:
            raise StepUpRefused("The password was changed meanwhile.")
        await lock_money(identity, unit, standing)
        await end_others(identity, unit, call.user, "password_changed")
        await record_audit(unit, Action.SIGN_IN_CHANGED, "user", user_id)
        await tell_owner(unit, identity.hooks, user_id, "password_changed")
        await store_reply(unit, user_id, key.text, key.request_hash, StoredReply(204, b""))

    await identity.database.transact(work, name="change_password")
