"""A forgotten password: a token by mail sets a new one, and the second factor stays.

Asking does the same work, writes the same rows and answers alike for an address that somebody has
and for one that nobody has: the message to nobody is expired when it is written. A token is 32
random bytes, good once and for half an hour.
"""

import base64
import hashlib
import hmac
from datetime import timedelta
from uuid import UUID

from models.messages import Channel
from server.db import Unit
from server.db.audit import Action, record_audit
from server.identity import code_queries, device_queries, factor_queries, queries, rules
from server.identity.context import Identity
from server.identity.factor_changes import lock_account, lock_money
from server.identity.notices import tell_owner
from server.identity.refusals import ResetRefused
from server.identity.sealing import fingerprint
from server.identity.sessions import end_sessions
from server.messages.anti_phishing import sign_mail
from server.messages.queue import queue_message
from server.messages.texts import RESET, fill_text

LIFE = timedelta(minutes=30)
NOBODY = UUID(int=0)
SENT_MAX = 3
"""Mails to one address in an hour; what is asked beyond is answered alike and sends none."""
SENT_WINDOW = timedelta(hours=1)
KEPT = timedelta(days=2)
SECRET_BYTES = 32
PURGE_CHUNK = 1000


async def ask_reset(identity: Identity, email: str, *, ip: str) -> None:
    """Mail a token to the owner of an address, if there is one. Refuses `SignInsLimited`."""
    key = rules.key_of_email(email)
    given = key or f"malformed:{email[: rules.EMAIL_CHARS_MAX]}"
    await identity.limits.take(f"reset:{given}", ip)
    account = _digest_account(identity, given)
    token = base64.urlsafe_b64encode(identity.database.random.token(SECRET_BYTES)).decode()
    token = token.rstrip("=")

    async def work(unit: Unit) -> None:
        known = (await unit.execute(queries.profile_by_email(key or ""))).first()
        counted = await unit.execute(code_queries.count_resets(account, unit.now - SENT_WINDOW))
        sends = known is not None and counted.scalar_one() < SENT_MAX
        await unit.execute(
            code_queries.insert_reset(
                {
                    "digest": _digest(token),
                    "account": account,
                    "user_id": known.user_id if known is not None else None,
                    "asked_at": unit.now,
                    "expires_at": unit.now + LIFE,
                }
            )
        )
        link = f"{identity.passkeys.origins[0]}/reset-password#{token}"
        language = known.language if known is not None else "en"
        text = fill_text(RESET, language, link=link)
        # For nobody the same question is asked, so that it takes as long.
        owner = NOBODY
        if known is not None and known.email_verified_at is not None:
            owner = known.user_id
        text = await sign_mail(unit, identity.sealer, owner, text, language)
        to = known.email if known is not None else ""
        life = LIFE if sends else timedelta(0)
        await queue_message(unit, identity.sealer, Channel.MAIL, to, text, life=life)

    await identity.database.transact(work, name="ask_reset")


async def reset_password(identity: Identity, token: str, password: str) -> None:
    """Set a new password by the token of a mail.

    Every session ends, no device is known any more, money is locked for as long as the policy says,
    the owner is told; who has a second factor is asked for it when he signs in next. Refuses
    `ResetRefused` (unknown, used, too old) and `PasswordRefused`, which leaves the token good.
    """
    digest = _digest(token)
    async with identity.database.read() as connection:
        now = identity.clock.now()
        found = (await connection.execute(code_queries.reset_of(digest, now))).first()
        if found is None:
            raise ResetRefused
        user_id = found.user_id
        known = (await connection.execute(queries.password_of(user_id))).one()
    if bytes(found.account) != _digest_account(identity, rules.key_of_email(known.email) or ""):
        # It was asked for while the address was being changed, and went to the old one.
        raise ResetRefused
    rules.check_password(password, own_words=(known.username, known.email.partition("@")[0]))
    password_hash = await identity.hasher.hash_password(password)

    async def work(unit: Unit) -> None:
        standing = await lock_account(unit, user_id)
        used = await unit.execute(code_queries.use_reset(digest, unit.now))
        if used.rowcount != 1:
            raise ResetRefused
        changed = await unit.execute(
            factor_queries.change_password(user_id, known.password_hash, password_hash, unit.now)
        )
        if changed.rowcount != 1:
            raise ResetRefused("The password was changed meanwhile.")
        await end_resets_of(identity, unit, user_id, known.email)
        await lock_money(identity, unit, standing)
        await unit.execute(factor_queries.delete_pending_of(user_id))
        # One of them may be the thief's.
        await unit.execute(device_queries.forget_devices_of(user_id))
        await end_sessions(identity, unit, user_id, "password_reset")
        await record_audit(unit, Action.SIGN_IN_CHANGED, "user", user_id, reason="password_reset")
        await tell_owner(unit, identity.hooks, user_id, "password_reset")

    await identity.database.transact(work, name="reset_password")


async def end_resets_of(identity: Identity, unit: Unit, user_id: UUID, email: str) -> None:
    """Let every link that was mailed to a user's address be good no more."""
    account = _digest_account(identity, rules.read_email(email)[1])
    await unit.execute(  # allowed: unchecked-write, most users have no token
        code_queries.end_resets(user_id, account, unit.now)
    )


async def purge_resets(unit: Unit) -> int:
    """Forget one chunk of resets that no limit looks at; how many."""
    rows = (await unit.execute(code_queries.old_resets(unit.now - KEPT, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(code_queries.delete_resets([row.digest for row in rows]))
    return len(rows)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _digest_account(identity: Identity, given: str) -> bytes:
    key = hmac.digest(identity.fingerprint_secret, b"password resets", "sha256")
    return fingerprint(key, given)
