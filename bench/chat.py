"""The chat under load: messages over HTTP into many rooms, and both parties of each listening.

`python -m bench.chat` prints the figures, with `--record` it keeps them. The service is started as
an operator starts it, on a copy of the market in which trades were made; 155 messages a second are
sent at the instants they are due, spread over 100 rooms, and each is timed until both parties'
sockets have it. Every message must come once and in the order of its number, and the verifier
checks the chains. A generator that falls behind shows as fewer messages a second.
"""

import argparse
import asyncio
import random
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from uuid import UUID

import orjson
from sqlalchemy import func, select

from bench.bars import record
from bench.checks import check_invariants
from bench.http import Orders, issue_tokens, percentile_ms, read_now, wait_until_serving
from bench.load import Generator, Load, Plan, write_request
from bench.market import Member, open_bench_kernel
from bench.servers import start_service
from bench.stage import Stage, open_stages
from models.chat import ChatMessage, MessageKind
from models.trades import Trade
from server.core.clock import ManualClock
from server.core.events import room_of_trade
from server.log import configure_logs

CLIENTS = 64
USERS = 300
"""Enough for two people in each room."""
SEED = 20_260_102
TEXTS = (
    "Hello, I am sending the payment now, please wait a few minutes.",
    "Mình chuyển khoản rồi nhé, bạn kiểm tra giúp mình với ạ.",
    "Payment sent, reference FT23115678901. Please check your bank.",
    "ngân hàng đang bảo trì, bạn đợi mình 10 phút",
    "ok",
    "Received, releasing now. Thank you and see you next time!",
    "I can only pay with Vietcombank, is that fine for you?",
)


@dataclass(frozen=True, slots=True)
class ChatSize:
    """How long the benchmark is."""

    rooms: int = 100
    rate: float = 155.0
    """Messages a second."""
    lasts_s: float = 20.0


QUICK = ChatSize(rooms=10, rate=60.0, lasts_s=1.0)


@dataclass(frozen=True, slots=True)
class Room:
    """An open trade and its two people."""

    trade_id: UUID
    buyer_id: UUID
    seller_id: UUID


async def find_rooms(url: str, count: int) -> list[Room]:
    """Trades in which each person has as few as there may be."""
    kernel = open_bench_kernel(url)
    async with kernel.database.read() as connection:
        asked = select(Trade.id, Trade.buyer_id, Trade.seller_id).order_by(Trade.id)
        rows = (await connection.execute(asked)).all()
    await kernel.close()
    rooms: list[Room] = []
    talking: dict[UUID, int] = {}
    for most in range(1, len(rows) + 1):
        for row in rows:
            people = (row.buyer_id, row.seller_id)
            room = Room(row.id, *people)
            if room in rooms or any(talking.get(one, 0) >= most for one in people):
                continue
            rooms.append(room)
            for one in people:
                talking[one] = talking.get(one, 0) + 1
            if len(rooms) == count:
                return rooms
    msg = f"only {len(rooms)} trades were made"
    raise ValueError(msg)


def write_messages(rooms: list[Room], token_of: dict[UUID, str], count: int) -> list[bytes]:
    """Requests for messages, room by room, the two of each room in turns."""
    chance = random.Random(SEED)
    requests = []
    for number in range(count):
        room = rooms[number % len(rooms)]
        author = (room.buyer_id, room.seller_id)[number // len(rooms) % 2]
        body = {"client_id": f"m{number}", "text": chance.choice(TEXTS)}
        path = f"/api/v1/trades/{room.trade_id}/messages"
        requests.append(write_request(path, orjson.dumps(body), token_of[author], f"m{number}"))
    return requests


async def check_chats(url: str, count: int) -> None:
    """Every message is stored once, and every invariant holds, those of the chains too."""
    kernel = open_bench_kernel(url)
    async with kernel.database.read() as connection:
        asked = select(func.count()).where(ChatMessage.kind == MessageKind.TEXT.value)
        stored = (await connection.execute(asked)).scalar_one()
    assert stored == count, f"{count} messages were acknowledged and {stored} are stored"
    await check_invariants(kernel.database)
    await kernel.close()


def make_trades(members: list[Member], tokens: list[str], port: int, generator: Generator) -> None:
    """Orders of everybody, half of which become trades."""
    orders = Orders(members, tokens)
    generator.run(Plan(port, orders.take(len(members)), 8))


def measure(stage: Stage, size: ChatSize) -> dict[str, float]:
    """The figures on one kind of database."""
    url, generator = stage.copy(), Generator()
    count = int(size.rate * size.lasts_s)
    with tempfile.TemporaryDirectory(prefix="iqx-bench-") as folder:
        with start_service(url, Path(folder) / "service.log") as served:
            wait_until_serving(served.port)
            tokens = issue_tokens(stage.members, ManualClock(asyncio.run(read_now(url))))
            make_trades(stage.members, tokens, served.port, generator)
            token_of = {
                member.id: token for member, token in zip(stage.members, tokens, strict=True)
            }
            rooms = asyncio.run(find_rooms(url, size.rooms))
            ears = [
                (token_of[person], room_of_trade(room.trade_id))
                for room in rooms
                for person in (room.buyer_id, room.seller_id)
            ]
            warming = write_messages(rooms, token_of, 2 * len(rooms))
            generator.run(Plan(served.port, list(islice(warming, len(rooms))), 8))
            requests = write_messages(rooms, token_of, len(rooms) + count)[len(rooms) :]
            cpu_began = served.read_cpu_s()
            load = generator.run(Plan(served.port, requests, CLIENTS, size.rate, ears))
            cpu_us = (served.read_cpu_s() - cpu_began) * 1e6 / count
        check_heard(load, count)
        asyncio.run(check_chats(url, len(rooms) + count))
    generator.close()
    return keys_of(stage.kind, load, count) | {f"chat.{stage.kind}.cpu_us": cpu_us}


def check_heard(load: Load, count: int) -> None:
    """Both parties have every message, in the order of the room."""
    heard = len(load.event_latencies_s["trade"])
    assert heard == 2 * count, f"{2 * count} messages were to be heard and {heard} were"
    assert load.out_of_order == 0, f"{load.out_of_order} events came out of their order"


def keys_of(kind: str, load: Load, count: int) -> dict[str, float]:
    """The figures by key."""
    heard = load.event_latencies_s["trade"]
    figures = {f"chat.{kind}.messages_per_s": count / (load.ended_s - load.began_s)}
    for share in (0.5, 0.99):
        name = f"p{int(share * 100)}_ms"
        figures[f"chat.{kind}.answer.{name}"] = percentile_ms(load.latencies_s, share)
        figures[f"chat.{kind}.socket.{name}"] = percentile_ms(heard, share)
    figures[f"chat.{kind}.generator_idle"] = load.idle_share
    return figures


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="bench.chat")
    parser.add_argument("--rate", type=float, default=ChatSize().rate, help="messages a second")
    parser.add_argument("--record", action="store_true", help="keep the figures in docs/")
    chosen = parser.parse_args()
    configure_logs("warning", "console")
    with open_stages(USERS, USERS) as (mariadb, _):
        figures = measure(mariadb, ChatSize(rate=chosen.rate))
    for key, value in figures.items():
        print(f"{key:48} {value:12,.2f}")
    if chosen.record:
        record(figures)


if __name__ == "__main__":
    main()
