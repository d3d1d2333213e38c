"""What the calls about proofs give."""

from marshmallow import Schema, fields, validate

from server.proofs.paper import LANGUAGES
from server.proofs.signing import ALGORITHM


def _instant(*, allow_none: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=allow_none, metadata={"format": "date-time"})


class ReceiptTermsSchema(Schema):
    """What the two agreed on when they were matched."""

    trade_id = fields.UUID(required=True)
    market = fields.String(required=True)
    asset = fields.String(required=True)
    buyer = fields.String(required=True)
    seller = fields.String(required=True)
    amount = fields.String(required=True)
    price = fields.String(required=True)
    fiat = fields.String(required=True)
    currency = fields.String(required=True)
    payment_method = fields.String(required=True)
    payment_method_name = fields.String(required=True)
    payment_window_s = fields.Integer(required=True)
    buyer_fee = fields.String(required=True)
    seller_fee = fields.String(required=True)
    terms = fields.String(required=True)
    opened_at = _instant()


class EscrowSchema(Schema):
    """What is or was locked for a trade."""

    state = fields.String(
        required=True, validate=validate.OneOf(("locked", "released", "refunded", "split"))
    )
    asset = fields.String(required=True)
    locked = fields.String(
        required=True, metadata={"description": "The amount and the seller's fee."}
    )
    locked_since = _instant()
    resolved_at = _instant(allow_none=True)
    paid_to_buyer = fields.String(required=True)
    fees = fields.String(required=True)
    given_back = fields.String(required=True)


class ReceiptBodySchema(Schema):
    """What is signed."""

    kind = fields.String(required=True, validate=validate.Equal("escrow_receipt"))
    format = fields.Integer(required=True, validate=validate.Equal(1))
    issued_at = _instant()
    key_id = fields.String(required=True)
    trade = fields.Nested(ReceiptTermsSchema, required=True)
    status = fields.String(required=True)
    status_version = fields.Integer(required=True)
    escrow = fields.Nested(EscrowSchema, required=True)


class ReceiptSchema(Schema):
    """A receipt with its signature; docs/integrators says how to check it without us."""

    receipt = fields.Nested(ReceiptBodySchema, required=True)
    key_id = fields.String(required=True)
    signature = fields.String(required=True, metadata={"description": "Ed25519, in base64."})


class ProofKeySchema(Schema):
    """A key that checks what we signed."""

    kid = fields.String(required=True)
    algorithm = fields.String(required=True, validate=validate.Equal(ALGORITHM))
    public_key = fields.String(required=True, metadata={"description": "32 bytes in base64."})


class ProofKeysSchema(Schema):
    """All keys, newest first."""

    keys = fields.List(fields.Nested(ProofKeySchema), required=True)


class PassportQuery(Schema):
    """In which form, and for people of which language."""

    format = fields.String(load_default="zip", validate=validate.OneOf(("zip", "json")))
    language = fields.String(
        load_default=None,
        validate=validate.OneOf(LANGUAGES),
        metadata={"description": "Of the PDF; by default the caller's own."},
    )


class PassportSchema(Schema):
    """A passport as JSON; docs/integrators says what is in it and how to check it without us."""

    passport = fields.Dict(keys=fields.String(), required=True)
    key_id = fields.String(required=True)
    signature = fields.String(required=True, metadata={"description": "Ed25519, in base64."})
