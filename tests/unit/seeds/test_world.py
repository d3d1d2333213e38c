"""The demo world: made by the services, once, and never in production."""

from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import func, insert, select, text

from models.base import Base
from models.identity import PaymentMethod, Profile, Session, Standing
from models.kyc import KycApplication, KycDocument
from models.markets import Market
from models.orders import Lane, Order
from models.trades import Trade
from seeds.people import describe_account
from seeds.plan import (
    APPLICANTS,
    MARKETS,
    OFFERS,
    PASSWORD,
    PEOPLE,
    TEST_CURRENCIES,
    list_deals,
)
from seeds.stage import LanesServedElsewhere, SeedsRefused
from seeds.world import seed_world
from server.core.money import minor_digits_of
from server.identity.names import find_legal_name
from server.identity.rails import read_details
from server.identity.sign_in import sign_in
from server.identity.sign_in_history import Visitor
from server.markets.catalog import list_rails
from server.markets.rail_schema import RailSchema
from server.monitor.verifier import find_breaches
from server.settings import load_settings
from server.staff.audit_chain import chain_waiting
from server.wiring import open_stage
from tests.databases import lend_schema

SECRETS = {
    "IQX_ENV": "production",
    "IQX_PASSKEY_DOMAIN": "iqx.example",
    "IQX_TOKEN_KEYS": "a:a8J2kq0sVbXz5LwN7rTgHyUe3cPdMf41",
    "IQX_SEAL_KEYS": "a:Qw9eRt7yUi5oPa3sDf1gHj0kLz8xCv6b",
    "IQX_PROOF_KEYS": "a:Zx7cVb3nMq1wEr5tYu9iOp2aSd6fGh4k",
    "IQX_FINGERPRINT_SECRET": "m4N6b8V0c2X1z3A5s7D9f-GhJkLqWeRt",
    "IQX_STEP_UP": "none",
    "IQX_SMTP_HOST": "mail.example",
}


@asynccontextmanager
async def stage_on(database_url, **more):
    settings = {
        "IQX_DATABASE_URL": database_url,
        "IQX_BCRYPT_ROUNDS": "4",
        "IQX_LANE_LEASE_S": "1",
        **more,
    }
    with TemporaryDirectory() as folder:
        # Pictures of documents lie outside of the database.
        settings.setdefault("IQX_KYC_FOLDER", folder)
        async with open_stage(load_settings(settings)) as stage:
            yield stage


async def seed(database_url):
    async with stage_on(database_url) as stage:
        return await seed_world(stage)


async def count_rows(stage):
    tables = [t for t in Base.metadata.sorted_tables if t.name != "commit_markers"]
    return {
        table.name: (await stage.fetch(select(func.count()).select_from(table)))[0][0]
        for table in tables
    }


@pytest.fixture(scope="module")
def kept():
    """The seeded databases of this module by kind: tests that only read share them."""
    with ExitStack() as stack:
        yield {}, stack


@pytest.fixture
async def seeded_url(database_kind, kept, request, tmp_path_factory):
    urls, stack = kept
    if database_kind not in urls:
        if database_kind == "sqlite":
            template = request.getfixturevalue("sqlite_template")
            urls[database_kind] = template.copy_to(tmp_path_factory.mktemp("seeded"))
        else:
            schemas = request.getfixturevalue("mariadb_schemas")
            urls[database_kind] = stack.enter_context(lend_schema(schemas))
        assert await seed(urls[database_kind]) > 0
    return urls[database_kind]


async def test_seeds_make_markets_people_history_and_open_orders(seeded_url):
    async with stage_on(seeded_url) as stage:
        markets = await stage.fetch(select(Market.id, Market.minor_digits).order_by(Market.id))
        rails = await stage.fetch(
            select(PaymentMethod.currency, func.count()).group_by(PaymentMethod.currency)
        )
        alice = await stage.fetch(
            select(Standing.kyc_level, Standing.trades_completed)
            .join(Profile, Profile.user_id == Standing.user_id)
            .where(Profile.username == "alice")
        )
        trades = await stage.fetch(select(Trade.status, func.count()).group_by(Trade.status))
        resting = await stage.fetch(
            select(Order.market, Order.side, func.count())
            .where(Order.status == "open")
            .group_by(Order.market, Order.side)
        )
        roles = await stage.fetch(
            select(Profile.username, Profile.role).where(Profile.role != "user")
        )
        stage.move_to(stage.now)
        await chain_waiting(stage.database)
        breaches = await find_breaches(stage.database, since=None, trail=timedelta(0))

    digits = {market.currency: minor_digits_of(market.currency) for market in MARKETS}
    assert len(digits) == 11
    assert dict(markets) == {market.id: digits[market.currency] for market in MARKETS}
    assert all(count >= 6 for _, count in rails)
    assert len(rails) == 11
    assert alice == [(2, 6)]
    assert trades == [("completed", len(list_deals()))]
    assert {(market, side) for market, side, _ in resting} == {
        (f"{asset}-{currency}", side)
        for asset in ("USDT", "USDT_TEST")
        for currency in TEST_CURRENCIES
        for side in ("buy", "sell")
    }
    assert sum(count for *_, count in resting) == len(OFFERS)
    assert dict(roles) == {"admin": "admin", "support": "support"}
    assert breaches == []


