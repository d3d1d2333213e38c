"""Why a transfer was made. The words are part of the API: the history is filtered by them."""

import enum


class Reason(enum.StrEnum):
    """The reason of a transfer."""

    ORDER_RESERVED = "order_reserved"
    """A sell order reserves: available to reserved."""
    ORDER_CLOSED = "order_closed"
    """What an ended order, or a return to it, gives back: reserved to available."""
    BOND_LOCKED = "bond_locked"
    """The bond of a resting buy order: available to bond."""
    BOND_RETURNED = "bond_returned"
    """The buy order has ended: bond to available."""
    TRADE_OPENED = "trade_opened"
    """A trade locks amount and the seller's fee: reserved to escrow."""
    TRADE_RELEASED = "trade_released"
    """The buyer gets his USDT: the seller's escrow to the buyer's available or held."""
    TRADE_FEE = "trade_fee"
    """The fees of both sides: the seller's escrow to the platform's fees."""
    TRADE_RETURNED = "trade_returned"
    """What an unpaid, refunded or split trade gives back: escrow to reserved."""
    CLAIM_HELD = "claim_held"
    """Staff hold a seller's USDT for a late claim: available to held."""
    CLAIM_AWARDED = "claim_awarded"
    """A claim was upheld: the other side's held to the claimant's available."""
    LOT_RELEASED = "lot_released"
    """Bought USDT becomes withdrawable: held to available."""
    DEV_FAUCET = "dev_faucet"
    """Test USDT from the development faucet."""
    DEV_CREDIT = "dev_credit"
    """USDT credited with development settings."""
