"""The real program speaks TLS with a certificate of ours: 1.2 and 1.3, strong ciphers alone."""

import asyncio
import ssl
import warnings

import aiohttp
import pytest

from server.core.tls import LEAST, present_certificate
from tests.certificates import Authority
from tests.server_process import run_server


def trust(authority, *, least=None, most=None, ciphers=None):
    context = ssl.create_default_context(cafile=str(authority.ca))
    if ciphers is not None:
        context.set_ciphers(f"{ciphers}:@SECLEVEL=0")
    if least is not None:
        context.minimum_version = least
    if most is not None:
        context.maximum_version = most
    return context


async def agree(port, context):
    """The version that is agreed on; None when there is no agreement."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    except (ssl.SSLError, ConnectionError):
        return None
    version = writer.get_extra_info("ssl_object").version()
    writer.transport.abort()
    return version


async def test_calls_and_sockets_run_over_tls_and_nothing_runs_without(sqlite_url, tmp_path):
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    made = authority.sign("127.0.0.1")
    written = {"tls_certificate": made.certificate, "tls_key": made.key}
    async with run_server(sqlite_url, **written) as server:
        assert server.base.startswith("https://")
        connector = aiohttp.TCPConnector(ssl=trust(authority))
        async with aiohttp.ClientSession(server.base, connector=connector) as client:
            async with client.get("/api/health") as reply:
                assert reply.status == 200
                assert reply.headers["Strict-Transport-Security"]
            place = "/socket.io/?EIO=4&transport=websocket"
            async with client.ws_connect(place) as socket:
                assert (await socket.receive_str(timeout=10)).startswith("0{")
        async with aiohttp.ClientSession() as plain:
            with pytest.raises(aiohttp.ClientError):
                await plain.get(f"http://127.0.0.1:{server.port}/api/health")

        versions = ssl.TLSVersion
        with warnings.catch_warnings():
            # What is asked for is old, on purpose.
            warnings.simplefilter("ignore", DeprecationWarning)
            old = trust(authority, least=versions.TLSv1, most=versions.TLSv1_1, ciphers="ALL")
        weak = trust(authority, most=versions.TLSv1_2, ciphers="AES128-SHA:AES256-SHA256")
        cbc = trust(authority, most=versions.TLSv1_2, ciphers="ECDHE-ECDSA-AES128-SHA256")
        assert await agree(server.port, trust(authority)) == "TLSv1.3"
        assert await agree(server.port, trust(authority, most=versions.TLSv1_2)) == "TLSv1.2"
        for context in (old, weak, cbc, trust(stranger)):
            assert await agree(server.port, context) is None


def test_only_ciphers_with_forward_secrecy_and_authentication_are_offered(tmp_path):
    made = Authority(tmp_path).sign("127.0.0.1")
    context = present_certificate(str(made.certificate), str(made.key))
    assert context.minimum_version == LEAST == ssl.TLSVersion.TLSv1_2
    names = {cipher["name"] for cipher in context.get_ciphers()}
    assert names
    assert [
        name for name in names
        if not name.startswith(("TLS_", "ECDHE-")) or not ("GCM" in name or "CHACHA20" in name)
    ] == []  # fmt: skip


def test_certificate_with_the_key_of_another_is_refused(tmp_path):
    authority = Authority(tmp_path)
    one, other = authority.sign("127.0.0.1"), authority.sign("127.0.0.2")
    with pytest.raises(OSError, match="mismatch"):
        present_certificate(str(one.certificate), str(other.key))
