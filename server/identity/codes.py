"""Codes of six digits that are sent to a mailbox or telephone and given back.

A code belongs to one user, one purpose and one address. It lives ten minutes, is good once, and is
dead after five errors; a newer one replaces it. Only a keyed digest is stored. The caller holds the
lock of the account, so that errors cannot be made in parallel.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from models.codes import CodePurpose
from models.messages import Channel
from server.core.ids import first_id_at
from server.db import Unit
from server.identity import code_queries as queries
from server.identity import rules
from server.identity.context import Identity
from server.identity.sealing import fingerprint
from server.messages.anti_phishing import sign_mail
from server.messages.queue import queue_message
from server.messages.texts import MAIL_CODE, SMS_CODE, write_code
from server.messages.toll import CodesLimited, confirm_sms, count_sms

LIFE = timedelta(minutes=10)
DIGITS = 6
ERRORS_MAX = 5
RESEND_PAUSE = timedelta(seconds=60)
SENT_MAX = 5
"""Codes of one purpose and user in an hour."""
SENT_WINDOW = timedelta(hours=1)
MAILED_MAX = 5
"""Codes of one purpose to one mailbox in an hour, whoever asks for them."""
MAILED_DAY_MAX = 20
MAILED_DAY = timedelta(hours=24)
KEPT = timedelta(days=2)
PURGE_CHUNK = 1000


@dataclass(frozen=True, slots=True)
class Address:
    """Where a code goes."""

    channel: Channel
    to: str


async def send_code(
    identity: Identity,
    unit: Unit,
    user_id: UUID,
    purpose: CodePurpose,
    address: Address,
    language: str,
    *,
    to_nobody: bool = False,
) -> datetime:
    """Send a new code; when it ends. Refuses `CodesLimited`, and `Invalid` for a country.

    The code `to_nobody` does the same work, and its message has expired when it is written.
    """
    now = unit.now
    sent = (
        await unit.execute(queries.codes_since(user_id, purpose, first_id_at(now - SENT_WINDOW)))
    ).all()
    recent = [row.sent_at for row in sent if row.sent_at > now - SENT_WINDOW]
    if recent and now < recent[-1] + RESEND_PAUSE:
        raise CodesLimited(retry_after_s=_seconds(recent[-1] + RESEND_PAUSE - now))
    if len(recent) >= SENT_MAX:
        raise CodesLimited(retry_after_s=_seconds(recent[0] + SENT_WINDOW - now))
    code_id = unit.ids.new_id()
    if address.channel is Channel.SMS:
        await count_sms(unit, identity.sms_limits, code_id, address.to)

    code = _make_code(identity)
    by_mail = address.channel is Channel.MAIL
    recipient = _digest_recipient(identity, purpose, address.to) if by_mail else None
    await unit.execute(
        queries.insert_code(
            {
                "id": code_id,
                "user_id": user_id,
                "purpose": purpose.value,
                "digest": _digest(identity, code_id, address, code),
                "sent_at": now,
                "expires_at": now + LIFE,
                "errors": 0,
                "recipient": recipient,
            }
        )
    )
    if recipient is not None:
        await _check_mailbox(unit, recipient)
    said = SMS_CODE if address.channel is Channel.SMS else MAIL_CODE
    text = write_code(said, language, code, purpose.value)
    if purpose is CodePurpose.RECOVER_EMAIL:
        # The only mailbox of these that is known to be the user's.
        text = await sign_mail(unit, identity.sealer, user_id, text, language)
    life = timedelta(0) if to_nobody else LIFE
    await queue_message(unit, identity.sealer, address.channel, address.to, text, life=life)
    return now + LIFE


async def _check_mailbox(unit: Unit, recipient: bytes) -> None:
    """Refuse `CodesLimited` when the code just written is one too many for its mailbox.

    It is written before it is counted, so that two at once cannot both be the last one.
    """
    now = unit.now
    since = first_id_at(now - MAILED_DAY)
    sent = [row.sent_at for row in await unit.execute(queries.codes_to(recipient, since))]
    for most, window in ((MAILED_MAX, SENT_WINDOW), (MAILED_DAY_MAX, MAILED_DAY)):
        recent = [at for at in sent if at > now - window]
        if len(recent) > most:
            raise CodesLimited(retry_after_s=_seconds(recent[-most - 1] + window - now))


async def use_code(
    identity: Identity,
    unit: Unit,
    user_id: UUID,
    purpose: CodePurpose,
    address: Address,
    given: str,
) -> bool:
    """Whether `given` is the newest code of this purpose and address; it is then used up.

    An error is counted: the caller commits even when the answer is no.
    """
    newest = (await unit.execute(queries.newest_code(user_id, purpose))).first()
    if (
        newest is None
        or newest.used_at is not None
        or newest.expires_at <= unit.now
        or newest.errors >= ERRORS_MAX
    ):
        return False
    told = _digest(identity, newest.id, address, given)
    if not hmac.compare_digest(told, bytes(newest.digest)):
        await unit.execute_guarded(queries.count_error(newest.id, newest.errors))
        return False
    await unit.execute_guarded(queries.use_code(newest.id, unit.now))
    if address.channel is Channel.SMS:
        await confirm_sms(unit, newest.id)
    return True


async def purge_codes(unit: Unit) -> int:
    """Forget one chunk of codes that no limit looks at; how many."""
    before = first_id_at(unit.now - KEPT)
    rows = (await unit.execute(queries.old_codes(before, PURGE_CHUNK))).all()
    if rows:
        await unit.execute(queries.delete_codes([row.id for row in rows]))
    return len(rows)


def _make_code(identity: Identity) -> str:
    # Eight bytes are so many that the remainder favours no code that anybody could notice.
    number = int.from_bytes(identity.database.random.token(8), "big") % 10**DIGITS
    return f"{number:0{DIGITS}}"


def _digest(identity: Identity, code_id: UUID, address: Address, code: str) -> bytes:
    key = hmac.digest(identity.fingerprint_secret, b"one-time codes", "sha256")
    return fingerprint(key, str(code_id), address.channel.value, address.to, code)


def _digest_recipient(identity: Identity, purpose: CodePurpose, to: str) -> bytes:
    key = hmac.digest(identity.fingerprint_secret, b"recipients of codes", "sha256")
    return fingerprint(key, purpose.value, rules.key_of_email(to) or to)


def _seconds(left: timedelta) -> int:
    return max(1, int(left.total_seconds()))
