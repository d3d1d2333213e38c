"""Whom we hand messages to: nobody whose certificate is not trusted, nowhere we are sent on to."""

import asyncio
import datetime as dt
import ssl
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from server.messages.mail import SmtpSender, SmtpServer
from server.messages.ports import Letter, NotSentError
from server.messages.sms import TwilioAccount, TwilioSender

LETTER = Letter(uuid.UUID(int=7), "ann@example.com", "A code", "123456 is your code.")
TEXT = Letter(uuid.UUID(int=8), "+84901234567", "", "123456 is your code.")


@pytest.fixture
def untrusted(tmp_path):
    """A server's TLS context with a certificate that nobody trusted has signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


async def test_mail_server_with_an_untrusted_certificate_gets_nothing(untrusted):
    heard = []

    async def hear(reader, writer):
        heard.append(await reader.read(1))
        writer.close()

    server = await asyncio.start_server(hear, "127.0.0.1", 0, ssl=untrusted)
    async with server:
        port = server.sockets[0].getsockname()[1]
        sender = SmtpSender(
            SmtpServer("localhost", port, "iqx", "word", "tls", "IQX <a@b.example>")
        )
        with pytest.raises(NotSentError):
            await sender.send(LETTER)
    assert heard == []


async def send_text(base_url):
    with ThreadPoolExecutor(1) as pool:
        loop = asyncio.get_running_loop()
        account = TwilioAccount("AC" + "a" * 32, "token", "+15005550006", base_url)
        sender = TwilioSender(account, lambda work: loop.run_in_executor(pool, work))
        await sender.send(TEXT)


async def test_provider_that_sends_us_elsewhere_is_not_followed():
    visits = []

    async def visit(request):
        visits.append(request.path)
        raise web.HTTPTemporaryRedirect("/elsewhere")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", visit)
    async with TestServer(app) as server:
        with pytest.raises(NotSentError):
            await send_text(str(server.make_url("/")).rstrip("/"))
    assert len(visits) == 1
    assert "/elsewhere" not in visits


async def test_provider_with_an_untrusted_certificate_gets_nothing(untrusted):
    visits = []

    async def visit(request):
        visits.append(request.path)
        return web.json_response({}, status=201)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", visit)
    async with TestServer(app, scheme="https") as server:
        await server.start_server(ssl=untrusted)
        with pytest.raises(NotSentError):
            await send_text(f"https://localhost:{server.port}")
    assert visits == []
