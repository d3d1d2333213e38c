"""Access tokens: JWT with HS256, short-lived, checked without the database.

Nothing in a token's header is believed but the name of one of our own keys. Time is the injected
clock's. A verified token is remembered until it expires, so that a busy client costs one look-up.
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import jwt
from jwt.utils import base64url_decode, base64url_encode

from server.core.clock import Clock, to_micros
from server.core.refusals import Unauthenticated
from server.http.endpoint import Actor
from server.identity.revocations import Revocations

ALGORITHM = "HS256"
ISSUER = "iqx"
AUDIENCE = "iqx-api"
TYPE = "access"
LIFETIME = timedelta(minutes=15)
SKEW_S = 5
"""How far ahead the clock of the process that issued a token may have been."""
CACHED_MAX = 50_000
TOKEN_CHARS_MAX = 1024
ROLES = frozenset({"user", "support", "admin"})
_HEADER = frozenset({"alg", "typ", "kid"})
_CLAIMS = frozenset({"iss", "aud", "sub", "sid", "role", "typ", "iat", "exp"})
_DECODER = jwt.PyJWT()


class AccessTokens:
    """Issues and checks access tokens; the first of `keys` signs, all of them verify."""

    def __init__(
        self,
        keys: Mapping[str, bytes],
        clock: Clock,
        revocations: Revocations,
        *,
        cached_max: int = CACHED_MAX,
    ) -> None:
        assert keys, "tokens need a key"
        assert all(len(key) >= 32 for key in keys.values()), "a token key has 32 bytes or more"
        self._keys = dict(keys)
        self._active = next(iter(self._keys))
        self._clock = clock
        self._revocations = revocations
        self._cached_max = cached_max
        self._verified: OrderedDict[str, tuple[Actor, int]] = OrderedDict()
        self._by_session: dict[UUID, set[str]] = {}
        revocations.listen(self._forget_session)

    def issue(self, actor: Actor) -> str:
        """A token of 15 minutes for the actor."""
        now_s = self._now_s()
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": str(actor.user_id),
            "sid": str(actor.session_id),
            "role": actor.role,
            "typ": TYPE,
            "iat": now_s,
            "exp": now_s + int(LIFETIME.total_seconds()),
        }
        key = self._keys[self._active]
        return _DECODER.encode(claims, key, algorithm=ALGORITHM, headers={"kid": self._active})

    def authenticate(self, token: str) -> Actor:
        """The actor of a valid token of a living session; refuses `Unauthenticated`."""
        return self.authenticate_until(token)[0]

    def authenticate_until(self, token: str) -> tuple[Actor, int]:
        """As `authenticate`, with the second of the epoch at which the token ends."""
        known = self._verified.get(token)
        if known is None:
            known = self._verify(token)
            self._remember(token, known)
        actor, expires_s = known
        if expires_s <= self._now_s():
            self._forget(token)
            raise Unauthenticated
        if actor.session_id in self._revocations:
            raise Unauthenticated
        return known

    def _now_s(self) -> int:
        return to_micros(self._clock.now()) // 1_000_000

    def _verify(self, token: str) -> tuple[Actor, int]:
        if len(token) > TOKEN_CHARS_MAX or not token.isascii():
            raise Unauthenticated
        try:
            claims = self._decode(token)
            return self._read_claims(claims)
        except (jwt.InvalidTokenError, ValueError, TypeError, KeyError, RecursionError):
            raise Unauthenticated from None

    def _decode(self, token: str) -> dict[str, Any]:
        segments = token.split(".")
        for segment in segments:
            # base64 lets the last bits of a text vary; one token must have one spelling.
            if base64url_encode(base64url_decode(segment)).decode() != segment:
                raise ValueError(segment)
        header = jwt.get_unverified_header(token)
        if header.keys() != _HEADER or header["typ"] != "JWT" or header["alg"] != ALGORITHM:
            raise ValueError("header")
        claims: dict[str, Any] = _DECODER.decode(
            token,
            self._keys[header["kid"]],
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={
                "require": sorted(_CLAIMS),
                # The injected clock decides below; the library would ask the machine's.
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        return claims

    def _read_claims(self, claims: Mapping[str, Any]) -> tuple[Actor, int]:
        issued_s, expires_s = claims["iat"], claims["exp"]
        if (
            claims.keys() != _CLAIMS
            or claims["aud"] != AUDIENCE
            or claims["typ"] != TYPE
            or claims["role"] not in ROLES
            or type(issued_s) is not int
            or type(expires_s) is not int
            or not 0 < expires_s - issued_s <= LIFETIME.total_seconds()
            or issued_s > self._now_s() + SKEW_S
        ):
            raise ValueError("claims")
        actor = Actor(_read_id(claims["sub"]), _read_id(claims["sid"]), claims["role"])
        return actor, expires_s

    def _remember(self, token: str, known: tuple[Actor, int]) -> None:
        if known[1] <= self._now_s() or known[0].session_id in self._revocations:
            return
        self._verified[token] = known
        self._by_session.setdefault(known[0].session_id, set()).add(token)
        if len(self._verified) > self._cached_max:
            self._forget(next(iter(self._verified)))

    def _forget(self, token: str) -> None:
        entry = self._verified.pop(token, None)
        if entry is None:
            return
        tokens = self._by_session[entry[0].session_id]
        tokens.discard(token)
        if not tokens:
            del self._by_session[entry[0].session_id]

    def _forget_session(self, session_id: UUID) -> None:
        for token in tuple(self._by_session.get(session_id, ())):
            self._forget(token)


def _read_id(text: Any) -> UUID:
    parsed = UUID(text)
    if str(parsed) != text:
        raise ValueError("not in canonical form")
    return parsed
