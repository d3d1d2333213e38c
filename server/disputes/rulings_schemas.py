"""What the calls about what is learnt from cases take and give: texts, precedents, second looks."""

from marshmallow import Schema, fields, validate

from models.rulings import Verdict
from server.disputes.staff_rules import list_bands
from server.disputes.staff_schemas import AWARDS, make_instant, make_prose, make_text
from server.http.fields import Instant, Word
from server.http.pages import PageQuery, page_schema

_VERDICTS = validate.OneOf([each.value for each in Verdict])


class CannedTextSchema(Schema):
    """A canned text."""

    name = make_text()
    version = fields.Integer(required=True)
    text_en = make_text()
    text_vi = make_text()
    retired = fields.Boolean(required=True)
    author_id = fields.UUID(required=True)
    created_at = make_instant()


class CannedTextsSchema(Schema):
    """Every canned text that is offered."""

    items = fields.List(fields.Nested(CannedTextSchema), required=True)


class WriteTextSchema(Schema):
    """The next version of a canned text."""

    name = make_text(validate=validate.Regexp(r"\A[a-z][a-z0-9_]{1,39}\Z"))
    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(0, 100_000),
        metadata={"description": "The version that it follows; 0 for a new text."},
    )
    text_en = make_prose()
    text_vi = make_prose()
    retired = fields.Boolean(load_default=False)


class FilledTextSchema(Schema):
    """A canned text filled for a case."""

    name = make_text()
    text_en = make_text()
    text_vi = make_text()


class PrecedentQuery(PageQuery):
    """Which precedents; everything that is given must hold."""

    words = fields.String(load_default=None, validate=validate.Length(1, 200))
    reason = Word(40, load_default=None)
    rail = Word(40, load_default=None)
    outcome = fields.String(load_default=None, validate=AWARDS)
    amount_band = fields.String(load_default=None, validate=validate.OneOf(list_bands()))


class PrecedentSchema(Schema):
    """How a case was decided; whose it was is not kept."""

    id = fields.UUID(required=True)
    reason = make_text()
    rail = make_text()
    outcome = make_text(validate=AWARDS)
    amount_band = make_text(validate=validate.OneOf(list_bands()))
    reason_code = make_text()
    text_en = make_text()
    text_vi = make_text()
    day = fields.Date(required=True)


PRECEDENT_PAGE = page_schema(PrecedentSchema)


class CaseAuditQuery(PageQuery):
    """Open or done second looks."""

    open = fields.Boolean(load_default=True)


class CaseAuditSchema(Schema):
    """A closed case that one is to look at again."""

    id = fields.UUID(required=True)
    case_id = fields.UUID(required=True)
    ruling_id = fields.UUID(required=True)
    open = fields.Boolean(required=True)
    verdict = fields.String(required=True, allow_none=True, validate=_VERDICTS)
    note = fields.String(required=True, allow_none=True)
    drawn_at = make_instant()
    due_at = make_instant()
    decided_at = make_instant(allow_none=True)


CASE_AUDIT_PAGE = page_schema(CaseAuditSchema)


class VerdictSchema(Schema):
    """What a second look finds."""

    verdict = make_text(validate=_VERDICTS)
    note = make_prose()


class StatisticsQuery(Schema):
    """The time that is looked at, 92 days at most; the last 30 days without one."""

    since = Instant(load_default=None)
    until = Instant(load_default=None)


class RulerStatisticsSchema(Schema):
    """What one person did; shares in thousandths."""

    ruler_id = fields.UUID(required=True)
    username = make_text()
    rulings = fields.Integer(required=True)
    first_rulings = fields.Integer(required=True)
    objected = fields.Integer(required=True)
    reversed = fields.Integer(required=True)
    reversal_permille = fields.Integer(required=True, allow_none=True)
    average_waited_s = fields.Integer(required=True)
    average_worked_s = fields.Integer(required=True)
    longest_worked_s = fields.Integer(required=True)
    audited = fields.Integer(required=True)
    disagreed = fields.Integer(required=True)
    disagreed_permille = fields.Integer(required=True, allow_none=True)


class RulersStatisticsSchema(Schema):
    """What everybody who ruled did in a time."""

    since = make_instant()
    until = make_instant()
    items = fields.List(fields.Nested(RulerStatisticsSchema), required=True)
