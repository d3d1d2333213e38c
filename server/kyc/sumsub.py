"""The provider Sumsub, by its HTTP interface and its signed messages."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
import structlog

from server.core.clock import Clock
from server.core.refusals import Unavailable
from server.db import assert_outside_transaction
from server.http.outside import Session, open_session
from server.kyc.answers import read_bounded
from server.kyc.provider import Answer, Message, Person
from server.kyc.refusals import MessageRefused, MessageStale

TOKEN_S = 600
CALL_S = 10
ANSWER_BYTES_MAX = 1024 * 1024
COMMENT_CHARS_MAX = 500
DIGESTS = {"HMAC_SHA256_HEX": "sha256", "HMAC_SHA512_HEX": "sha512"}
"""Ways to sign that are accepted; the old one by SHA-1 is not."""
PENDING = frozenset({"applicantPending", "applicantOnHold"})
log = structlog.get_logger()


class Sumsub:
    """Calls are signed with the secret of an app token, messages with a secret of their own."""

    name = "sumsub"

    def __init__(
        self,
        *,
        url: str,
        app_token: str,
        secret: str,
        message_secret: str,
        level_name: str,
        clock: Clock,
    ) -> None:
        self._url = url.rstrip("/")
        self._app_token = app_token
        self._secret = secret.encode()
        self._message_secret = message_secret.encode()
        self._level_name = level_name
        self._clock = clock
        self._session: Session | None = None

    async def create_applicant(self, external_ref: str) -> str:
        """The applicant of an application; one who is known already is found."""
        level = quote(self._level_name, safe="")
        status, answer = await self._call(
            "POST", f"/resources/applicants?levelName={level}", {"externalUserId": external_ref}
        )
        if status == 409:
            path = f"/resources/applicants/-;externalUserId={quote(external_ref, safe='')}/one"
            status, answer = await self._call("GET", path)
        return _text(self._expect(status, answer), "id")

    async def make_token(self, external_ref: str) -> tuple[str, int]:
        """A token for the applicant's device."""
        asked = {"userId": external_ref, "levelName": self._level_name, "ttlInSecs": TOKEN_S}
        status, answer = await self._call("POST", "/resources/accessTokens/sdk", asked)
        return _text(self._expect(status, answer), "token"), TOKEN_S

    async def read_person(self, applicant_ref: str) -> Person:
        """What the documents say."""
        path = f"/resources/applicants/{quote(applicant_ref, safe='')}/one"
        found = self._expect(*await self._call("GET", path)).get("info") or {}
        names = (found.get(part) for part in ("firstName", "middleName", "lastName"))
        papers = found.get("idDocs") or [{}]
        return Person(
            full_name=" ".join(str(name) for name in names if name),
            birth_date=_read_date(found.get("dob")),
            document_number=papers[0].get("number"),
            document_expires_on=_read_date(papers[0].get("validUntil")),
        )

    def read_message(self, raw: bytes, headers: Mapping[str, str]) -> Message:
        """A message whose digest is good."""
        digest = DIGESTS.get(headers.get("X-Payload-Digest-Alg", ""))
        given = headers.get("X-Payload-Digest", "")
        if digest is None or not given.isascii():
            raise MessageRefused
        known = hmac.new(self._message_secret, raw, digest).hexdigest()
        if not hmac.compare_digest(known, given.lower()):
            raise MessageRefused
        try:
            said = orjson.loads(raw)
            # The provider writes UTC without saying so.
            moment = datetime.strptime(f"{said['createdAtMs']} +0000", "%Y-%m-%d %H:%M:%S.%f %z")
            return Message(
                applicant_ref=_text(said, "applicantId"),
                external_ref=_text(said, "externalUserId"),
                answer=_read_answer(said),
                comment=_read_comment(said),
                created_at=moment,
            )
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise MessageStale from error

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _call(self, method: str, path: str, asked: Any = None) -> tuple[int, Any]:
        assert_outside_transaction()
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=CALL_S)
            self._session = open_session([self._url], timeout=timeout)
        body = b"" if asked is None else orjson.dumps(asked)
        moment = str(int(self._clock.now().timestamp()))
        signed = moment.encode() + method.encode() + path.encode() + body
        headers = {
            "Content-Type": "application/json",
            "X-App-Token": self._app_token,
            "X-App-Access-Ts": moment,
            "X-App-Access-Sig": hmac.new(self._secret, signed, "sha256").hexdigest(),
        }
        try:
            async with self._session.request(
                method, self._url + path, data=body or None, headers=headers, allow_redirects=False
            ) as reply:
                content = await read_bounded(reply, ANSWER_BYTES_MAX)
                return reply.status, orjson.loads(content) if content else {}
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
            log.warning("kyc_provider_failed", provider=self.name, error=type(error).__name__)
            raise Unavailable(retry_after_s=60) from error

    def _expect(self, status: int, answer: Any) -> dict[str, Any]:
        if status not in (200, 201) or not isinstance(answer, dict):
            log.warning("kyc_provider_refused", provider=self.name, status=status)
            raise Unavailable(retry_after_s=60)
        return answer


def digest_of(raw: bytes) -> bytes:
    """What tells one message from another."""
    return hashlib.sha256(raw).digest()


def _text(answer: Mapping[str, Any], name: str) -> str:
    value = answer.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= 2000:
        raise MessageStale
    return value


def _read_answer(said: Mapping[str, Any]) -> Answer | None:
    if said["type"] in PENDING:
        return Answer.PENDING
    if said["type"] != "applicantReviewed":
        return None
    result = said["reviewResult"]
    if result["reviewAnswer"] == "GREEN":
        return Answer.GREEN
    return Answer.RETRY if result.get("reviewRejectType") == "RETRY" else Answer.RED


def _read_comment(said: Mapping[str, Any]) -> str | None:
    comment = (said.get("reviewResult") or {}).get("moderationComment")
    return comment[:COMMENT_CHARS_MAX] if isinstance(comment, str) and comment else None


def _read_date(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) and value else None
