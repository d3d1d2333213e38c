"""The SQL of what a person's copy says of rulings about his trades."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select

from models.rulings import Objection, Ruling
from models.trades import UserTrade

Selected = Select[*tuple[Any, ...]]


def rulings(user_id: UUID, after: Any, limit: int) -> Selected:
    """How cases about the person's trades were ruled; not by whom."""
    columns = (
        Ruling.id, Ruling.trade_id, Ruling.round, Ruling.outcome,
        Ruling.buyer_amount.label("buyer_amount_usdt"),
        Ruling.seller_amount.label("seller_amount_usdt"),
        Ruling.reason_code, Ruling.text_en, Ruling.text_vi, Ruling.status, Ruling.ruled_at,
    )  # fmt: skip
    statement = (
        select(*columns, Ruling.id.label("place"))
        .join(UserTrade, UserTrade.trade_id == Ruling.trade_id)
        .where(UserTrade.user_id == user_id)
        .order_by(Ruling.id)
        .limit(limit)
    )
    return statement if after is None else statement.where(Ruling.id > after)


def objections(user_id: UUID, after: Any, limit: int) -> Selected:
    """What the person said against rulings."""
    columns = (Objection.case_id, Objection.statement, Objection.evidence, Objection.created_at)
    statement = (
        select(*columns, Objection.case_id.label("place"))
        .where(Objection.user_id == user_id)
        .order_by(Objection.case_id)
        .limit(limit)
    )
    return statement if after is None else statement.where(Objection.case_id > after)
