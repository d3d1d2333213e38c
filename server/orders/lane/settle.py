"""Moves the money of a batch on a sheet, step by step, once the accounts are locked."""

from collections.abc import Callable
from uuid import UUID

from server.core.refusals import InsufficientFunds, Refusal
from server.ledger.reasons import Reason
from server.ledger.rules import compute_bond, compute_hold
from server.ledger.sheet import AccountKey, Sheet
from server.matching.orders import CANCELLED, EXPIRED, FILLED, SELL, BookOrder
from server.matching.outcome import Fill
from server.orders.lane.commands import Command, Edit, Place, Take
from server.orders.lane.records import OrderRecord
from server.orders.lane.run import Run, Step

ENDED = frozenset({FILLED, CANCELLED, EXPIRED})
OPENED = Reason.TRADE_OPENED.value


class Settlement:
    """What a batch moves. `records` are the orders' own records, `fresh` those of new orders."""

    def __init__(
        self,
        asset: str,
        sheet: Sheet,
        records: dict[UUID, OrderRecord],
        new_id: Callable[[], UUID],
    ) -> None:
        self.asset = asset
        self.sheet = sheet
        self.records = records
        self.new_id = new_id
        self.trade_ids: list[UUID] = []
        """The identifiers of the trades that the fills become, in the order of the fills."""
        self.reserved: dict[UUID, int] = {}
        """Reservations as they are after the batch, of the sell orders it touched."""

    def record_of(self, order_id: UUID) -> OrderRecord:
        """The record of an order in the book."""
        return self.records[order_id]

    def settle(self, run: Run) -> dict[Command, Refusal]:
        """Move everything of the run. When funds are missing, nothing may be written: the
        commands that lack them are returned, and the batch is run again without them."""
        last_touch = {
            order.id: number for number, step in enumerate(run.steps) for order in step.touched
        }
        for number, step in enumerate(run.steps):
            mark = self.sheet.mark()
            try:
                self._settle_step(step)
                # The book shows orders as they are after the whole batch, so what is left of an
                # ended one goes back with the last step that touched it, not with an earlier one.
                for order in step.touched:
                    if last_touch[order.id] == number:
                        self._settle_end(order)
            except InsufficientFunds as refusal:
                self.sheet.undo(mark)
                return self._find_unfunded(run, step.command, refusal)
        return {}

    def hold_of(self, fill: Fill) -> int:
        """What a fill locks: the amount and the seller's fee."""
        return compute_hold(fill.amount_micro, self.seller_fee_ppm(fill))

    def seller_fee_ppm(self, fill: Fill) -> int:
        """The seller's rate by his part in the fill."""
        return self._fee_ppm(fill, fill.sell_order_id)

    def buyer_fee_ppm(self, fill: Fill) -> int:
        """The buyer's rate by his part in the fill."""
        return self._fee_ppm(fill, fill.buy_order_id)

    def _fee_ppm(self, fill: Fill, order_id: object) -> int:
        assert isinstance(order_id, UUID)
        record = self.record_of(order_id)
        return record.maker_fee_ppm if order_id == fill.maker_id else record.taker_fee_ppm

    def _reserved(self, order_id: UUID) -> int:
        known = self.reserved.get(order_id)
        return self.record_of(order_id).reserved if known is None else known

    def _shift(self, order: BookOrder, amount: int) -> None:
        """Set aside for an order when positive, give back when negative.

        A sell order's USDT goes to `reserved`, the bond of a buy order to `bond`.
        """
        user, order_id = order.user, order.id
        assert isinstance(user, UUID)
        assert isinstance(order_id, UUID)
        available = AccountKey(user, self.asset, "available")
        reserved = AccountKey(user, self.asset, "reserved" if order.side == SELL else "bond")
        self.sheet.move(
            asset=self.asset,
            amount=abs(amount),
            debit=available if amount > 0 else reserved,
            credit=reserved if amount > 0 else available,
            reason=_reason(order, amount),
            subject_id=order_id,
        )
        self.reserved[order_id] = self._reserved(order_id) + amount

    def _settle_step(self, step: Step) -> None:
        command = step.command
        if isinstance(command, Place | Take) and _sets_aside(command.order):
            order = command.order
            assert isinstance(order.id, UUID)
            self.reserved[order.id] = 0
            self._shift(order, self._needed(order, order.amount_micro))
        elif isinstance(command, Edit) and "amount_micro" in command.changes:
            self._settle_edit(step)

        # What comes back is matched again at once, so it is there before the fills.
        if step.returned is not None:
            order_id = step.returned.sell_order_id
            self.reserved[order_id] = self._reserved(order_id) + step.returned.reserved
        for fill in step.outcome.fills:
            self._settle_fill(fill)

    def _settle_edit(self, step: Step) -> None:
        assert isinstance(step.command, Edit)
        order = step.outcome.touched[step.command.order_id]
        if not _sets_aside(order):
            return
        # By the whole amounts, not by what remains: what comes back from a trade brings the fee
        # of that trade with it, and the order may pay a higher one the next time.
        after = self._needed(order, step.command.changes["amount_micro"])
        self._shift(order, after - self._needed(order, step.edited_from))

    def _needed(self, order: BookOrder, amount_micro: int) -> int:
        """What an order sets aside for an amount."""
        assert isinstance(order.id, UUID)
        if order.side == SELL:
            return self.record_of(order.id).reserve_for(amount_micro)
        return compute_bond(amount_micro)

    def _settle_fill(self, fill: Fill) -> None:
        assert isinstance(fill.seller, UUID)
        assert isinstance(fill.sell_order_id, UUID)
        hold = self.hold_of(fill)
        trade_id = self.new_id()
        self.trade_ids.append(trade_id)
        self.sheet.move(
            asset=self.asset,
            amount=hold,
            debit=AccountKey(fill.seller, self.asset, "reserved"),
            credit=AccountKey(fill.seller, self.asset, "escrow"),
            reason=OPENED,
            subject_id=trade_id,
        )
        left = self._reserved(fill.sell_order_id) - hold
        assert left >= 0, "fills exceed the order's reservation"
        self.reserved[fill.sell_order_id] = left

    def _settle_end(self, order: BookOrder) -> None:
        if not _sets_aside(order) or order.status not in ENDED:
            return
        assert isinstance(order.id, UUID)
        left = self._reserved(order.id)
        if left:
            self._shift(order, -left)

    def _find_unfunded(
        self, run: Run, first: Command, refusal: InsufficientFunds
    ) -> dict[Command, Refusal]:
        """The command that met an empty account, and later ones that alone exceed what is there.

        Finding them together bounds how often a batch is run again.
        """
        unfunded: dict[Command, Refusal] = {first: refusal}
        later = False
        for step in run.steps:
            command = step.command
            if command is first:
                later = True
                continue
            if not later or not isinstance(command, Place | Take):
                continue
            if not _sets_aside(command.order) or command.user_id != first.user_id:
                continue
            key = AccountKey(first.user_id, self.asset, "available")  # type: ignore[arg-type]  # the owner is a UUID here
            needed = self._needed(command.order, command.order.amount_micro)
            if needed > self.sheet.balance(key):
                unfunded[command] = refusal
        return unfunded


def _sets_aside(order: BookOrder) -> bool:
    """Whether an order keeps some of its owner's USDT: what it sells, or its bond."""
    return order.side == SELL or order.bonded


def _reason(order: BookOrder, amount: int) -> str:
    if order.side == SELL:
        reason = Reason.ORDER_RESERVED if amount > 0 else Reason.ORDER_CLOSED
    else:
        reason = Reason.BOND_LOCKED if amount > 0 else Reason.BOND_RETURNED
    return reason.value
