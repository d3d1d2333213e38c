"""How long a page takes with ten thousand and with a million completed trades behind it.

`python -m bench.pages` prints the figures. Two schemas of one MariaDB are filled with completed
trades, their holds, transfers and postings, one second apart, and a closed case with its precedent
for each tenth; the service answers for both in this process, without its duties, and is asked in
turns: the first page and one from the middle.
"""

import argparse
import asyncio
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from bench.bars import record
from bench.http import issue_tokens
from bench.market import ASSET, INDEX, MARKET, RAILS, Member, open_bench_kernel
from bench.stage import MariaDbStage, open_stages
from server.core.clock import ManualClock, to_micros
from server.http.pages import write_cursor
from server.ledger.history import Place, write_place
from server.log import configure_logs
from server.wiring.app import build_app
from server.wiring.duties import run_schedule
from server.wiring.market import run_lanes, run_price_feed
from tests.staff_world import make_staff

USERS = 200
READER, RULER = 0, 1
"""The member who reads, whose a tenth of all trades and all cases are, and one of the staff."""
ROLE = "dispute_ruler"
SMALL, LARGE = 10_000, 1_000_000
ROUNDS = 60
ROWS_A_STATEMENT = 100_000
AMOUNT_MICRO = 20_000_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A schema with completed trades, a second apart; trade `n` began `n` seconds after `begin`."""

    url: str
    trades: int
    begin: datetime
    members: list[Member]

    def began_at(self, number: int) -> datetime:
        """When a trade began; it was completed half a second later."""
        return self.begin + timedelta(seconds=number)

    @property
    def middle(self) -> int:
        """A trade with as many before as after it."""
        return self.trades // 2


def identifier_of(began: datetime, kind: int, number: int) -> UUID:
    """The identifier that the fill gives, for cursors."""
    ms = to_micros(began) // 1000
    return UUID(int=ms << 80 | 0x7 << 76 | 0x8 << 60 | kind << 48 | number)


FILL = (
    # The reader buys each tenth trade; the others are spread over everybody else.
    """
    CREATE TEMPORARY TABLE dealt AS
    SELECT s.seq AS n, buyer.user_id AS buyer_id, seller.user_id AS seller_id,
      seller.account_id AS account_id, {begin} + s.seq * 1000000 AS began
    FROM seq_{first}_to_{last} s
    JOIN party seller ON seller.place = 1 + (s.seq * 7 + 3) % ({users} - 1)
    JOIN party buyer ON buyer.place =
      IF(s.seq % 10 = 0, 0, 1 + (s.seq * 7 + 4 + s.seq % 5) % ({users} - 1))
    """,
    """
    INSERT INTO trades (id, market, asset, maker_order_id, taker_order_id, buyer_id, seller_id,
      maker_side, price_ticks, amount, fiat_minor, buyer_fee_ppm, seller_fee_ppm, method_id,
      payment_account_id, window_s, terms, status, version, window_ends_at, late,
      extended_by_seller, extended_by_buyer, paid_undone, new_buyer, name_mismatch, created_at,
      paid_at, completed_at, ended_at)
    SELECT {trade}, '{market}', '{asset}', {trade}, {trade}, buyer_id, seller_id, 'sell',
      {index} + n % 100, {amount}, 526000, 500, 1500, '{rail}', account_id, 900, '', 'completed', 4,
      began + 900000000, 0, 0, 0, 0, 0, 0, began, began + 200000, began + 500000, began + 500000
    FROM dealt ORDER BY n
    """,
    """
    INSERT INTO user_trades (user_id, trade_id, counterparty_id, role, open, counted)
    SELECT buyer_id, {trade}, seller_id, 'buyer', 0, 0 FROM dealt
    """,
    """
    INSERT INTO user_trades (user_id, trade_id, counterparty_id, role, open, counted)
    SELECT seller_id, {trade}, buyer_id, 'seller', 0, 0 FROM dealt
    """,
    """
    INSERT INTO transfers (id, asset, amount, debit_user_id, debit_kind, credit_user_id,
      credit_kind, reason, subject_id, created_at)
    SELECT {transfer}, '{asset}', {amount}, seller_id, 'escrow', buyer_id, 'available',
      'trade_released', {trade}, began + 500000 FROM dealt
    """,
    """
    INSERT INTO holds (trade_id, seller_id, asset, amount, resolution, paid_out, fees, given_back,
      resolved_at)
    SELECT {trade}, seller_id, '{asset}', {amount}, 'released', {amount}, 0, 0, began + 500000
    FROM dealt
    """,
    """
    INSERT INTO postings (user_id, asset, kind, account_seq, transfer_id, amount, balance_after)
    SELECT buyer_id, '{asset}', 'available', 1000000 + n, {transfer}, {amount}, {amount} FROM dealt
    """,
    # The reader's trades were all disputed.
    "DELETE FROM dealt WHERE n % 10 > 0",
    """
    INSERT INTO disputes (id, trade_id, opened_by, opened_by_id, reason, statement, status, outcome,
      version, buyer_evidence_until, seller_evidence_until, buyer_done, seller_done, overdue_count,
      award, lost, opened_at, closed_at)
    SELECT {case}, {trade}, 'buyer', buyer_id, 'not_released', 'I paid.', 'closed',
      'ruled_for_buyer', 4, began + 400000, began + 400000, 1, 1, 0, 'release', 0, began + 300000,
      began + 500000 FROM dealt
    """,
    """
    INSERT INTO dispute_parties (user_id, dispute_id, role, open)
    SELECT buyer_id, {case}, 'buyer', 0 FROM dealt
    UNION ALL SELECT seller_id, {case}, 'seller', 0 FROM dealt
    """,
    """
    INSERT INTO desk_cases (case_id, kind, trade_id, open, round, priority, signals, amount, reason,
      method_id, due_at, opened_at, closed_at, version)
    SELECT {case}, 'dispute', {trade}, 0, 1, 3, '[]', {amount}, 'not_released', '{rail}',
      began + 400000, began + 300000, began + 500000, 3 FROM dealt
    """,
    """
    INSERT INTO precedents (id, reason, method_id, outcome, amount_band, reason_code, text_en,
      text_vi)
    SELECT {precedent}, 'not_released', '{rail}', 'release', 'to_100', 'payment_proven',
      'The receipt shows it.', 'Biên lai cho thấy.' FROM dealt
    """,
    """
    INSERT INTO precedent_terms (term, precedent_id)
    SELECT term, {precedent} FROM dealt
    JOIN (SELECT 'word:receipt' AS term UNION SELECT 'outcome:release') AS terms
    """,
    "DROP TEMPORARY TABLE dealt",
)


def write_identifier(kind: int) -> str:
    """SQL for the identifiers of a kind, as `identifier_of` makes them."""
    return (
        "UNHEX(CONCAT(LPAD(HEX(began DIV 1000), 12, '0'), '7',"
        f" '000', '8', LPAD('{kind:x}', 3, '0'), LPAD(HEX(n), 12, '0')))"
    )


async def fill(url: str, members: list[Member], trades: int) -> Filled:
    """Add completed trades to a fresh schema."""
    kernel = open_bench_kernel(url)
    begin = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=trades + 60)
    words = {
        "begin": to_micros(begin), "users": len(members), "market": MARKET, "asset": ASSET,
        "index": INDEX, "amount": AMOUNT_MICRO, "rail": RAILS[0],
        "trade": write_identifier(1), "transfer": write_identifier(2),
        "case": write_identifier(3), "precedent": write_identifier(4),
    }  # fmt: skip
    async with kernel.database.engine.connect() as connection:
        await connection.execute(text("SET SESSION foreign_key_checks = 0, unique_checks = 0"))
        await connection.execute(
            text(
                "CREATE TEMPORARY TABLE party (place INT PRIMARY KEY, user_id BINARY(16),"
                " account_id BINARY(16))"
            )
        )
        await connection.execute(
            text("INSERT INTO party VALUES (:place, :user_id, :account_id)"),
            [
                {
                    "place": place,
                    "user_id": one.id.bytes,
                    "account_id": one.accounts[RAILS[0]].bytes,
                }
                for place, one in enumerate(members)
            ],
        )
        for first in range(1, trades + 1, ROWS_A_STATEMENT):
            last = min(trades, first + ROWS_A_STATEMENT - 1)
            for statement in FILL:
                written = statement.format(first=first, last=last, **words)
                await connection.execute(text(written))
            await connection.commit()
        await connection.execute(
            text(
                "ANALYZE TABLE trades, user_trades, postings, holds, disputes, dispute_parties,"
                " desk_cases, precedents, precedent_terms"
            )
        )
    await kernel.close()
    return Filled(url, trades, begin, members)


def list_pages(filled: Filled) -> dict[str, str]:
    """What is asked for, by name."""
    middle = filled.middle // 10 * 10
    began = filled.began_at(middle)
    trade = identifier_of(began, 1, middle)
    tape = to_micros(began + timedelta(milliseconds=500)).to_bytes(8, "big") + trade.bytes
    posting = Place(identifier_of(began, 2, middle), "available")
    case, precedent = (identifier_of(began, kind, middle).bytes for kind in (3, 4))
    due = to_micros(began + timedelta(milliseconds=400)).to_bytes(8, "big") + case
    desk = "/api/admin/disputes?open=false&limit=50"
    search = "/api/admin/dispute-precedents?words=receipt&outcome=release&limit=50"
    return {
        "tape": f"/api/v1/markets/{MARKET}/trades?limit=50",
        "tape_middle": f"/api/v1/markets/{MARKET}/trades?limit=50&cursor={write_cursor(tape)}",
        "trades": "/api/v1/trades?limit=50",
        "trades_middle": f"/api/v1/trades?limit=50&cursor={write_cursor(trade.bytes)}",
        "history": "/api/v1/transactions?limit=50",
        "history_middle": f"/api/v1/transactions?limit=50&cursor={write_place(posting)}",
        "profile": f"/api/v1/users/{filled.members[READER].name}",
        "cases": "/api/v1/disputes?limit=50",
        "cases_middle": f"/api/v1/disputes?limit=50&cursor={write_cursor(case)}",
        "desk": desk,
        "desk_middle": f"{desk}&cursor={write_cursor(due)}",
        "precedents": search,
        "precedents_middle": f"{search}&cursor={write_cursor(precedent)}",
    }


class Asked:
    """The service for one schema, in this process, without its duties."""

    def __init__(self, filled: Filled) -> None:
        self.filled = filled
        self.pages = list_pages(filled)
        app = build_app(open_bench_kernel(filled.url))
        for part in (run_lanes, run_schedule, run_price_feed):
            app.cleanup_ctx.remove(part)
        self.client = TestClient(TestServer(app))
        self.tokens: list[str] = []

    async def start(self) -> None:
        """Serve, and let the reader and the ruler in."""
        await self.client.start_server()
        people = [self.filled.members[place] for place in (READER, RULER)]
        await make_staff(self.client.app, people[RULER].id, ROLE)
        self.tokens = issue_tokens(people, ManualClock(datetime.now(UTC)))

    async def time(self, page: str) -> float:
        """Milliseconds for a page, from the call to the last byte."""
        path = self.pages[page]
        token = self.tokens[RULER if path.startswith("/api/admin") else READER]
        headers = {"Authorization": f"Bearer {token}"}
        begun = time.perf_counter()
        async with self.client.get(path, headers=headers) as reply:
            body: dict[str, Any] = await reply.json()
        took = time.perf_counter() - begun
        assert reply.status == 200, (page, body)
        assert "items" not in body or len(body["items"]) == 50, (page, len(body["items"]))
        return took * 1e3


async def measure_pages(
    stage: MariaDbStage, *, small: int = SMALL, large: int = LARGE, rounds: int = ROUNDS
) -> dict[str, float]:
    """Medians in milliseconds by page and size, asked in turns."""
    urls = stage.copy(), stage.copy_beside()
    sides = [
        Asked(await fill(url, stage.members, trades))
        for url, trades in zip(urls, (small, large), strict=True)
    ]
    for side in sides:
        await side.start()
    took: dict[str, list[float]] = {}
    for _ in range(rounds):
        for page in sides[0].pages:
            for name, side in zip(("small", "large"), sides, strict=True):
                took.setdefault(f"pages.{page}.{name}_ms", []).append(await side.time(page))
    for side in sides:
        await side.client.close()
    return {key: statistics.median(values) for key, values in took.items()}


def measure(stage: MariaDbStage, *, quick: bool = False) -> dict[str, float]:
    """All pages; in small, with few trades, for the quick form."""
    if quick:
        return asyncio.run(measure_pages(stage, small=2_000, large=4_000, rounds=2))
    return asyncio.run(measure_pages(stage))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="bench.pages")
    parser.add_argument("--quick", action="store_true", help="few trades, which says nothing")
    parser.add_argument("--record", action="store_true", help="keep the figures in docs/")
    chosen = parser.parse_args()
    configure_logs("warning", "console")
    with open_stages(USERS, 10) as (mariadb, _):
        figures = measure(mariadb, quick=chosen.quick)
    for page in sorted({key.split(".")[1] for key in figures}):
        small, large = (figures[f"pages.{page}.{size}_ms"] for size in ("small", "large"))
        print(f"{page:16} {small:8.2f} ms {large:8.2f} ms {large / small:6.2f} times")
    if chosen.record and not chosen.quick:
        record(figures)


if __name__ == "__main__":
    main()
