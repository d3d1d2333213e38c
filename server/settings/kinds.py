"""Kinds of settings, as they are written in the environment."""

import ipaddress
import re
from typing import Any

from marshmallow import ValidationError, fields, validate
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

PREFIX = "IQX_"
SECRET_CHARS_MIN = 32
DEVELOPMENT_SECRET = "development-only-" + "0" * 32
"""What the secrets are when nothing is set; production refuses it."""
PORT_RANGE = validate.Range(0, 65535)
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_APP_ORIGIN = re.compile(r"android:apk-key-hash:[A-Za-z0-9_-]{43}")
DOMAIN = r"[a-z0-9]([a-z0-9.-]{0,250}[a-z0-9])?\Z"
"""The pattern of a host name."""


def declare_setting(kind: fields.Field[Any], default: Any, meaning: str) -> fields.Field[Any]:
    """A setting of `kind`; a default of None depends on the environment's kind."""
    kind.load_default = default
    kind.required = False
    kind.metadata = {"meaning": meaning}
    return kind


class Names(fields.Field[tuple[str, ...]]):
    """Comma-separated names."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> tuple[str, ...]:
        return tuple(part.strip() for part in str(value).split(",") if part.strip())


class Origins(Names):
    """Origins as browsers write them; never `*` or `null`."""

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> tuple[str, ...]:
        origins = super()._deserialize(value, *rest, **options)
        for origin in origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValidationError(
                    f"{origin} is not an origin: write https://name or http://name:port."
                )
        return origins


class PasskeyOrigins(Names):
    """Origins of pages, and of Android apps by the hash of their signing key."""

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> tuple[str, ...]:
        origins = super()._deserialize(value, *rest, **options)
        for origin in origins:
            if not (_ORIGIN.fullmatch(origin) or _APP_ORIGIN.fullmatch(origin)):
                raise ValidationError(
                    f"{origin} is not an origin: write https://name or android:apk-key-hash:HASH."
                )
        return origins


class Addresses(Names):
    """IP addresses."""

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> tuple[str, ...]:
        names = super()._deserialize(value, *rest, **options)
        try:
            return tuple(str(ipaddress.ip_address(name)) for name in names)
        except ValueError as error:
            raise ValidationError(f"{error}.") from None


class Countries(Names):
    """Countries as two capital letters (ISO 3166)."""

    def _deserialize(self, value: Any, *rest: Any, **options: Any) -> tuple[str, ...]:
        names = super()._deserialize(value, *rest, **options)
        for name in names:
            if not re.fullmatch(r"[A-Z]{2}", name):
                raise ValidationError(f"{name} is not a country: write two capital letters.")
        return names


class DatabaseUrl(fields.Field[str]):
    """A URL of one of the two supported drivers."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        try:
            driver = make_url(str(value)).drivername
        except ArgumentError:
            raise ValidationError("This is not a database URL.") from None
        if driver not in ("sqlite+aiosqlite", "mysql+aiomysql"):
            raise ValidationError("Use sqlite+aiosqlite:// or mysql+aiomysql://.")
        return str(value)


class Keys(fields.Field[dict[str, str]]):
    """`name:secret,name:secret`; the first one signs and seals, all of them open."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, str]:
        keys: dict[str, str] = {}
        for entry in str(value).split(","):
            name, _sep, secret = entry.strip().partition(":")
            if not name or len(secret) < SECRET_CHARS_MIN:
                raise ValidationError(
                    f"Write name:secret with at least {SECRET_CHARS_MIN} characters of secret."
                )
            keys[name] = secret
        return keys


class Pairs(fields.Field[dict[str, str]]):
    """`name=value,name=value`."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> dict[str, str]:
        pairs: dict[str, str] = {}
        for entry in str(value).split(","):
            name, sign, text = entry.strip().partition("=")
            if entry.strip() and not (name and sign and text):
                raise ValidationError("Write name=value, separated by commas.")
            if name:
                pairs[name] = text
        return pairs
