"""Access tokens: what is accepted, and every crafted variant that is not."""

import base64
import hashlib
import hmac
import json
import uuid

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from server.core.clock import ManualClock, to_micros
from server.core.refusals import Unauthenticated
from server.http.endpoint import Actor
from server.identity.revocations import Revocations
from server.identity.tokens import AccessTokens

KEY, OLD_KEY = b"k" * 32, b"o" * 32
ALICE = Actor(uuid.UUID(int=1), uuid.UUID(int=2), "user")


class Setup:
    def __init__(self, **options):
        self.clock = ManualClock()
        self.revocations = Revocations(self.clock)
        self.tokens = AccessTokens(
            {"new": KEY, "old": OLD_KEY}, self.clock, self.revocations, **options
        )

    @property
    def now_s(self):
        return to_micros(self.clock.now()) // 1_000_000

    def claims(self, **changes):
        claims = {
            "iss": "iqx",
            "aud": "iqx-api",
            "sub": str(ALICE.user_id),
            "sid": str(ALICE.session_id),
            "role": "user",
            "typ": "access",
            "iat": self.now_s,
            "exp": self.now_s + 900,
            **changes,
        }
        return {name: value for name, value in claims.items() if value is not None}


def b64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def forge(claims, header=None, key=KEY, digest=hashlib.sha256):
    """A token made by hand, so that no library corrects it."""
    head = b64(json.dumps(header or {"alg": "HS256", "kid": "new", "typ": "JWT"}).encode())
    body = b64(claims if isinstance(claims, bytes) else json.dumps(claims).encode())
    return f"{head}.{body}.{b64(hmac.new(key, f'{head}.{body}'.encode(), digest).digest())}"


def head(**changes):
    return {"alg": "HS256", "kid": "new", "typ": "JWT", **changes}


def test_issued_token_names_its_actor():
    setup = Setup()
    assert setup.tokens.authenticate(setup.tokens.issue(ALICE)) == ALICE


def test_token_made_by_hand_as_we_make_it_is_accepted():
    setup = Setup()
    assert setup.tokens.authenticate(forge(setup.claims())) == ALICE


def test_token_of_an_older_key_is_accepted():
    setup = Setup()
    token = forge(setup.claims(), head(kid="old"), OLD_KEY)
    assert setup.tokens.authenticate(token) == ALICE


def rs256(setup):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return jwt.encode(setup.claims(), key, algorithm="RS256", headers={"kid": "new"})


def es256(setup):
    key = ec.generate_private_key(ec.SECP256R1())
    return jwt.encode(setup.claims(), key, algorithm="ES256", headers={"kid": "new"})


def hmac_with_a_public_key(setup):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return forge(setup.claims(), key=public)


def unsigned(setup, alg):
    token = forge(setup.claims(), head(alg=alg))
    return token.rpartition(".")[0] + "."


def other_last_bits(setup):
    token = forge(setup.claims())
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + letters[letters.index(token[-1]) ^ 1]


def tampered_body(setup):
    first, _, last = forge(setup.claims()).split(".")
    return f"{first}.{b64(json.dumps(setup.claims(role='admin')).encode())}.{last}"


