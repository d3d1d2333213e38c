"""What follows from every change of a second factor or of the password."""

from datetime import timedelta
from uuid import UUID

from server.db import Unit
from server.db.audit import Action, record_audit
from server.http.endpoint import Actor
from server.identity import factor_queries as queries
from server.identity.context import Identity
from server.identity.notices import tell_owner
from server.identity.recovery_codes import make_codes
from server.identity.sessions import end_sessions
from server.identity.standing import StandingRow, change_standing, hold_selling, lock_standing


async def lock_account(unit: Unit, user_id: UUID) -> StandingRow:
    """Let one change at a time be made to how a user signs in; the locked standing.

    The security row is locked after it, and made for who has none.
    """
    standing = await lock_standing(unit, user_id)
    if (await unit.execute(queries.lock_security(user_id))).first() is None:
        await unit.execute(queries.insert_security(user_id))
    return standing


async def keep_factors(
    identity: Identity, unit: Unit, actor: Actor, standing: StandingRow, kind: str, **params: str
) -> list[str]:
    """Draw the consequences of a factor that was added or removed; `kind` names it in the notice.

    Other sessions end, money is locked for a day, the owner is told. The first factor comes with
    recovery codes, which are answered; with the last one they go. The lock spares the session in
    which the account was registered: whoever opened the account is its owner.
    """
    factors = (await unit.execute(queries.factors_of(actor.user_id))).one()
    protected = factors.totp_confirmed_at is not None or factors.passkeys > 0
    first = protected and not standing.second_factor
    codes: list[str] = []
    if first:
        codes = await make_codes(identity, unit, actor.user_id)
    elif not protected:
        await unit.execute(queries.delete_recovery_codes(actor.user_id))
    if protected != standing.second_factor:
        standing = await change_standing(unit, identity.hooks, standing, second_factor=protected)
    opening = queries.is_opening_session(actor.user_id, actor.session_id)
    if not (first and (await unit.execute(opening)).first() is not None):
        standing = await lock_money(identity, unit, standing)
    await end_others(identity, unit, actor, "factor_changed")
    await record_audit(unit, Action.FACTOR_CHANGED, "user", actor.user_id, reason=kind)
    await tell_owner(unit, identity.hooks, actor.user_id, kind, **params)
    return codes


async def end_others(identity: Identity, unit: Unit, actor: Actor, reason: str) -> int:
    """End every session but the caller's, and every sign-in that still waits."""
    await unit.execute(queries.delete_pending_of(actor.user_id))
    return await end_sessions(identity, unit, actor.user_id, reason, spared=actor.session_id)


async def lock_money(identity: Identity, unit: Unit, standing: StandingRow) -> StandingRow:
    """Let no money leave, and nothing new be sold, for as long as the policy says."""
    hold = identity.policy.change_hold
    if hold <= timedelta(0):
        return standing
    until = unit.now + hold
    await unit.execute_guarded(
        queries.update_security(standing.user_id, {"money_locked_until": until})
    )
    return await hold_selling(unit, identity.hooks, standing, until)
