"""The matching service: what is asked in its format, and that a poor answer lets nobody pass."""

import pytest
from aiohttp.test_utils import TestServer

from server.core.clock import ManualClock
from server.core.refusals import Unavailable
from server.kyc import yente
from server.kyc.screening_port import Screened
from server.kyc.yente import Yente
from tests.yente import KEY, FakeYente

PERSON = Screened("Ivan Petrov", "1970-03-04", "RU")


@pytest.fixture
def clock():
    return ManualClock()


@pytest.fixture
async def service(clock):
    fake = FakeYente()
    async with TestServer(fake.app) as server:
        url = f"http://127.0.0.1:{server.port}/"
        port = Yente(url=url, dataset="sanctions", key=KEY, clock=clock)
        yield fake, port
        await port.close()


async def test_match_of_the_service_is_a_hit_and_a_candidate_below_is_none(service):
    fake, port = service
    fake.add("Q1", "Ivan Petrov", birthDate=["1970"], topics=["sanction"], nationality=["ru"])
    fake.add("Q2", "Ivan Sidorov", score=0.4)

    (found,) = await port.screen([PERSON])

    (hit,) = found
    assert (hit.entry_id, hit.source, hit.names) == ("Q1", "sanctions", ("Ivan Petrov",) * 2)
    assert (hit.birth_dates, hit.topics, hit.countries) == (("1970",), ("sanction",), ("ru",))
    assert fake.calls == [
        {
            "0": {
                "schema": "Person",
                "properties": {
                    "name": ["Ivan Petrov"], "birthDate": ["1970-03-04"], "country": ["ru"],
                },
            }
        }
    ]  # fmt: skip


async def test_many_people_are_asked_about_in_bounded_calls(service, monkeypatch):
    fake, port = service
    monkeypatch.setattr(yente, "QUERIES_MAX", 2)
    fake.add("Q1", "Ivan Petrov")
    people = [PERSON, Screened("Anna Berg", "1980-01-01", "SE"), PERSON]
    found = await port.screen(people)
    assert [len(each) for each in found] == [1, 0, 1]
    assert [len(call) for call in fake.calls] == [2, 1]


async def test_version_follows_the_catalog_within_minutes(service, clock):
    fake, port = service
    before = await port.read_version()
    assert len(before) == 64
    fake.version = "20261122-def"
    assert await port.read_version() == before
    clock.advance(minutes=10)
    assert await port.read_version() != before
    fake.wrong = "no_version"
    clock.advance(minutes=10)
    with pytest.raises(Unavailable):
        await port.read_version()


@pytest.mark.parametrize(
    "datasets",
    [None, {}, "sanctions", 5, [None, 5, "sanctions", []], [{"name": 5}], [{"name": "sanctions"}],
     [{"name": "sanctions", "index_version": 7}], [{"name": "sanctions", "version": ["1"]}]],
)  # fmt: skip
async def test_odd_catalog_is_no_version_and_no_fault(service, datasets):
    fake, port = service
    fake.datasets = datasets
    with pytest.raises(Unavailable):
        await port.read_version()
    fake.datasets = [None, {"name": "sanctions", "version": "1"}]
    assert len(await port.read_version()) == 64


@pytest.mark.parametrize("wrong", ["503", "text", "other", "partial"])
async def test_poor_answer_is_no_answer(service, wrong):
    fake, port = service
    fake.wrong = wrong
    with pytest.raises(Unavailable):
        await port.screen([PERSON])


async def test_answer_that_is_too_long_or_a_service_that_is_away_is_no_answer(service, monkeypatch):
    fake, port = service
    fake.add("Q1", "Ivan Petrov")
    monkeypatch.setattr(yente, "ANSWER_BYTES_MAX", 10)
    with pytest.raises(Unavailable):
        await port.screen([PERSON])
    away = Yente(url="http://127.0.0.1:9", dataset="sanctions", key="", clock=ManualClock())
    with pytest.raises(Unavailable):
        await away.read_version()
    await away.close()
