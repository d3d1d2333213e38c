"""Password hashing, sealing and fingerprints."""

import asyncio
import base64
import hashlib
import threading

import bcrypt
import pytest

from server.core.ids import SystemRandom
from server.identity.passwords import BcryptHasher
from server.identity.refusals import SignInsLimited
from server.identity.sealing import SealBroken, Sealer, fingerprint
from server.settings import load_settings
from server.wiring import identity_apart


async def run_here(work):
    return work()


async def test_hash_is_bcrypt_over_base64_of_sha256():
    hashed = await BcryptHasher(4, run_here).hash_password("correct horse")
    digest = base64.b64encode(hashlib.sha256(b"correct horse").digest())
    assert bcrypt.checkpw(digest, hashed.encode())


async def test_right_password_is_known_and_a_wrong_one_is_not():
    hasher = BcryptHasher(4, run_here)
    hashed = await hasher.hash_password("correct horse")
    assert await hasher.verify_password("correct horse", hashed)
    assert not await hasher.verify_password("correct horse ", hashed)


async def test_unknown_account_costs_one_hash_and_is_refused():
    hasher = BcryptHasher(4, run_here)
    await hasher.warm_up()
    checked = []

    async def count(work):
        checked.append(work)
        return work()

    hasher._run_apart = count
    assert not await hasher.verify_password("nobody", None)
    assert len(checked) == 1


async def test_hashing_happens_where_the_wiring_wants_it():
    threads = []

    async def note(work):
        return await asyncio.to_thread(lambda: (threads.append(threading.get_ident()), work())[1])

    await BcryptHasher(4, note).hash_password("correct horse")
    assert threads != [threading.get_ident()]


async def test_wiring_hashes_in_one_thread_that_is_not_the_loops(tmp_path):
    settings = load_settings({"IQX_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'x.db'}"})
    async with identity_apart(settings) as identity:
        threads = await asyncio.gather(
            *(identity.hasher._run_apart(threading.get_ident) for _ in range(8))
        )
    assert len(set(threads)) == 1
    assert threads[0] != threading.get_ident()


async def test_queue_of_hashings_is_bounded():
    gate = asyncio.Event()

    async def wait(work):
        await gate.wait()
        return work()

    hasher = BcryptHasher(4, wait, waiting_max=2)
    waiting = [asyncio.create_task(hasher.hash_password("correct horse")) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(SignInsLimited):
        await hasher.hash_password("correct horse")
    gate.set()
    assert all(hashed.startswith("$2b$") for hashed in await asyncio.gather(*waiting))
    assert await hasher.hash_password("correct horse")


OLD, NEW = {"old": b"o" * 32}, {"new": b"n" * 32, "old": b"o" * 32}


def test_sealed_value_opens_in_its_context_only():
    sealer = Sealer(OLD, SystemRandom())
    sealed = sealer.seal(b"0071001234567", "payment_account:1")
    assert sealer.open_sealed(sealed, "payment_account:1") == b"0071001234567"
    with pytest.raises(SealBroken):
        sealer.open_sealed(sealed, "payment_account:2")


def test_sealing_twice_gives_two_texts():
    sealer = Sealer(OLD, SystemRandom())
    assert sealer.seal(b"x", "c") != sealer.seal(b"x", "c")


def test_every_changed_byte_breaks_the_seal():
    sealer = Sealer(OLD, SystemRandom())
    sealed = sealer.seal(b"secret", "c")
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            sealer.open_sealed(bytes(changed), "c")


@pytest.mark.parametrize("length", [0, 1, 5, 40, 80])
def test_cut_value_is_broken(length):
    sealer = Sealer(OLD, SystemRandom())
    with pytest.raises(SealBroken):
        sealer.open_sealed(sealer.seal(b"secret", "c")[:length], "c")


def test_newer_key_seals_and_the_older_one_still_opens():
    older = Sealer(OLD, SystemRandom()).seal(b"x", "c")
    sealer = Sealer(NEW, SystemRandom())
    assert sealer.open_sealed(older, "c") == b"x"
    assert sealer.key_of(older) == "old"
    assert sealer.key_of(sealer.seal(b"x", "c")) == "new"


def test_fingerprint_depends_on_the_key_and_on_every_boundary():
    assert fingerprint(b"k", "ab", "c") == fingerprint(b"k", "ab", "c")
    assert fingerprint(b"k", "ab", "c") != fingerprint(b"k", "a", "bc")
    assert fingerprint(b"k", "ab") != fingerprint(b"l", "ab")
