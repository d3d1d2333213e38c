"""A learner's journeys: each ends as its table says, with the money and the views right."""

from datetime import timedelta

from server.monitor.verifier import find_breaches
from server.staff.audit_chain import chain_waiting
from tests.journeys.bench import Bench
from tests.journeys.sandbox import Learner
from tests.journeys.table import JOURNEYS
from tests.market_world import start_world

ON_MARIADB = 4
"""Every so manieth journey is made on the second database too."""


def test_there_are_fifty_different_journeys():
    places = {(one.script, one.side, one.rail, one.ending) for one in JOURNEYS}
    assert len(places) == len(JOURNEYS) == 50


async def test_every_journey_ends_as_told_with_money_and_views_right(database_url, database_kind):
    step = 1 if database_kind == "sqlite" else ON_MARIADB
    async with start_world(database_url, test_market=True) as world:
        bench = Bench(world)
        await bench.join()
        person = await world.join("learner")
        await person.must("POST", "/dev/faucet", {"amount": "5000"})
        for rail in ("vn-one", "vn-two", "vn-slow"):
            await person.add_account(rail)
        learner = Learner(world, person, bench)
        for journey in JOURNEYS[::step]:
            await learner.walk(journey)
            await chain_waiting(world.database)
            breaches = await find_breaches(world.database, since=None, trail=timedelta(0))
            assert breaches == [], (journey.name, breaches)
