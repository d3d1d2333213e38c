"""Screening by a service that speaks as yente does, the matching service of OpenSanctions.

`POST /match/DATASET` takes people as examples and says of each candidate whether it is a match at
the service's own threshold; `GET /catalog` says which version of the dataset is served.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson
import structlog

from server.core.clock import EPOCH, Clock
from server.core.refusals import Unavailable
from server.db import assert_outside_transaction
from server.http.outside import Session, open_session
from server.kyc.answers import read_bounded
from server.kyc.screening_port import Listed, Screened

CALL_S = 20
ANSWER_BYTES_MAX = 8 * 1024 * 1024
QUERIES_MAX = 50
"""People in one call."""
CANDIDATES_MAX = 10
VALUES_MAX = 20
VALUE_CHARS_MAX = 200
VERSION_KEPT = timedelta(minutes=10)
"""The catalog is asked for once in so long."""
log = structlog.get_logger()


class Yente:
    """A service of ours or of OpenSanctions; `key` is empty for one of ours."""

    def __init__(self, *, url: str, dataset: str, key: str, clock: Clock) -> None:
        self._url = url.rstrip("/")
        self._dataset = dataset
        self._key = key
        self._clock = clock
        self._version = ""
        self._version_until = EPOCH
        self._session: Session | None = None

    async def read_version(self) -> str:
        """The version of the dataset, as it was served a few minutes ago at most."""
        now = self._clock.now()
        if now >= self._version_until:
            self._version = await self._find_version()
            self._version_until = now + VERSION_KEPT
        return self._version

    async def _find_version(self) -> str:
        catalog = await self._call("GET", "/catalog")
        datasets = catalog.get("datasets")
        for dataset in datasets if isinstance(datasets, list) else ():
            if isinstance(dataset, dict) and dataset.get("name") == self._dataset:
                version = dataset.get("index_version") or dataset.get("version")
                if isinstance(version, str) and version:
                    return hashlib.sha256(version.encode()).hexdigest()
        raise self._refuse("no_version")

    async def screen(self, people: Sequence[Screened]) -> list[list[Listed]]:
        """The candidates that the service calls a match, for each of the people."""
        found: list[list[Listed]] = []
        for start in range(0, len(people), QUERIES_MAX):
            found += await self._match(people[start : start + QUERIES_MAX])
        return found

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _match(self, people: Sequence[Screened]) -> list[list[Listed]]:
        queries = {
            str(number): {
                "schema": "Person",
                "properties": {
                    "name": [person.full_name],
                    "birthDate": [person.birth_date],
                    "country": [person.country.lower()],
                },
            }
            for number, person in enumerate(people)
        }
        path = f"/match/{quote(self._dataset, safe='')}?limit={CANDIDATES_MAX}"
        answer = await self._call("POST", path, {"queries": queries})
        try:
            responses = answer["responses"]
            return [
                [
                    _read_candidate(self._dataset, candidate)
                    for candidate in self._expect(responses[str(number)])["results"]
                    if candidate["match"]
                ]
                for number in range(len(people))
            ]
        except (KeyError, TypeError, AttributeError) as error:
            raise self._refuse("malformed") from error

    def _expect(self, response: Mapping[str, Any]) -> Mapping[str, Any]:
        if response.get("status", 200) != 200:
            raise self._refuse("partial")
        return response

    async def _call(self, method: str, path: str, asked: Any = None) -> dict[str, Any]:
        assert_outside_transaction()
        if self._session is None:
            timeout = aiohttp.ClientTimeout(total=CALL_S)
            self._session = open_session([self._url], timeout=timeout)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            headers["Authorization"] = f"ApiKey {self._key}"
        body = None if asked is None else orjson.dumps(asked)
        try:
            async with self._session.request(
                method, self._url + path, data=body, headers=headers, allow_redirects=False
            ) as reply:
                if reply.status != 200:
                    raise self._refuse(str(reply.status))
                content = await read_bounded(reply, ANSWER_BYTES_MAX)
                answer = orjson.loads(content)
        except (aiohttp.ClientError, TimeoutError, orjson.JSONDecodeError) as error:
            raise self._refuse(type(error).__name__) from error
        if not isinstance(answer, dict):
            raise self._refuse("malformed")
        return answer

    def _refuse(self, problem: str) -> Unavailable:
        log.warning("screening_failed", problem=problem)
        return Unavailable(retry_after_s=60)


def _read_candidate(dataset: str, candidate: Mapping[str, Any]) -> Listed:
    properties = candidate.get("properties") or {}

    def values(*names: str) -> tuple[str, ...]:
        found = [
            value[:VALUE_CHARS_MAX]
            for name in names
            for value in properties.get(name) or ()
            if isinstance(value, str)
        ]
        return tuple(dict.fromkeys(found))[:VALUES_MAX]

    return Listed(
        source=dataset,
        entry_id=str(candidate["id"])[:VALUE_CHARS_MAX],
        names=(str(candidate["caption"])[:VALUE_CHARS_MAX], *values("name", "alias")),
        birth_dates=values("birthDate"),
        countries=values("nationality", "citizenship", "country"),
        topics=values("topics"),
    )
