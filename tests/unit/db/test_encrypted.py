"""The database and Redis are spoken to over TLS, with a certificate that is trusted by its name."""

import asyncio
import contextlib
import shutil
import signal
from types import SimpleNamespace

import pytest
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from server.core.clock import ManualClock
from server.core.tls import list_redis_options
from server.db.engine import open_engine
from server.http.rate import RateLimiter
from server.http.shared_rate import SharedLimiter
from server.settings import load_settings
from server.wiring import open_kernel
from sockets.fanout import RedisFanoutManager
from tests.certificates import Authority
from tests.services import (
    find_free_port,
    find_program,
    make_folder,
    start_mariadb,
    start_process,
    stop_process,
    wait_for_port,
)


@pytest.fixture(scope="module")
def site():
    """A MariaDB and a Redis that speak TLS as 127.0.0.1, and two authorities, one of them ours."""
    folder = make_folder()
    with contextlib.ExitStack() as ending:
        ending.callback(shutil.rmtree, folder, ignore_errors=True)
        ours, theirs = Authority(folder), Authority(folder, "theirs")
        made = ours.sign("127.0.0.1")
        process, port = start_mariadb(
            folder / "mariadb",
            arguments=(f"--ssl-cert={made.certificate}", f"--ssl-key={made.key}"),
        )
        ending.callback(stop_process, process, signal.SIGKILL)
        redis_port = find_free_port()
        redis = start_process(
            [
                find_program("redis-server"),
                *("--port", "0", "--tls-port", str(redis_port), "--bind", "127.0.0.1"),
                *("--tls-cert-file", str(made.certificate), "--tls-key-file", str(made.key)),
                *("--tls-ca-cert-file", str(ours.ca), "--tls-auth-clients", "no"),
                *("--save", "", "--appendonly", "no"),
            ],
            folder / "redis.log",
        )
        ending.callback(stop_process, redis, signal.SIGKILL)
        assert wait_for_port(redis_port, redis), (folder / "redis.log").read_text()
        yield SimpleNamespace(
            database=f"mysql+aiomysql://root@127.0.0.1:{port}/mysql",
            by_name=f"mysql+aiomysql://root@localhost:{port}/mysql",
            redis=f"rediss://127.0.0.1:{redis_port}/0",
            redis_by_name=f"rediss://localhost:{redis_port}/0",
            ours=str(ours.ca), theirs=str(theirs.ca),
        )  # fmt: skip


async def read_version(url, ca_file):
    """Which TLS is spoken; empty for none."""
    engine = open_engine(url, ca_file=ca_file)
    try:
        async with engine.connect() as connection:
            asked = await connection.execute(text("SHOW SESSION STATUS LIKE 'Ssl_version'"))
            return asked.one()[1]
    finally:
        await engine.dispose()


async def explain(url, ca_file):
    """Why a database is not spoken to, to the innermost cause."""
    with pytest.raises(OperationalError) as refused:
        await read_version(url, ca_file)
    said, error = [], refused.value
    while error is not None:
        said.append(str(error))
        error = error.__cause__ or error.__context__
    return " ".join(said)


async def test_database_with_a_trusted_certificate_is_spoken_to_over_tls(site):
    assert await read_version(site.database, site.ours) in ("TLSv1.2", "TLSv1.3")
    assert await read_version(site.database, "") == ""


async def test_database_with_the_certificate_of_another_authority_is_refused(site):
    assert "unable to get local issuer" in await explain(site.database, site.theirs)


async def test_database_that_is_called_by_another_name_is_refused(site):
    assert "Hostname mismatch" in await explain(site.by_name, site.ours)


async def test_database_without_tls_hears_not_even_a_name(mariadb_server_url, site):
    """Who sits on the line could make it look so."""
    heard = bytearray()

    async def listen(reader, writer):
        below, above = await asyncio.open_connection("127.0.0.1", make_url(mariadb_server_url).port)
        writer.write(await below.read(4096))
        heard.extend(await reader.read(4096))
        above.close()
        writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as between:
        port = between.sockets[0].getsockname()[1]
        url = f"mysql+aiomysql://somebody@127.0.0.1:{port}/mysql"
        with pytest.raises(OperationalError, match="offers no TLS"):
            await read_version(url, site.ours)
        await asyncio.sleep(0.05)
    assert bytes(heard) == b""


async def test_every_engine_of_the_service_is_encrypted_by_the_setting(site):
    written = {"IQX_DATABASE_URL": site.database, "IQX_DATABASE_CA": site.ours}
    kernel = open_kernel(load_settings(written), clock=ManualClock())
    try:
        for engine in (kernel.database.engine, kernel.lane_engine):
            async with engine.connect() as connection:
                asked = await connection.execute(text("SHOW SESSION STATUS LIKE 'Ssl_version'"))
                assert asked.one()[1].startswith("TLSv1.")
    finally:
        await kernel.close()


async def count_shared(url, ca_file):
    """Whether Redis counts, or each process for itself."""
    limiter = SharedLimiter(
        url, RateLimiter(ManualClock()), processes=1, options=list_redis_options(url, ca_file)
    )
    try:
        await limiter.take(("ip", "192.0.2.1"), 5)
        return limiter._absent_until == 0
    finally:
        await limiter.close()
        # A connection whose handshake failed is closed by the loop a moment later.
        await asyncio.sleep(0.1)


async def test_redis_counts_over_tls_with_a_trusted_certificate_alone(site, monkeypatch):
    # A busy machine takes longer for the first handshake than a request waits.
    monkeypatch.setattr("server.http.shared_rate.SHARED_WAIT_S", 10)
    assert await count_shared(site.redis, site.ours)
    assert not await count_shared(site.redis, site.theirs)
    assert not await count_shared(site.redis, "")
    assert not await count_shared(site.redis_by_name, site.ours)


@pytest.mark.parametrize("trusted", [True, False])
async def test_processes_meet_in_redis_over_tls_with_a_trusted_certificate_alone(site, trusted):
    options = list_redis_options(site.redis, site.ours if trusted else site.theirs)
    manager = RedisFanoutManager(site.redis, redis_options=dict(options))
    manager._redis_connect()
    try:
        if trusted:
            assert await manager.redis.ping()
        else:
            with pytest.raises((OSError, RedisError), match=r"(?i)certificate"):
                await manager.redis.ping()
    finally:
        await manager._close_redis()
        await asyncio.sleep(0.1)


def test_plain_redis_is_told_nothing_of_certificates():
    assert list_redis_options("redis://127.0.0.1:6379/0", "") == {}
