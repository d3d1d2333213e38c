"""Mail over SMTP."""

from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import formatdate

import aiosmtplib

from server.db import assert_outside_transaction
from server.messages.ports import Letter, NotSentError, UndeliverableError

WAIT_S = 15
NEVER = range(500, 600)
"""Replies of a server that will not change its mind."""
OUR_FAULT = frozenset({530, 534, 535, 538})
"""Replies that refuse us and not the message: the settings are wrong."""


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mail is handed in, and as whom."""

    host: str
    port: int
    user: str
    password: str
    security: str
    """`tls`, `starttls` or `none`."""
    sender: str


def write_mail(letter: Letter, sender: str) -> EmailMessage:
    """The mail as it is handed in; its Message-ID stays the same when it is sent again."""
    mail = EmailMessage(policy=SMTPUTF8)
    mail["From"] = sender
    mail["To"] = letter.to
    mail["Subject"] = letter.subject
    mail["Date"] = formatdate()
    domain = sender.rpartition("@")[2].strip("> ")
    mail["Message-ID"] = f"<{letter.id}@{domain}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(letter.body)
    return mail


class SmtpSender:
    """Hands mails to one SMTP server."""

    def __init__(self, server: SmtpServer) -> None:
        self._server = server

    async def send(self, letter: Letter) -> None:
        """Return when the server has taken the mail.

        Raises `UndeliverableError` or `NotSentError`.
        """
        assert_outside_transaction()
        server = self._server
        try:
            await aiosmtplib.send(
                write_mail(letter, server.sender),
                hostname=server.host,
                port=server.port,
                username=server.user or None,
                password=server.password or None,
                use_tls=server.security == "tls",
                start_tls=server.security == "starttls",
                timeout=WAIT_S,
            )
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPNotSupported) as error:
            raise _judge_refused(error) from None
        except aiosmtplib.SMTPResponseException as error:
            if error.code in NEVER and error.code not in OUR_FAULT:
                raise UndeliverableError from None
            raise NotSentError(f"the server answered {error.code}") from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            raise NotSentError(type(error).__name__) from None


def _judge_refused(error: aiosmtplib.SMTPException) -> UndeliverableError | NotSentError:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        codes = [one.code for one in error.recipients]
        if any(code not in NEVER for code in codes):
            return NotSentError(f"the server answered {codes[0]}")
    return UndeliverableError()
