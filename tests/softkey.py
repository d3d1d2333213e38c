"""An authenticator app and a passkey in software, for tests: real codes, real CBOR, real ES256."""

import base64
import hashlib
import json
import os
import struct

import cbor2
import pyotp
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from server.core.clock import to_micros

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def b64(raw):
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class App:
    """An authenticator app that knows one secret and reads the test's clock."""

    def __init__(self, secret, clock):
        self.totp = pyotp.TOTP(secret)
        self.clock = clock

    def code(self, steps=0):
        """The code of now, or of so many steps from now."""
        return self.totp.at(to_micros(self.clock.now()) // 1_000_000 + 30 * steps)

    def wrong(self):
        """Six digits that are not the code of now or of a neighbouring step."""
        near = {self.code(-1), self.code(), self.code(1)}
        return next(f"{number:06}" for number in range(10) if f"{number:06}" not in near)


class SoftKey:
    """A passkey: one credential on one authenticator."""

    def __init__(self, *, origin="http://localhost:8080", domain="localhost", counts=True):
        self.origin = origin
        self.domain = domain
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.credential_id = os.urandom(32)
        self.user_handle = None
        self.count = 0
        self.counts = counts
        self.flags = PRESENT | VERIFIED

    def create(self, options, **changes):
        """What navigator.credentials.create() gives for these options."""
        self.user_handle = unb64(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = {
            1: 2,
            3: -7,
            -1: 1,
            -2: numbers.x.to_bytes(32, "big"),
            -3: numbers.y.to_bytes(32, "big"),
        }
        attested = (
            bytes(16)
            + struct.pack(">H", len(self.credential_id))
            + self.credential_id
            + cbor2.dumps(cose)
        )
        said = self._authenticator_data(ATTESTED) + attested
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": said})
        return self._credential(
            {
                "clientDataJSON": b64(self._client_data("webauthn.create", options, **changes)),
                "attestationObject": b64(attestation),
                "transports": ["internal", "hybrid"],
            }
        )

    def answer(self, options, *, handle=True, **changes):
        """What navigator.credentials.get() gives for these options."""
        client_data = self._client_data("webauthn.get", options, **changes)
        said = self._authenticator_data(0)
        signed = said + hashlib.sha256(client_data).digest()
        response = {
            "clientDataJSON": b64(client_data),
            "authenticatorData": b64(said),
            "signature": b64(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
        }
        if handle:
            response["userHandle"] = b64(self.user_handle)
        return self._credential(response)

    def _credential(self, response):
        name = b64(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": response,
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
        }

    def _client_data(self, kind, options, **changes):
        told = {
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": False,
            **changes,
        }
        return json.dumps(told).encode()

    def _authenticator_data(self, more_flags):
        self.count += self.counts
        domain = hashlib.sha256(self.domain.encode()).digest()
        return domain + bytes([self.flags | more_flags]) + struct.pack(">I", self.count)
