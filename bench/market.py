"""The market that every side of the benchmark trades on: people, funds, rails, and what they ask.

Everything is drawn from one seed, so that all sides get the same orders. 1,000 users have funds, a
record and an account on each of five rails. Half of the orders rest; the other half cross, each
for one trade of 20 USDT. Resting orders ask for a record that part of the takers do not have:
about 30 % of the candidates that takers meet do not fit. The real share is measured and printed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from models.identity import PaymentAccount, PaymentAccountState, Profile, Standing, User
from models.ledger import AccountKind
from models.markets import Market, MarketIndex, MarketSettings
from server.core.money import MICRO
from server.db import Unit
from server.http.endpoint import Key
from server.identity.rails import upsert_payment_methods
from server.identity.rules import key_of_username
from server.ledger.reasons import Reason
from server.ledger.service import lock_sheet, open_accounts, write_sheet
from server.ledger.sheet import AccountKey
from server.matching.book import Book
from server.matching.orders import Key as BookKey
from server.orders.lane.commands import Place
from server.orders.lane.lane import Lane
from server.orders.parsing import Rails, build_place
from server.orders.requests import PlaceSchema
from server.settings import load_settings
from server.wiring import Kernel, open_kernel, sample_time

MARKET = "USDT-VND"
ASSET = "USDT"
INDEX = 26_000
RAILS = ("vn-one", "vn-two", "vn-three", "vn-four", "vn-five")
SEED = 20_260_101
USERS = 1_000
FUNDS_MICRO = 1_000_000 * MICRO
LOTS = (20, 40, 60)
"""Amounts of resting orders, USDT."""
TRADE = 20
"""Amount of a crossing order: any resting one can fill it whole."""
RECORDS = (10, 25, 40, 55, 70, 85)
"""Completed trades that picky resting orders ask for."""
PICKY = 0.2
"""Share of the resting orders that ask for a record; see `unfit_share`."""
UNITS_OF_USERS = 50
RESTING_KEYS = 10_000_000
"""Numbers of keys below this belong to the orders that fill the book."""

RAISED_LIMITS = {
    "IQX_OPEN_UNPAID_MAX": "1000000",
    "IQX_OPEN_UNPAID_MAX_NEW": "1000000",
    "IQX_FIRST_TRADE_CAP_USDT": "0",
    "IQX_LEVEL_LIMITS_USDT": "0,1000000000,1000000000,1000000000",
    "IQX_READS_PER_S": "0",
    "IQX_WRITES_PER_S": "0",
    "IQX_PUBLIC_PER_S": "0",
}
"""The business limits that the benchmark raises, all of them."""


@dataclass(frozen=True, slots=True)
class Member:
    """A user of the market."""

    id: UUID
    name: str
    trades: int
    accounts: dict[str, UUID]


@dataclass(frozen=True, slots=True)
class Wish:
    """One order to be placed: who, and the body of his call."""

    user: int
    body: dict[str, Any]
    crosses: bool


def open_bench_kernel(url: str, **settings: str) -> Kernel:
    """The service's own kernel with default settings, but for the raised limits."""
    written = {
        "IQX_DATABASE_URL": url,
        "IQX_PRICE_FEED_S": "0",
        **RAISED_LIMITS,
        **settings,
    }
    return open_kernel(load_settings(written))


async def prepare_market(kernel: Kernel, users: int = USERS) -> list[Member]:
    """Make the market and its users in a migrated database."""
    await sample_time(kernel)
    chance = random.Random(SEED)
    now = kernel.clock.now()

    async def add_market(unit: Unit) -> None:
        await upsert_payment_methods(unit, [_rail(name) for name in RAILS])
        await unit.execute(
            insert(Market).values(
                id=MARKET, asset=ASSET, currency="VND", minor_digits=0, price_digits=0,
                created_at=now,
            )
        )  # fmt: skip
        await unit.execute(
            insert(MarketSettings).values(
                market=MARKET, status="open", maker_fee_ppm=500, taker_fee_ppm=1500,
                amount_min_micro=10 * MICRO, amount_max_micro=50_000 * MICRO, band_bp=2000,
                version=1,
            )
        )  # fmt: skip
        await unit.execute(
            insert(MarketIndex).values(
                market=MARKET, index_ticks=INDEX, read_at=now, floating_on=True
            )
        )

    await kernel.database.transact(add_market, name="bench")
    members = [
        Member(
            id=kernel.database.ids.new_id(),
            name=f"user{number:05d}",
            trades=chance.randrange(5, 100),
            accounts={rail: kernel.database.ids.new_id() for rail in RAILS},
        )
        for number in range(users)
    ]
    for start in range(0, users, UNITS_OF_USERS):
        chunk = members[start : start + UNITS_OF_USERS]
        await kernel.database.transact(partial(_add, members=chunk), name="bench")
    return members


def _rail(name: str) -> dict[str, Any]:
    return {
        "id": name, "name": name, "currency": "VND", "region": "VN", "reversibility": "final",
        "speed": "instant",
        "fields": [{"name": "number", "label": "Number", "kind": "digits", "length_max": 20}],
    }  # fmt: skip


CURRENT_TERMS = 1
"""The default of the setting."""