CRAFTED = {
    "alg none": lambda s: unsigned(s, "none"),
    "alg None": lambda s: unsigned(s, "None"),
    "alg none with a signature": lambda s: forge(s.claims(), head(alg="none")),
    "alg HS512": lambda s: forge(s.claims(), head(alg="HS512"), digest=hashlib.sha512),
    "alg HS384": lambda s: forge(s.claims(), head(alg="HS384"), digest=hashlib.sha384),
    "alg missing": lambda s: forge(s.claims(), {"kid": "new", "typ": "JWT"}),
    "alg RS256": rs256,
    "alg ES256": es256,
    "HMAC with a public key": hmac_with_a_public_key,
    "another key": lambda s: forge(s.claims(), key=b"x" * 32),
    "key of another kid": lambda s: forge(s.claims(), head(kid="old")),
    "empty key": lambda s: forge(s.claims(), key=b""),
    "kid unknown": lambda s: forge(s.claims(), head(kid="newer")),
    "kid missing": lambda s: forge(s.claims(), {"alg": "HS256", "typ": "JWT"}),
    "kid a path": lambda s: forge(s.claims(), head(kid="../../dev/null"), b""),
    "kid SQL": lambda s: forge(s.claims(), head(kid="x' UNION SELECT 'k"), b"k"),
    "kid a number": lambda s: forge(s.claims(), head(kid=0)),
    "kid a list": lambda s: forge(s.claims(), head(kid=["new"])),
    "jku": lambda s: forge(s.claims(), head(jku="https://evil.example/keys")),
    "x5u": lambda s: forge(s.claims(), head(x5u="https://evil.example/chain")),
    "jwk": lambda s: forge(s.claims(), head(jwk={"kty": "oct", "k": b64(KEY)})),
    "crit": lambda s: forge(s.claims(), head(crit=["exp"])),
    "typ refresh in the header": lambda s: forge(s.claims(), head(typ="refresh")),
    "empty signature": lambda s: unsigned(s, "HS256"),
    "no signature": lambda s: forge(s.claims()).rpartition(".")[0],
    "signature cut": lambda s: forge(s.claims())[:-4],
    "signature spelled otherwise": other_last_bits,
    "padding": lambda s: forge(s.claims()) + "=",
    "body changed": tampered_body,
    "exp missing": lambda s: forge(s.claims(exp=None)),
    "exp past": lambda s: forge(s.claims(iat=s.now_s - 900, exp=s.now_s)),
    "exp far": lambda s: forge(s.claims(exp=s.now_s + 901)),
    "exp a float": lambda s: forge(s.claims(exp=s.now_s + 1.5)),
    "exp a text": lambda s: forge(s.claims(exp=str(s.now_s + 900))),
    "exp infinite": lambda s: forge(json.dumps(s.claims(exp=float("inf"))).encode()),
    "exp true": lambda s: forge(s.claims(exp=True)),
    "iat missing": lambda s: forge(s.claims(iat=None)),
    "iat in the future": lambda s: forge(s.claims(iat=s.now_s + 60)),
    "nbf in the future": lambda s: forge(s.claims(nbf=s.now_s + 60)),
    "iss wrong": lambda s: forge(s.claims(iss="evil")),
    "iss missing": lambda s: forge(s.claims(iss=None)),
    "aud wrong": lambda s: forge(s.claims(aud="other-api")),
    "aud a list": lambda s: forge(s.claims(aud=["iqx-api", "other"])),
    "aud missing": lambda s: forge(s.claims(aud=None)),
    "sub missing": lambda s: forge(s.claims(sub=None)),
    "sub a number": lambda s: forge(s.claims(sub=1)),
    "sub no identifier": lambda s: forge(s.claims(sub="admin")),
    "sid missing": lambda s: forge(s.claims(sid=None)),
    "role unknown": lambda s: forge(s.claims(role="root")),
    "role a list": lambda s: forge(s.claims(role=["admin"])),
    "refresh used as access": lambda s: forge(s.claims(typ="refresh")),
    "second factor pending used as full": lambda s: forge(s.claims(typ="second-factor")),
    "claim too many": lambda s: forge(s.claims(admin=True)),
    "body a list": lambda s: forge(b"[]"),
    "body no JSON": lambda s: forge(b"{"),
    "body deep": lambda s: forge(b"[" * 300 + b"]" * 300),
    "too long": lambda s: forge(s.claims(sub="x" * 2000)),
    "empty": lambda s: "",
    "dots": lambda s: "..",
    "five parts": lambda s: forge(s.claims()) + ".a.b",
    "not ASCII": lambda s: forge(s.claims()) + "é",
    "spaces": lambda s: " " + forge(s.claims()),
}


@pytest.mark.parametrize("variant", CRAFTED)
def test_crafted_token_is_refused(variant):
    setup = Setup()
    with pytest.raises(Unauthenticated):
        setup.tokens.authenticate(CRAFTED[variant](setup))


def test_token_ends_by_the_injected_clock():
    setup = Setup()
    token = setup.tokens.issue(ALICE)
    setup.clock.advance(minutes=14, seconds=59)
    assert setup.tokens.authenticate(token) == ALICE
    setup.clock.advance(seconds=1)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            setup.tokens.authenticate(token)


def test_token_of_a_revoked_session_is_refused_although_it_was_remembered():
    setup = Setup()
    token = setup.tokens.issue(ALICE)
    setup.tokens.authenticate(token)
    setup.revocations.add(ALICE.session_id, setup.clock.now())
    with pytest.raises(Unauthenticated):
        setup.tokens.authenticate(token)


def test_revocation_ends_one_session_only():
    setup = Setup()
    other = Actor(ALICE.user_id, uuid.UUID(int=3), "user")
    token = setup.tokens.issue(other)
    setup.revocations.add(ALICE.session_id, setup.clock.now())
    assert setup.tokens.authenticate(token) == other


def test_remembered_tokens_are_bounded():
    setup = Setup(cached_max=3)
    tokens = []
    for number in range(10):
        actor = Actor(ALICE.user_id, uuid.UUID(int=number), "user")
        tokens.append((setup.tokens.issue(actor), actor))
        setup.tokens.authenticate(tokens[-1][0])
    assert len(setup.tokens._verified) == len(setup.tokens._by_session) == 3
    for token, actor in tokens:
        assert setup.tokens.authenticate(token) == actor


def test_refused_token_is_not_remembered():
    setup = Setup()
    with pytest.raises(Unauthenticated):
        setup.tokens.authenticate(forge(setup.claims(iss="evil")))
    assert len(setup.tokens._verified) == 0


def test_end_of_a_token_is_told_for_sockets():
    setup = Setup()
    actor, ends_s = setup.tokens.authenticate_until(setup.tokens.issue(ALICE))
    assert (actor, ends_s) == (ALICE, setup.now_s + 900)
