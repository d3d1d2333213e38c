"""Files in a store that speaks as S3 does, by the library botocore.

The bytes come encrypted, and their digest is signed with each request. Requests go to the one
origin that the settings name, each tried a few times within seconds; whatever the store does
besides saying yes is `StoreFailed`, and only its word that there is no such object is a missing
file. Calls run in threads of their own, a bounded number at a time, outside transactions.
"""

import os
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import botocore.session
import structlog
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from server.files.store import StoreFailed
from server.http.outside import check_origin, origin_of

CALLS_MAX = 32
"""Calls at a time, those that wait for a thread among them; one more is refused at once."""
STORED_BYTES_MAX = 64 * 1024 * 1024
"""More than anything that is kept."""
PIECE_BYTES = 1024 * 1024
MISSING = "NoSuchKey"
CODE_CHARS_MAX = 60
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where files lie, and with which key."""

    url: str
    """The store, with no path: https://s3.eu-central-1.amazonaws.com."""
    name: str
    region: str
    key_id: str
    secret: str = field(repr=False)
    ca: str = ""
    """File of the certificates that sign the store's; empty trusts the public authorities."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call may take."""

    connect_s: float = 3
    answer_s: float = 6
    """Between one piece of an answer and the next."""
    tries: int = 3


def _open_client(bucket: Bucket, patience: Patience) -> Any:
    """A client that takes nothing from the environment and reaches the bucket's origin alone."""
    session = botocore.session.Session(
        session_vars={
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
            "profile": (None, None, None, None),
        }
    )
    client = session.create_client(
        "s3",
        region_name=bucket.region,
        endpoint_url=bucket.url,
        aws_access_key_id=bucket.key_id,
        aws_secret_access_key=bucket.secret,
        verify=bucket.ca or True,
        config=Config(
            signature_version="s3v4",
            # The bucket stands in the path, so that there is one origin.
            s3={"addressing_style": "path", "payload_signing_enabled": True},
            # Stores other than Amazon's know the signed digest, and not each newer checksum.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            connect_timeout=patience.connect_s,
            read_timeout=patience.answer_s,
            retries={"mode": "standard", "total_max_attempts": patience.tries},
            max_pool_connections=CALLS_MAX,
            proxies={},
            use_dualstack_endpoint=False,
            use_fips_endpoint=False,
            ignore_configured_endpoint_urls=True,
        ),
    )
    listed = (origin_of(bucket.url),)

    def check_address(request: Any, **_: Any) -> None:
        check_origin(request.url, listed)

    def follow_nobody(context: dict[str, Any], **_: Any) -> None:
        # The region is known. A store that sends elsewhere would be asked in circles.
        context["s3_redirect"]["redirected"] = True

    client.meta.events.register_last("before-parameter-build.s3", follow_nobody)
    client.meta.events.register_first("before-send.s3", check_address)
    return client


def _name_object(file_id: UUID) -> str:
    return f"files/{file_id.hex[-2:]}/{file_id.hex}.sealed"


class S3Files:
    """A bucket; `run_apart` runs each call in a thread of a pool that is the store's own."""

    def __init__(
        self,
        bucket: Bucket,
        run_apart: Callable[[Callable[[], Any]], Awaitable[Any]],
        patience: Patience = Patience(),
    ) -> None:
        self._bucket = bucket
        self._patience = patience
        self._run_apart = run_apart
        self._client: Any = None
        self._calls = 0

    async def put(self, file_id: UUID, content: bytes) -> None:
        """Send the bytes; the store has checked them against the signed digest and has them."""
        await self._run(partial(self._put, file_id, content))

    async def get(self, file_id: UUID) -> bytes:
        """The bytes of a file."""
        found: bytes = await self._run(partial(self._get, file_id))
        return found

    async def delete(self, file_id: UUID) -> None:
        """Remove a file."""
        await self._run(partial(self._delete, file_id))

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _run(self, call: Callable[[], Any]) -> Any:
        if self._calls >= CALLS_MAX:
            log.warning("files_store_crowded")
            raise StoreFailed
        self._calls += 1
        try:
            if self._client is None:
                # Made in a thread, since the library reads its descriptions from the disk.
                made = await self._run_apart(partial(_open_client, self._bucket, self._patience))
                self._client = self._client or made
            return await self._run_apart(call)
        except (BotoCoreError, ClientError, OSError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            log.warning("files_store_failed", reason=_name_failure(error))
            raise StoreFailed from error
        finally:
            self._calls -= 1

    def _put(self, file_id: UUID, content: bytes) -> None:
        self._client.put_object(
            Bucket=self._bucket.name,
            Key=_name_object(file_id),
            Body=content,
            ContentType="application/octet-stream",
        )

    def _get(self, file_id: UUID) -> bytes:
        try:
            answer = self._client.get_object(Bucket=self._bucket.name, Key=_name_object(file_id))
        except ClientError as error:
            # A bucket that is not there is no missing file.
            if error.response["Error"]["Code"] == MISSING:
                raise FileNotFoundError(file_id.hex) from error
            raise
        content = bytearray()
        with closing(answer["Body"]) as body:
            while piece := body.read(PIECE_BYTES):
                content += piece
                if len(content) > STORED_BYTES_MAX:
                    raise OSError("the store sent more than was ever kept")
        return bytes(content)

    def _delete(self, file_id: UUID) -> None:
        self._client.delete_object(Bucket=self._bucket.name, Key=_name_object(file_id))


def _name_failure(error: Exception) -> str:
    """What failed, in a word that holds no address and no key."""
    if isinstance(error, ClientError):
        code = str(error.response.get("Error", {}).get("Code", ""))
        # The store's own word, as far as it is one.
        return code if code.isalnum() and len(code) <= CODE_CHARS_MAX else "refused"
    return type(error).__name__
