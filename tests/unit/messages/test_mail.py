"""Mail over SMTP: what a server gets, and what each of its answers means."""

import email
import uuid
from email.policy import default

import pytest

from server.messages.mail import SmtpSender, SmtpServer
from server.messages.ports import Letter, NotSentError, UndeliverableError
from tests.smtp_server import run_smtp

LETTER = Letter(uuid.UUID(int=7), "alice@example.com", "Mã của bạn", "123456 là mã của bạn.")


@pytest.fixture
async def smtp():
    async with run_smtp() as fake:
        yield fake


def open_sender(port, *, user="", password="", security="none"):
    sender = "IQX <no-reply@iqx.example>"
    return SmtpSender(SmtpServer("127.0.0.1", port, user, password, security, sender))


async def test_server_gets_the_mail_whole(smtp):
    await open_sender(smtp.port).send(LETTER)

    ((origin, target, text),) = smtp.mails
    mail = email.message_from_bytes(text.removesuffix(b"\r\n.\r\n"), policy=default)
    assert "no-reply@iqx.example" in origin
    assert "alice@example.com" in target
    assert mail["Subject"] == "Mã của bạn"
    assert mail["To"] == "alice@example.com"
    assert mail["Message-ID"] == f"<{LETTER.id}@iqx.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().strip() == "123456 là mã của bạn."


async def test_we_say_who_we_are_when_the_settings_do(smtp):
    await open_sender(smtp.port, user="iqx", password="s3cret").send(LETTER)

    assert smtp.logins == [["iqx", "s3cret"]]


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("RCPT", "550 no such mailbox"),
        ("MAIL", "553 not from you"),
        ("DATA", "554 no"),
    ],
)
async def test_lasting_no_is_final(smtp, verb, reply):
    smtp.replies[verb] = reply

    with pytest.raises(UndeliverableError):
        await open_sender(smtp.port).send(LETTER)


@pytest.mark.parametrize(
    ("verb", "reply"),
    [
        ("CONNECT", "421 too busy"),
        ("RCPT", "450 come back later"),
        ("DATA", "451 come back later"),
        ("AUTH", "535 wrong password"),
        ("MAIL", "530 say who you are"),
    ],
)
async def test_passing_no_is_tried_again(smtp, verb, reply):
    smtp.replies[verb] = reply

    with pytest.raises(NotSentError) as raised:
        await open_sender(smtp.port, user="iqx", password="s3cret").send(LETTER)

    assert "alice" not in raised.value.reason


async def test_absent_server_is_tried_again(smtp, unused_tcp_port):
    with pytest.raises(NotSentError):
        await open_sender(unused_tcp_port).send(LETTER)


async def test_server_without_encryption_gets_nothing_when_we_ask_for_it(smtp):
    with pytest.raises((NotSentError, UndeliverableError)):
        await open_sender(smtp.port, security="starttls").send(LETTER)

    assert smtp.mails == []


async def test_address_cannot_add_a_header(smtp):
    forged = Letter(LETTER.id, "alice@example.com\r\nBcc: eve@example.com", "a", "b")

    with pytest.raises(ValueError, match=r"linefeed|newline|header"):
        await open_sender(smtp.port).send(forged)

    assert smtp.mails == []
