"""Seals everything at rest anew with the newest key, so that an older one can be taken away."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from models.chat import ChatMessage
from models.compliance import SuspicionReport
from models.factors import TotpFactor
from models.files import Attachment
from models.identity import PaymentAccount
from models.kyc import KycApplication, KycDocument, LegalName
from models.messages import Message
from models.moderation import AntiPhishingCode, UserNote, UserReport
from models.privacy import DataExportPart
from models.sandbox import Counterparty
from models.screening import ScreeningHit
from models.trades import Trade
from server.chat import views as chat
from server.compliance import suspicions
from server.db import Database, Unit
from server.files import attachments
from server.identity import totp
from server.identity.accounts import context_of
from server.identity.names import legal_name_context
from server.identity.sealing import Sealer
from server.jobs import queries
from server.kyc import applications, documents, screening
from server.messages import anti_phishing
from server.messages import queue as messages
from server.moderation import notes as user_notes
from server.moderation import reports as user_reports
from server.privacy import exports
from server.sandbox import counterparties
from server.trades.views import payer_context

CHUNK = 100
"""Rows read in one unit of work."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column of sealed values, and what the value of a row is bound to."""

    key: InstrumentedAttribute[UUID]
    value: InstrumentedAttribute[Any]
    context_of: Callable[[UUID], str]

    @property
    def name(self) -> str:
        """Table and column."""
        return f"{self.value.class_.__tablename__}.{self.value.key}"


SEALED = (
    SealedColumn(PaymentAccount.id, PaymentAccount.sealed, context_of),
    SealedColumn(TotpFactor.user_id, TotpFactor.sealed, totp.context_of),
    SealedColumn(Message.id, Message.sealed, messages.context_of),
    SealedColumn(SuspicionReport.id, SuspicionReport.sealed, suspicions.context_of),
    SealedColumn(KycApplication.id, KycApplication.sealed, applications.context_of),
    SealedColumn(KycDocument.id, KycDocument.sealed_key, documents.context_of),
    SealedColumn(Attachment.id, Attachment.sealed_key, attachments.context_of),
    SealedColumn(ScreeningHit.id, ScreeningHit.sealed, screening.context_of),
    SealedColumn(LegalName.user_id, LegalName.sealed, legal_name_context),
    SealedColumn(ChatMessage.id, ChatMessage.sealed, chat.context_of),
    SealedColumn(Counterparty.id, Counterparty.sealed, counterparties.context_of),
    SealedColumn(UserReport.id, UserReport.sealed, user_reports.context_of),
    SealedColumn(UserNote.id, UserNote.sealed, user_notes.context_of),
    SealedColumn(AntiPhishingCode.user_id, AntiPhishingCode.sealed, anti_phishing.context_of),
    SealedColumn(Trade.id, Trade.payer_name, payer_context),
    SealedColumn(DataExportPart.id, DataExportPart.sealed, exports.context_of),
)
"""Every sealed column."""


async def reseal_all(database: Database, sealer: Sealer) -> dict[str, int]:
    """How many values of each column were sealed anew. May be stopped and run again.

    Raises `SealBroken` for a value whose key is not configured; what came before it is done.
    """
    counts: dict[str, int] = {}
    for column in SEALED:
        counts[column.name] = await _reseal_column(database, sealer, column)
    return counts


async def _reseal_column(database: Database, sealer: Sealer, column: SealedColumn) -> int:
    count = 0
    after: UUID | None = None
    while True:

        async def reseal(unit: Unit, after: UUID | None = after) -> tuple[int, UUID | None]:
            page = queries.sealed_values(column.key, column.value, after, CHUNK)
            rows = (await unit.execute(page)).all()
            changed = 0
            for row in rows:
                row_id, sealed = row.row_id, row.sealed
                if sealer.key_of(sealed) == sealer.active:
                    continue
                context = column.context_of(row_id)
                anew = sealer.seal(sealer.open_sealed(sealed, context), context)
                # Who changed it meanwhile sealed it with the newest key himself.
                done = await unit.execute(
                    queries.replace_sealed(
                        column.key, column.value, row_id=row_id, sealed=sealed, anew=anew
                    )
                )
                changed += done.rowcount
            return changed, rows[-1].row_id if rows else None

        changed, after = await database.transact(reseal, name="reseal")
        count += changed
        if after is None:
            return count
