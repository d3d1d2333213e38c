"""What a payment method is made of, as data files and administrators write it."""

import re
from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from models.identity import Reversibility, Speed
from server.core.money import is_currency
from server.markets.bank_hours import is_calendar
from server.markets.rail_kinds import READERS, VALUE_CHARS_MAX

LANGUAGES = ("en", "vi")
"""The languages in which every label of the data files is written; English is the fallback."""
COUNTRY = r"\A[A-Z]{2}\Z"
OPTIONS_MAX = 200
_PLACE = re.compile(r"\{([a-z0-9_]+)\}")


def _check_zone(zone: str) -> None:
    if zone not in available_timezones():
        raise ValidationError("There is no such time zone.")


def _check_calendar(code: str) -> None:
    if not is_calendar(code):
        raise ValidationError("There is no such calendar of holidays.")


def _check_currency(code: str) -> None:
    if not is_currency(code):
        raise ValidationError("There is no such currency.")


class Label(fields.Field[dict[str, str]]):
    """Text by language; a plain text is English."""

    def _deserialize(self, value: Any, *_rest: Any, **_more: Any) -> dict[str, str]:
        written = {"en": value} if isinstance(value, str) else value
        if not isinstance(written, Mapping) or "en" not in written:
            raise ValidationError("Write it in English at least.")
        if not all(isinstance(text, str) and 0 < len(text) <= 80 for text in written.values()):
            raise ValidationError("Write 1 to 80 characters in each language.")
        return dict(written)


class OptionSchema(Schema):
    """One value that a field of the kind `choice` offers."""

    value = fields.String(required=True, validate=validate.Regexp(r"\A[A-Za-z0-9._-]{1,40}\Z"))
    label = Label(required=True)


class RailFieldSchema(Schema):
    """One field of an account on a rail."""

    name = fields.String(required=True, validate=validate.Regexp(r"\A[a-z][a-z0-9_]{0,31}\Z"))
    label = Label(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(tuple(READERS)))
    required = fields.Boolean(load_default=True)
    length_min = fields.Integer(
        load_default=1, strict=True, validate=validate.Range(1, VALUE_CHARS_MAX)
    )
    length_max = fields.Integer(
        load_default=80, strict=True, validate=validate.Range(1, VALUE_CHARS_MAX)
    )
    pattern = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 200))
    """A regular expression for the whole value as it is stored."""
    mask = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 60))
    """How a form groups what is typed: # a digit, A a letter, * either; the rest is shown."""
    countries = fields.List(fields.String(validate=validate.Regexp(COUNTRY)), load_default=list)
    """The countries of telephone numbers or IBANs; empty is any. The first one needs no prefix."""
    mobile = fields.Boolean(load_default=False)
    """Whether a telephone must be a mobile one."""
    prefix = fields.String(load_default="", validate=validate.OneOf(("", "@", "$")))
    """The sign in front of a handle."""
    bank = fields.String(load_default="", validate=validate.Regexp(r"\A([0-9]{3})?\Z"))
    """The bank that the check digit of a Nigerian number counts in."""
    options = fields.List(
        fields.Nested(OptionSchema), load_default=list, validate=validate.Length(0, OPTIONS_MAX)
    )
    identifies = fields.Boolean(load_default=True)
    """Whether it tells one account from another, as a number does and a holder's name does not."""
    space = fields.String(load_default=None, allow_none=True, validate=validate.Length(1, 80))
    """Where the value alone names the account, on whatever rail: `iban`, `vn-bank:{bank}`."""

    @validates_schema
    def check_parts(self, values: Mapping[str, Any], **_more: Any) -> None:
        """The parts of a field have to agree with its kind."""
        if values["length_min"] > values["length_max"]:
            raise ValidationError("The least length is above the largest.", "length_min")
        if (values["kind"] == "choice") != bool(values["options"]):
            raise ValidationError("A choice has options, and nothing else has.", "options")
        if (values["kind"] == "nuban") != bool(values["bank"]):
            raise ValidationError("A Nigerian number names its bank.", "bank")
        try:
            re.compile(values["pattern"] or "")
        except re.error:
            raise ValidationError("This is no regular expression.", "pattern") from None


class HoursSchema(Schema):
    """When the banks of a rail work."""

    zone = fields.String(required=True, validate=_check_zone)
    holidays = fields.String(required=True, validate=_check_calendar)
    """The calendar whose holidays are free: a country, or `XECB` for TARGET."""
    days = fields.List(
        fields.Integer(strict=True, validate=validate.Range(1, 7)),
        required=True,
        validate=validate.Length(1, 7),
    )
    """Days of the week; Monday is 1."""
    opens = fields.String(required=True, validate=validate.Regexp(r"\A([01]\d|2[0-3]):[0-5]\d\Z"))
    closes = fields.String(required=True, validate=validate.Regexp(r"\A([01]\d|2[0-3]):[0-5]\d\Z"))

    @validates_schema
    def check_order(self, values: Mapping[str, Any], **_more: Any) -> None:
        """A bank opens before it closes."""
        if values["opens"] >= values["closes"]:
            raise ValidationError("It has to open before it closes.", "opens")


class RailSchema(Schema):
    """A payment method."""

    id = fields.String(required=True, validate=validate.Regexp(r"\A[a-z][a-z0-9-]{1,39}\Z"))
    name = fields.String(required=True, validate=validate.Length(1, 80))
    currency = fields.String(required=True, validate=_check_currency)
    region = fields.String(required=True, validate=validate.Regexp(COUNTRY))
    reversibility = fields.String(
        required=True, validate=validate.OneOf([each.value for each in Reversibility])
    )
    speed = fields.String(
        load_default=Speed.INSTANT.value, validate=validate.OneOf([each.value for each in Speed])
    )
    hours = fields.Nested(HoursSchema, load_default=None, allow_none=True)
    """None for a rail that moves money at any hour."""
    fields_ = fields.List(
        fields.Nested(RailFieldSchema),
        required=True,
        data_key="fields",
        validate=validate.Length(1, 12),
    )

    @validates_schema
    def check_fields(self, values: Mapping[str, Any], **_more: Any) -> None:
        """Names are unique, something identifies, and spaces are made of other fields."""
        rail_fields = values["fields_"]
        names = [each["name"] for each in rail_fields]
        if len(set(names)) != len(names):
            raise ValidationError("Two fields have one name.", "fields")
        certain = {each["name"] for each in rail_fields if each["required"]}
        if not any(each["identifies"] and each["name"] in certain for each in rail_fields):
            raise ValidationError("A required field has to identify the account.", "fields")
        spaces = [each for each in rail_fields if each["space"]]
        for each in spaces:
            if not {each["name"], *_PLACE.findall(each["space"])} <= certain:
                raise ValidationError("A space is made of required fields.", "fields")
        if len(spaces) > 1:
            raise ValidationError("One field at most names the account alone.", "fields")


def fill_space(space: str, details: Mapping[str, str]) -> str:
    """A space with the values of the fields that it names."""
    return _PLACE.sub(lambda place: details[place[1]], space)
