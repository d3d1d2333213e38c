"""Private notes about users."""

import pytest

from server.moderation import notes
from tests.market_world import start_world


@pytest.fixture
async def world(database_url):
    async with start_world(database_url) as started:
        yield started


async def test_note_is_read_by_its_writer_alone_and_kept_sealed(world, monkeypatch):
    alice, bob = await world.join("alice"), await world.join("bob")
    path = "/me/notes/bob"
    assert (await alice.ask("GET", path))[0] == 404
    await alice.must("PUT", path, {"text": "Pays late, but pays."})
    await alice.must("PUT", "/me/notes/BOB", {"text": "Pays at once."})
    assert (await alice.must("GET", path))["text"] == "Pays at once."
    assert (await bob.ask("GET", path))[0] == 404
    assert (await bob.ask("GET", "/me/notes/alice"))[0] == 404
    (row,) = await world.read("SELECT sealed FROM user_notes")
    assert b"Pays" not in bytes(row.sealed)

    monkeypatch.setattr(notes, "NOTES_MAX", 1)
    await alice.must("PUT", path, {"text": "Pays at once, again."})
    refused = await alice.ask("PUT", "/me/notes/alice", {"text": "Me."})
    assert (refused[0], refused[1]["code"]) == (409, "too_many_private_notes")
    for text in ("", "x" * 1001):
        assert (await alice.ask("PUT", path, {"text": text}))[0] == 422
    assert (await alice.ask("PUT", "/me/notes/nobody", {"text": "x"}))[0] == 404
    await alice.must("DELETE", path)
    assert (await alice.ask("DELETE", path))[0] == 404
    assert (await alice.ask("GET", path))[0] == 404
