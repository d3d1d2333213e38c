"""The SQL of the copy: what is kept of how far a person may be trusted."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from models.trust import Sanction, SanctionAppeal

Selected = Select[*tuple[Any, ...]]


def sanctions(user_id: UUID, after: Any, limit: int) -> Selected:
    """The person's sanctions with his appeals; who of the staff did what is not his to know."""
    statement = (
        select(
            Sanction.id, Sanction.kind, Sanction.reason, Sanction.explanation, Sanction.begins_at,
            Sanction.ends_at, Sanction.status, Sanction.ended_at,
            SanctionAppeal.statement.label("appeal"),
            SanctionAppeal.created_at.label("appealed_at"), SanctionAppeal.granted,
            SanctionAppeal.answer, Sanction.id.label("place"),
        )
        .outerjoin(SanctionAppeal, SanctionAppeal.sanction_id == Sanction.id)
        .where(Sanction.user_id == user_id)
        .order_by(Sanction.id)
        .limit(limit)
    )  # fmt: skip
    return statement if after is None else statement.where(Sanction.id > after)
