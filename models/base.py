"""Column types, naming convention and the declarative base."""

import enum
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, LargeBinary, MetaData, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator, TypeEngine

from server.core.clock import from_micros, to_micros

MARIADB = ("mysql", "mariadb")


class Id(TypeDecorator[UUID]):
    """A UUID kept as its 16 bytes."""

    impl = LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """BINARY(16) where there is one, a blob elsewhere."""
        if dialect.name in MARIADB:
            return dialect.type_descriptor(mysql.BINARY(16))
        return dialect.type_descriptor(LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        """The bytes of the identifier."""
        return None if value is None else value.bytes

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:  # noqa: ARG002
        """The identifier of the bytes."""
        return None if value is None else UUID(bytes=bytes(value))


class Instant(TypeDecorator[datetime]):
    """A UTC-aware instant kept as microseconds since the epoch.

    Both databases drop the zone of a timestamp and one of them its fraction; an integer loses
    nothing and compares as it should.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        """The microseconds of the instant."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """The instant of the microseconds."""
        return None if value is None else from_micros(int(value))


class Digest(TypeDecorator[bytes]):
    """Bytes of a fixed or bounded length, compared byte by byte."""

    impl = LargeBinary
    cache_ok = True

    def __init__(self, length: int = 32) -> None:
        super().__init__(length)
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """VARBINARY, because a BLOB cannot be a key in MariaDB."""
        if dialect.name in MARIADB:
            return dialect.type_descriptor(mysql.VARBINARY(self.length))
        return dialect.type_descriptor(LargeBinary(self.length))


def word(length: int) -> TypeEngine[str]:
    """A short ASCII code, compared byte by byte; other collations ignore spaces at the end."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="ascii", collation="ascii_nopad_bin"), *MARIADB
    )


def text(length: int) -> TypeEngine[str]:
    """Text of people, any script, compared byte by byte."""
    return String(length).with_variant(
        mysql.VARCHAR(length, charset="utf8mb4", collation="utf8mb4_nopad_bin"), *MARIADB
    )


LONG_TEXT = Text().with_variant(
    mysql.MEDIUMTEXT(charset="utf8mb4", collation="utf8mb4_nopad_bin"), *MARIADB
)
"""JSON or prose without a tight bound."""
BLOB = LargeBinary().with_variant(mysql.MEDIUMBLOB(), *MARIADB)
"""Ciphertext and stored replies."""


def one_of(column: str, kinds: type[enum.StrEnum]) -> CheckConstraint:
    """A constraint that `column` holds one of the values of `kinds`."""
    listed = ", ".join(f"'{kind.value}'" for kind in kinds)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


class Base(DeclarativeBase):
    """The base of every table."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
