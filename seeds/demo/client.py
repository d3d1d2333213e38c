"""A client of the HTTP interface: keys, tokens, patience, and a measure of each order."""

import asyncio
from typing import Any, NamedTuple

import aiohttp

from seeds.demo.tally import Tally

TRIES_MAX = 8
"""Attempts at one request; a repeated one carries the same key."""
PAGES_MAX = 200
TIMEOUT_S = 20
PAUSE_S = 0.25
WRONG = frozenset(
    {
        *("bad_request", "unauthenticated", "forbidden", "not_found", "method_not_allowed"),
        *("too_large", "unsupported_media_type", "invalid", "internal", "read_only"),
        *("idempotency_key_missing", "idempotency_key_invalid", "idempotency_key_reused"),
    }
)
"""Refusals that a correct client never meets."""


class Answer(NamedTuple):
    """A reply's status and body."""

    status: int
    body: Any

    @property
    def ok(self) -> bool:
        """Whether it was done."""
        return self.status < 300

    @property
    def code(self) -> str:
        """The code of a refusal, else nothing."""
        return "" if self.ok else str(self.body["code"])


class Api:
    """The interface as one person, or nobody in particular, uses it."""

    def __init__(self, session: aiohttp.ClientSession, url: str, name: str, tally: Tally) -> None:
        self.url = url
        self.name = name
        self.token = ""
        self.refresh_token = ""
        self.key_prefix = f"demo-{name}"
        """Of the keys of its changes."""
        self.token_life_s = 0
        """In the server's time."""
        self._session = session
        self._tally = tally
        self._keys = 0
        self._renewing = asyncio.Lock()

    async def ask(
        self, method: str, path: str, body: Any = None, *, proof: str | None = None
    ) -> Answer:
        """One request, repeated with its key while the server is busy or cannot be reached."""
        headers = {} if proof is None else {"Step-Up": proof}
        if method != "GET" and not path.startswith(("/auth/", "/quote")):
            self._keys += 1
            headers["Idempotency-Key"] = f"{self.key_prefix}-{self._keys}"
        answer = Answer(0, None)
        for _ in range(TRIES_MAX):
            answer, wait_s = await self._try(method, path, body, headers)
            if answer.status == 401 and self.token and not path.startswith("/auth/"):
                await self.renew()
            elif answer.status not in (0, 429, 503) and answer.code != "idempotency_key_in_flight":
                break
            else:
                await asyncio.sleep(wait_s)
        self._judge(method, path, answer)
        return answer

    async def get(self, path: str) -> Any:
        """The body of a successful read; a refusal is a fault and gives nothing."""
        answer = await self.ask("GET", path)
        if not answer.ok:
            self._tally.faults.add(f"{self.name}: GET {path} gave {answer.status} {answer.code}")
            return {}
        return answer.body

    async def list_all(self, path: str) -> list[Any]:
        """Every item of a list, page by page."""
        items: list[Any] = []
        cursor = None
        mark = "&" if "?" in path else "?"
        for _ in range(PAGES_MAX):
            more = f"&cursor={cursor}" if cursor else ""
            page = await self.get(f"{path}{mark}limit=100{more}")
            items += page.get("items", [])
            cursor = page.get("next_cursor")
            if cursor is None:
                return items
        self._tally.faults.add(f"{self.name}: {path} has more than {PAGES_MAX} pages")
        return items

    async def register(self, email: str, password: str) -> Any:
        """A new account, signed in; the user."""
        body = {"email": email, "password": password, "username": self.name}
        answer = await self.ask("POST", "/auth/register", body)
        if not answer.ok:
            return None
        self._take_tokens(answer.body)
        return answer.body["user"]

    async def sign_in(self, account: dict[str, str]) -> Answer:
        """A session of an account that there is."""
        answer = await self.ask("POST", "/auth/login", account)
        if answer.ok:
            self._take_tokens(answer.body)
        return answer

    async def renew(self) -> bool:
        """The next pair of tokens."""
        used = self.token
        async with self._renewing:
            if self.token != used:
                return True
            answer = await self.ask("POST", "/auth/refresh", {"refresh_token": self.refresh_token})
            if answer.ok:
                self._take_tokens(answer.body)
            return answer.ok

    async def prove_request(
        self, password: str, action: str, method: str, path: str, body: Any = None
    ) -> str | None:
        """A step-up proof for one whole request."""
        request = {"method": method, "path": f"/api/v1{path}"}
        if body is not None:
            request["body"] = body
        asked = {"password": password, "action": action, "request": request}
        answer = await self.ask("POST", "/auth/step-up", asked)
        return str(answer.body["proof"]) if answer.ok else None

    async def prove(
        self, password: str, action: str, trade_id: str, amount: str, version: int
    ) -> str | None:
        """A step-up proof for one act on a trade."""
        body = {
            "password": password,
            "action": action,
            "subject_id": trade_id,
            "amount": amount,
            "version": version,
        }
        answer = await self.ask("POST", "/auth/step-up", body)
        return str(answer.body["proof"]) if answer.ok else None

    def _take_tokens(self, body: Any) -> None:
        self.token = body["access_token"]
        self.refresh_token = body["refresh_token"]
        self.token_life_s = body["expires_in"]

    async def _try(
        self, method: str, path: str, body: Any, headers: dict[str, str]
    ) -> tuple[Answer, float]:
        sent = dict(headers)
        if self.token and not path.startswith("/auth/refresh"):
            sent["Authorization"] = f"Bearer {self.token}"
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        self._tally.requests += 1
        try:
            async with self._session.request(
                method, f"{self.url}/api/v1{path}", json=body, headers=sent
            ) as reply:
                content = await reply.json(content_type=None) if reply.status != 204 else None
                wait_s = float(reply.headers.get("Retry-After", PAUSE_S))
        except (aiohttp.ClientConnectionError, TimeoutError):
            return Answer(0, {"code": "unreachable"}), PAUSE_S
        if reply.status == 201 and path.startswith("/orders"):
            self._tally.latencies_s.append(loop.time() - began_s)
        return Answer(reply.status, content), min(wait_s, 2 * PAUSE_S)

    def _judge(self, method: str, path: str, answer: Answer) -> None:
        if answer.status and answer.ok:
            return
        self._tally.refused[answer.code] += 1
        if answer.status in (0, 500, 502, 504) or answer.code in WRONG:
            errors = answer.body.get("errors") or ""
            self._tally.faults.add(
                f"{self.name}: {method} {path} gave {answer.status} {answer.code} {errors}"
            )


def open_session() -> aiohttp.ClientSession:
    """The connections of all clients."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0),
        timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
    )
