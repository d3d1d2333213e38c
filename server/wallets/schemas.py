"""What the wallet's calls take and give."""

from marshmallow import Schema, fields, validate

from models.ledger import AccountKind
from server.core.money import MICRO
from server.http.fields import Instant, UsdtAmount
from server.http.pages import PageQuery
from server.ledger.queries import ASSETS
from server.ledger.reasons import Reason

DEV_AMOUNT_MAX_MICRO = 1_000_000 * MICRO


class BalancesSchema(Schema):
    """The buckets of one asset, decimal strings; the same as in `balance_updated`."""

    asset = fields.String(required=True)
    available = fields.String(required=True)
    reserved = fields.String(required=True)
    escrow = fields.String(required=True)
    held = fields.String(required=True)
    withdrawal = fields.String(required=True)
    bond = fields.String(required=True)
    locked = fields.String(
        required=True, metadata={"description": "The sum of all buckets but available."}
    )
    version = fields.Integer(
        required=True, metadata={"description": "Grows with every posting; the greater is newer."}
    )


class LotSchema(Schema):
    """Bought USDT that is not withdrawable yet."""

    trade_id = fields.UUID(required=True)
    asset = fields.String(required=True)
    amount = fields.String(required=True)
    release_at = fields.String(required=True)
    frozen = fields.Boolean(
        required=True, metadata={"description": "A claim of the seller keeps it for now."}
    )


class WalletSchema(Schema):
    """A user's wallet."""

    items = fields.List(fields.Nested(BalancesSchema), required=True)
    lots = fields.List(
        fields.Nested(LotSchema),
        required=True,
        metadata={"description": "Soonest release first, at most 100."},
    )


class TransactionsQuery(PageQuery):
    """Which entries of the history to show."""

    asset = fields.String(load_default=None, validate=validate.OneOf(ASSETS))
    kind = fields.String(
        load_default=None, validate=validate.OneOf([kind.value for kind in AccountKind])
    )
    reason = fields.String(
        load_default=None, validate=validate.OneOf([reason.value for reason in Reason])
    )
    since = Instant(load_default=None, metadata={"description": "From this time on."})
    until = Instant(load_default=None, metadata={"description": "Before this time."})
    format = fields.String(load_default=None, validate=validate.OneOf(["json", "csv"]))


class TransactionSchema(Schema):
    """One entry of the history: a side of a transfer on one of the user's accounts."""

    transfer_id = fields.UUID(required=True)
    asset = fields.String(required=True)
    kind = fields.String(required=True, metadata={"description": "The account."})
    amount = fields.String(required=True, metadata={"description": "A credit is positive."})
    balance_after = fields.String(
        required=True, metadata={"description": "The account's balance after this entry."}
    )
    reason = fields.String(required=True)
    subject_id = fields.UUID(
        required=True, allow_none=True, metadata={"description": "The order or trade."}
    )
    created_at = fields.String(required=True)


class DevAmountSchema(Schema):
    """How much the development faucet or credit gives."""

    amount = UsdtAmount(required=True, amount_max_micro=DEV_AMOUNT_MAX_MICRO)
