"""The duties of the audit: chaining, and the hourly copy of its head."""

from types import SimpleNamespace

import orjson
import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from models.operations import Breach, VerifierMark
from server.core.clock import ManualClock
from server.jobs.chain_audit import FILE, append_line, chain_audit, export_heads_to
from server.jobs.schedule import DUTIES
from server.jobs.verify import verify_all
from server.settings import load_settings
from server.wiring import list_duties, open_desk, open_identity, open_kernel
from tests.audit_world import open_ledger


@pytest.fixture
async def ledger(database_url):
    async with open_ledger(database_url) as opened:
        yield opened


def desk_of(ledger):
    return SimpleNamespace(database=ledger.database, real_clock=ledger.clock)


def copier(folder):
    """As the wiring makes it, without the thread."""

    async def copy_out(line):
        append_line(folder / FILE, line)

    return copy_out


def read_lines(folder):
    return [orjson.loads(line) for line in (folder / FILE).read_bytes().splitlines()]


def test_audit_is_chained_twice_a_second_and_its_head_exported():
    (duty,) = [duty for duty in DUTIES if duty.name == "chain_audit"]
    assert (duty.every_s, duty.run, duty.by_time) == (0.5, chain_audit, False)
    assert [duty.name for duty in list_duties(load_settings({}))][-1] == "export_audit_head"


async def test_duty_chains_what_waits(ledger):
    await ledger.write(3, chain=False)
    assert await chain_audit(desk_of(ledger)) == 3
    assert await chain_audit(desk_of(ledger)) == 0
    assert (await ledger.counts()).waiting == 0


async def test_head_is_copied_out_once_an_hour(ledger, tmp_path):
    await ledger.write(2)
    export, desk = export_heads_to(copier(tmp_path / "heads")), desk_of(ledger)
    with capture_logs() as told:
        assert await export(desk) == 1
        assert await export(desk) == 0
        ledger.clock.advance(minutes=59)
        assert await export(desk) == 0
        await ledger.write(1)
        ledger.clock.advance(minutes=1)
        assert await export(desk) == 1
    links = await ledger.links()
    lines = read_lines(tmp_path / "heads")
    assert [(line["number"], line["hash"]) for line in lines] == [
        (2, links[1].hash.hex()),
        (3, links[2].hash.hex()),
    ]
    assert [line["number"] for line in told if line["event"] == "audit_head"] == [2, 3]


async def test_head_goes_into_the_log_alone_without_a_folder(ledger):
    await ledger.write(1)
    with capture_logs() as told:
        assert await export_heads_to(None)(desk_of(ledger)) == 1
    (line,) = [line for line in told if line["event"] == "audit_head"]
    assert (line["number"], len(line["hash"])) == (1, 64)


async def test_head_that_cannot_be_written_is_tried_again(ledger, tmp_path):
    await ledger.write(1)
    blocked = tmp_path / "heads"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(OSError, match="heads"):
        await export_heads_to(copier(blocked))(desk_of(ledger))
    assert await ledger.read(select(VerifierMark.name)) == []
    blocked.unlink()
    assert await export_heads_to(copier(blocked))(desk_of(ledger)) == 1
    assert len(read_lines(blocked)) == 1


def test_line_after_a_torn_one_is_whole(tmp_path):
    path = tmp_path / FILE
    path.write_bytes(b'{"number":1}\n{"numb')
    append_line(path, b'{"number":3}')
    assert path.read_bytes() == b'{"number":1}\n{"numb\n{"number":3}\n'


async def test_folder_of_the_settings_gets_the_heads(ledger, tmp_path):
    await ledger.write(1)
    duty = list_duties(load_settings({"IQX_AUDIT_HEAD_FOLDER": str(tmp_path)}))[-1]
    assert await duty.run(desk_of(ledger)) == 1
    assert [line["number"] for line in read_lines(tmp_path)] == [1]


@pytest.mark.parametrize(("speed", "late"), [(1, 1), (60, 0)])
async def test_fast_clock_makes_no_entry_late(ledger, speed, late):
    """A minute of the verifier is one of the machine's, whatever the clock of a demonstration."""
    await ledger.write(1, chain=False)
    ledger.clock.advance(minutes=2)
    desk = SimpleNamespace(database=ledger.database, clock_speed=speed, sealer=None)
    await verify_all(desk)
    assert len(await ledger.read(select(Breach.id))) == late


async def test_verifier_of_a_demonstration_knows_its_speed(database_url):
    settings = load_settings({"IQX_CLOCK_SPEED": "60", "IQX_DATABASE_URL": database_url})
    kernel = open_kernel(settings, clock=ManualClock())
    identity = open_identity(kernel, thread=None)
    assert open_desk(kernel, identity).clock_speed == 60
    await kernel.close()
