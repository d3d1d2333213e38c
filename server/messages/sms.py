"""Text messages through Twilio."""

from dataclasses import dataclass
from typing import Any

import structlog
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from server.db import assert_outside_transaction
from server.http.outside import check_origin, origin_of
from server.messages.ports import Letter, NotSentError, RunApart, UndeliverableError

WAIT_S = 10
TRY_AGAIN = frozenset({401, 403, 408, 429})
"""Answers that refuse us and not the message."""
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """Whose account pays, and from which number messages come."""

    sid: str
    token: str
    sender: str
    """A number in E.164, a sender's name, or a messaging service (MG...)."""
    base_url: str


class ListedHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the library has no types
    """Twilio's client of HTTP, which reaches the origin of one address and no other."""

    def __init__(self, base_url: str) -> None:
        super().__init__(timeout=WAIT_S, max_retries=0)
        self._listed = frozenset({origin_of(base_url)})

    def request(self, method: str, url: str, *rest: Any, **options: Any) -> Any:
        """A request to that origin. Raises `OriginNotListedError` for another."""
        check_origin(url, self._listed)
        return super().request(method, url, *rest, **options)


class TwilioSender:
    """Hands text messages to Twilio; its client blocks, so it works in a thread of its own."""

    def __init__(self, account: TwilioAccount, run_apart: RunApart) -> None:
        self._account = account
        self._run_apart = run_apart
        self._client: Any = None

    async def send(self, letter: Letter) -> None:
        """Return when Twilio has taken the message.

        Raises `UndeliverableError` or `NotSentError`.
        """
        assert_outside_transaction()
        await self._run_apart(lambda: self._post(letter))

    def _open(self) -> Any:
        account = self._account
        client = Client(account.sid, account.token, http_client=ListedHttpClient(account.base_url))
        client.api.base_url = account.base_url
        return client

    def _post(self, letter: Letter) -> None:
        if self._client is None:
            self._client = self._open()
        sender = self._account.sender
        origin = {"messaging_service_sid" if sender.startswith("MG") else "from_": sender}
        try:
            self._client.messages.create(to=letter.to, body=letter.body, **origin)
        except TwilioRestException as error:
            if 400 <= error.status < 500 and error.status not in TRY_AGAIN:
                log.warning("sms_refused", message_id=str(letter.id), twilio_code=error.code)
                raise UndeliverableError from None
            raise NotSentError(f"Twilio answered {error.status}") from None
        except (TwilioException, OSError, ValueError) as error:
            raise NotSentError(type(error).__name__) from None