async def test_seeds_leave_an_application_that_waits_one_approved_and_one_refused(seeded_url):
    async with stage_on(seeded_url) as stage:
        rows = await stage.fetch(
            select(Profile.username, KycApplication.status, KycApplication.reason)
            .join(Profile, Profile.user_id == KycApplication.user_id)
            .order_by(Profile.username)
        )
        pictures = await stage.fetch(select(func.count()).select_from(KycDocument))
        (amara,) = await stage.fetch(select(Profile.user_id).where(Profile.username == "amara_eze"))
        async with stage.database.read() as connection:
            name = await find_legal_name(connection, stage.identity.sealer, amara.user_id)
    assert [tuple(row) for row in rows] == [
        ("amara_eze", "approved", None),
        ("james_carter", "rejected", "The edges of the document are cut off."),
        ("linh_nguyen", "pending", None),
    ]
    assert pictures[0][0] == 6
    assert name == "Amara Eze"


async def test_seeds_run_twice_double_nothing(seeded_url):
    async with stage_on(seeded_url) as stage:
        before = await count_rows(stage)

        assert await seed_world(stage) == 0
        assert await count_rows(stage) == before


async def test_interrupted_seeds_go_on_where_they_stopped(database_url):
    async with stage_on(database_url) as stage:
        stage.say = lambda line: 1 / 0 if "completed trades" in line else None
        with pytest.raises(ZeroDivisionError):
            await seed_world(stage)

    assert await seed(database_url) == len(APPLICANTS)
    assert await seed(database_url) == 0


async def test_everyone_signs_in_with_the_documented_password_and_no_session_is_left(seeded_url):
    async with stage_on(seeded_url) as stage:
        open_sessions = await stage.fetch(
            text("SELECT count(*) FROM session_states WHERE ended_at IS NULL")
        )
        stage.move_to(stage.now)
        for username in ("alice", "bob", "admin", "support"):
            signed_in = await sign_in(
                stage.identity, f"{username}@example.com", PASSWORD, Visitor("10.0.0.1", "test")
            )
            assert signed_in.profile.username == username

    assert open_sessions == [(0,)]


async def test_history_lies_in_the_past_and_is_in_order(seeded_url):
    async with stage_on(seeded_url) as stage:
        completed = await stage.fetch(
            select(Trade.id, Trade.completed_at).order_by(Trade.completed_at)
        )
        sessions = await stage.fetch(select(func.max(Session.created_at)))

    assert [row.id for row in completed] == sorted(row.id for row in completed)
    assert (completed[-1].completed_at - completed[0].completed_at).days > 10
    assert completed[-1].completed_at < stage.now
    assert sessions[0][0] < stage.now


async def test_production_refuses_the_seeds_and_nothing_is_written(database_url):
    settings = {**SECRETS, "IQX_DATABASE_URL": database_url}
    async with open_stage(load_settings(settings)) as stage:
        with pytest.raises(SeedsRefused):
            await seed_world(stage)

        assert not any((await count_rows(stage)).values())


async def test_seeds_say_when_a_server_writes_the_orders(database_url):
    async with stage_on(database_url) as stage:
        stage.lane_wait_s = 0.3
        leases = [
            {
                "market": market.id,
                "owner": "elsewhere/1/1",
                "address": "elsewhere:1",
                "epoch": 1,
                "batch": 0,
                "priority": 1,
                "seq": 0,
                "expires_at": stage.now + timedelta(hours=1),
            }
            for market in MARKETS
        ]

        async def work(unit):
            await unit.execute(insert(Lane), leases)

        await stage.database.transact(work, name="test")

        with pytest.raises(LanesServedElsewhere):
            await seed_world(stage)


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.username)
def test_rails_take_the_made_up_accounts(person):
    rails = {rail["id"]: RailSchema().load(rail) for rail in list_rails()}

    for name in person.rails:
        assert read_details(
            rails[name]["fields_"], describe_account(name, person, PEOPLE.index(person))
        )
