"""Fields of requests that several parts take."""

from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from server.core.money import AMOUNT_MICRO_MAX, USDT_DECIMALS, DecimalError, parse_decimal

YEAR_MIN, YEAR_MAX = 1971, 9998
"""Times that identifiers can carry, whatever the zone."""


class UsdtAmount(fields.Field[int]):
    """A positive amount of USDT as a decimal string; micro-units inside."""

    def __init__(self, *, amount_max_micro: int = AMOUNT_MICRO_MAX, **options: Any) -> None:
        metadata = {"type": "string", "example": "12.500000", **options.pop("metadata", {})}
        super().__init__(metadata=metadata, **options)
        self.amount_max_micro = amount_max_micro

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not isinstance(value, str):
            raise ValidationError("Write the amount as a decimal string.")
        try:
            amount = parse_decimal(value, USDT_DECIMALS)
        except DecimalError as error:
            raise ValidationError(f"This is {error}.") from None
        if amount == 0:
            raise ValidationError("The amount must be more than zero.")
        if amount > self.amount_max_micro:
            raise ValidationError("The amount is too large.")
        return amount


class Word(fields.String):
    """A code or an identifier that the database is asked for: visible ASCII, as MariaDB compares
    columns of codes with no other text."""

    def __init__(self, chars_max: int, **options: Any) -> None:
        visible = validate.Regexp(r"\A[!-~]*\Z", error="Use visible ASCII characters.")
        super().__init__(validate=[validate.Length(1, chars_max), visible], **options)


class Instant(fields.AwareDateTime):
    """An RFC 3339 time with its zone; UTC inside."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="iso", **options)

    def _deserialize(self, value: Any, *given: Any, **options: Any) -> datetime:
        instant: datetime = super()._deserialize(value, *given, **options)
        if not YEAR_MIN <= instant.year <= YEAR_MAX:
            raise ValidationError("This time is out of range.")
        return instant.astimezone(UTC)