async def _add(unit: Unit, members: list[Member]) -> None:
    now = unit.now
    born = now - timedelta(days=400)
    await unit.execute(insert(User), [{"id": one.id, "created_at": born} for one in members])
    await unit.execute(
        insert(Profile),
        [
            {
                "user_id": one.id, "username": one.name, "username_key": key_of_username(one.name),
                "email": f"{one.name}@example.com", "email_key": f"{one.name}@example.com",
                "language": "en", "role": "user", "password_hash": "-", "updated_at": now,
            }
            for one in members
        ],
    )  # fmt: skip
    await unit.execute(
        insert(Standing),
        [
            {
                "user_id": one.id, "version": 1, "kyc_level": 3, "trades_completed": one.trades,
                "trades_ended": one.trades, "present": True, "seen_at": now,
                "terms_version": CURRENT_TERMS,
            }
            for one in members
        ],
    )  # fmt: skip
    accounts = [(one, rail, id_) for one in members for rail, id_ in one.accounts.items()]
    await unit.execute(
        insert(PaymentAccount),
        [
            {
                "id": id_, "user_id": one.id, "method_id": rail, "sealed": b"-",
                "fingerprint": id_.bytes * 2, "created_at": now,
            }
            for one, rail, id_ in accounts
        ],
    )  # fmt: skip
    await unit.execute(insert(PaymentAccountState), [{"account_id": id_} for _, _, id_ in accounts])
    for one in members:
        await open_accounts(unit, one.id)
    keys = [AccountKey(one.id, ASSET, AccountKind.AVAILABLE) for one in members]
    sheet = await lock_sheet(unit, keys)
    for key in keys:
        sheet.move(
            asset=ASSET, amount=FUNDS_MICRO, debit="custody:dev", credit=key,
            reason=Reason.DEV_CREDIT, subject_id=None,
        )  # fmt: skip
    await write_sheet(unit, sheet)


def draw_wishes(members: list[Member], *, resting_only: bool = False) -> Iterator[Wish]:
    """An endless, always equal sequence of orders; `resting_only` is another one to fill a book."""
    chance = random.Random(SEED + (1 if resting_only else 2))
    while True:
        user = chance.randrange(len(members))
        crosses = not resting_only and chance.random() < 0.5
        side = chance.choice(("sell", "buy"))
        # Resting sides stay apart by a spread; a crossing price reaches through all of the other.
        away = chance.randrange(1, 400) if not crosses else -2_000
        price = INDEX + away if side == "sell" else INDEX - away
        rails = chance.sample(RAILS, 2)
        body: dict[str, Any] = {
            "market": MARKET,
            "side": side,
            "pricing": {"type": "fixed", "price": str(price)},
            "amount": str(TRADE if crosses else chance.choice(LOTS)),
            "always_on": True,
        }
        if side == "sell":
            body["payment_account_ids"] = [str(members[user].accounts[rail]) for rail in rails]
        else:
            body["payment_method_ids"] = rails
        if not crosses and chance.random() < PICKY:
            body["requirements"] = {"completed_trades": chance.choice(RECORDS)}
        yield Wish(user, body, crosses)


SCHEMA = PlaceSchema()


def build_command(wish: Wish, members: list[Member], lane: Lane, number: int) -> Place:
    """The command that the service would make of a wish; `number` makes its key."""
    assert lane.loaded is not None
    member = members[wish.user]
    body = SCHEMA.load(wish.body)
    if wish.body["side"] == "sell":
        by_id = {id_: rail for rail, id_ in member.accounts.items()}
        accounts: dict[BookKey, BookKey] = {by_id[id_]: id_ for id_ in body["payment_account_ids"]}
        rails = Rails(tuple(map(str, accounts)), accounts)
    else:
        rails = Rails(tuple(body["payment_method_ids"]), {})
    command = build_place(
        body,
        market=lane.loaded,
        order_id=lane.database.ids.new_id(),
        user_id=member.id,
        rails=rails,
        now=lane.clock.now(),
    )
    command.key = Key(f"order-{number}", number.to_bytes(32, "big"))
    command.deadline = float("inf")
    return command


def draw_commands(
    members: list[Member], lane: Lane, count: int, *, resting_only: bool = False
) -> list[Place]:
    """The first `count` orders as commands that were never used."""
    wishes = islice(draw_wishes(members, resting_only=resting_only), count)
    first = 0 if resting_only else RESTING_KEYS
    return [
        build_command(wish, members, lane, first + number) for number, wish in enumerate(wishes)
    ]


def unfit_share(commands: list[Place], resting: list[Place], lane: Lane) -> float:
    """The share of unfit ones among the candidates that the orders meet, on a book of their own."""
    assert lane.desk is not None
    assert lane.loaded is not None
    known = lane.desk.book.state.members
    book = Book(lane.loaded.terms)
    book.load({user: replace(member.standing) for user, member in known.items()}, [])
    for command in resting:
        book.place(command.order)
    examined = skipped = 0
    for command in commands:
        outcome = book.place(command.order)
        examined += outcome.examined
        skipped += len(outcome.skipped)
        book.forget()
    return skipped / max(1, examined)
