"""The kind of proposal that sets the price index of a market for a time, by two people."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields, validate

from server.core.money import DecimalError, parse_decimal
from server.core.permissions import Permission
from server.core.refusals import Invalid, NotFound
from server.db import Unit
from server.markets import queries
from server.markets.index import INDEX_TICKS_MAX
from server.markets.overrides import begin_override
from server.markets.service import WakeLane
from server.staff.approvals import Body, ProposalKind, Subject

LIFE = timedelta(hours=1)
MINUTES_MAX = 24 * 60
PRICE_CHARS_MAX = 30


class IndexOverrideSchema(Schema):
    """The index that a market shall have for a time."""

    price = fields.String(
        required=True,
        validate=validate.Length(1, PRICE_CHARS_MAX),
        metadata={"description": "In the market's currency for one USDT.", "example": "26000"},
    )
    minutes = fields.Integer(required=True, strict=True, validate=validate.Range(1, MINUTES_MAX))
    public_reason = fields.String(
        required=True,
        validate=validate.Length(3, 200),
        metadata={"description": "Why, as everybody reads it beside the index."},
    )


def list_index_overrides(wake_lane: WakeLane) -> Mapping[str, ProposalKind]:
    """The kind, by name."""

    async def override(unit: Unit, requester: UUID, market: str, body: Body) -> None:
        await begin_override(
            unit,
            market,
            index_ticks=_read_ticks(await _get_market(unit, market), body["price"]),
            life=timedelta(minutes=body["minutes"]),
            reason=body["public_reason"],
            set_by=requester,
            wake_lane=wake_lane,
        )

    kind = ProposalKind(
        name="override_index",
        sentence="Set the price index of a market for a time.",
        propose=Permission.PROPOSE_INDEX,
        approve=Permission.APPROVE_INDEX,
        approvals_needed=1,
        life=LIFE,
        body=IndexOverrideSchema(),
        read_subject=_read_index,
        check=_let_through,
        carry_out=override,
    )
    return {kind.name: kind}


async def _read_index(unit: Unit, market: str, body: Body) -> Subject:
    """The market with the override that runs in it. Refuses `NotFound`, `Invalid`."""
    row = await _get_market(unit, market)
    _read_ticks(row, body["price"])
    running = (await unit.execute(queries.find_override(market))).first()
    version = "sources" if running is None else str(running.id)
    return Subject("market", market, version, frozenset())


async def _get_market(unit: Unit, market: str) -> Any:
    row = (await unit.execute(queries.find_market(market))).first()
    if row is None or row.id != market:
        raise NotFound
    return row


def _read_ticks(market: Any, price: str) -> int:
    try:
        ticks = parse_decimal(price, market.price_digits)
    except DecimalError as error:
        raise Invalid(errors={"body": [f"price: {error}"]}) from None
    if not 0 < ticks <= INDEX_TICKS_MAX:
        raise Invalid(errors={"body": ["price: This is no price."]})
    return ticks


async def _let_through(_unit: Unit, _actor: UUID, _body: Body) -> None:
    """The permission that the kind asks for is enough."""
