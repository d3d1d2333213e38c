"""The word that a user chose: our mails to his confirmed mailbox carry it, others' do not."""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from server.db import Unit
from server.identity.sealing import Sealer
from server.messages import queries
from server.messages.texts import LANGUAGE_DEFAULT, Text

Reader = AsyncConnection | Unit
"""A read connection or a unit of work."""
LINES = {
    "en": "Your anti-phishing code: {code}",
    "vi": "Mã chống lừa đảo của bạn: {code}",
}


def context_of(user_id: UUID) -> str:
    """What a user's word is bound to."""
    return f"anti_phishing:{user_id}"


async def find_code(reader: Reader, sealer: Sealer, user_id: UUID) -> str | None:
    """The word of a user, if he has chosen one."""
    row = (await reader.execute(queries.anti_phishing_of(user_id))).first()
    if row is None:
        return None
    return sealer.open_sealed(bytes(row.sealed), context_of(user_id)).decode()


async def sign_mail(unit: Unit, sealer: Sealer, user_id: UUID, text: Text, language: str) -> Text:
    """A mail with the word of whom it goes to; as it is where he has none."""
    code = await find_code(unit, sealer, user_id)
    if code is None:
        return text
    line = LINES.get(language.partition("-")[0]) or LINES[LANGUAGE_DEFAULT]
    return replace(text, body=f"{text.body}\n\n{line.replace('{code}', code)}")
