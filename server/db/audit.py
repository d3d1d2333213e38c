"""Writing the audit: a row in the unit of the action, with who asked and from where.

The wrapper of HTTP and the operator's commands say once who acts; services only say what was done.
"""

import enum
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import insert

from models.audit import AuditEntry, AuditPending
from server.db.database import Unit

REASON_CHARS_MAX = 500
OBJECT_CHARS_MAX = 80


class Action(enum.StrEnum):
    """What can be in the audit; the words are searched for and stay."""

    ACCESS_REFUSED = "access_refused"
    """A caller without the permission asked for something of the staff."""
    ADMINISTRATOR_CREATED = "administrator_created"
    AUDIT_READ = "audit_read"
    LEVEL_SET = "level_set"
    """The KYC level."""
    ROLE_CREATED = "role_created"
    ROLE_CHANGED = "role_changed"
    ROLE_DELETED = "role_deleted"
    ROLE_GRANTED = "role_granted"
    ROLE_TAKEN = "role_taken"
    ELEVATION_BEGAN = "elevation_began"
    ELEVATION_ENDED = "elevation_ended"
    PROPOSAL_MADE = "proposal_made"
    PROPOSAL_APPROVED = "proposal_approved"
    PROPOSAL_REJECTED = "proposal_rejected"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    PROPOSAL_EXPIRED = "proposal_expired"
    PROPOSAL_CARRIED_OUT = "proposal_carried_out"
    INDEX_OVERRIDDEN = "index_overridden"
    INDEX_OVERRIDE_ENDED = "index_override_ended"
    TRADE_FROZEN = "trade_frozen"
    """Staff hold a trade's escrow where it is."""
    TRADE_FREEZE_LIFTED = "trade_freeze_lifted"
    EVIDENCE_ENDED = "evidence_ended"
    """Staff ended the time for evidence of a case."""
    CLAIM_FUNDS_HELD = "claim_funds_held"
    CLAIM_APPROVED = "claim_approved"
    """The first of two people agreed to uphold a claim."""
    CLAIM_UPHELD = "claim_upheld"
    CLAIM_REJECTED = "claim_rejected"
    CLAIM_READ = "claim_read"
    SESSION_ENDED = "session_ended"
    API_KEY_MADE = "api_key_made"
    API_KEY_ENDED = "api_key_ended"
    PAYMENT_ACCOUNT_ADDED = "payment_account_added"
    PAYMENT_ACCOUNT_REMOVED = "payment_account_removed"
    PAYMENT_ACCOUNT_FLAGGED = "payment_account_flagged"
    """Somebody tried to add another user's account."""
    PAYMENT_ACCOUNT_FLAG_CLOSED = "payment_account_flag_closed"
    ADDRESS_VERIFIED = "address_verified"
    """A mailbox or a telephone was shown to be the user's."""
    KYC_APPLIED = "kyc_applied"
    KYC_DOCUMENT_ADDED = "kyc_document_added"
    KYC_SUBMITTED = "kyc_submitted"
    KYC_WITHDRAWN = "kyc_withdrawn"
    KYC_CLAIMED = "kyc_claimed"
    KYC_READ = "kyc_read"
    """Somebody on the staff saw who an applicant says he is."""
    KYC_DOCUMENT_READ = "kyc_document_read"
    KYC_FIRST_APPROVED = "kyc_first_approved"
    KYC_APPROVED = "kyc_approved"
    KYC_REJECTED = "kyc_rejected"
    KYC_MORE_ASKED = "kyc_more_asked"
    KYC_EXPIRED = "kyc_expired"
    KYC_PURGED = "kyc_purged"
    RECOVERY_ASKED = "recovery_asked"
    """Somebody who knows the password and reads the mailbox says that every factor is lost."""
    RECOVERY_PROVEN = "recovery_proven"
    """He sent a picture."""
    RECOVERY_CLAIMED = "recovery_claimed"
    RECOVERY_READ = "recovery_read"
    """Somebody on the staff saw who the owner is."""
    RECOVERY_STOPPED = "recovery_stopped"
    RECOVERY_REFUSED = "recovery_refused"
    RECOVERY_EXPIRED = "recovery_expired"
    RECOVERY_COMPLETED = "recovery_completed"
    RECOVERY_PURGED = "recovery_purged"
    SCREENING_HIT = "screening_hit"
    """A user may be somebody on a list."""
    SCREENING_CLAIMED = "screening_claimed"
    SCREENING_READ = "screening_read"
    SCREENING_DECIDED = "screening_decided"
    CHAT_READ = "chat_read"
    """Somebody on the staff saw what the parties of a trade wrote."""
    TRADE_READ_REFUSED = "trade_read_refused"
    """Somebody on the staff asked for what belongs to a trade without a case that is his."""
    CHAT_WRITTEN = "chat_written"
    """Somebody on the staff wrote in a trade's chat."""
    USER_REPORTED = "user_reported"
    USER_REPORT_READ = "user_report_read"
    USER_REPORT_DECIDED = "user_report_decided"
    ANTI_PHISHING_SET = "anti_phishing_set"
    """The word that a user's mails carry."""
    USER_BLOCKED = "user_blocked"
    USER_UNBLOCKED = "user_unblocked"
    USER_TRUSTED = "user_trusted"
    USER_UNTRUSTED = "user_untrusted"
    FACTOR_CHANGED = "factor_changed"
    """A second factor was added, removed or used up for recovery."""
    SIGN_IN_CHANGED = "sign_in_changed"
    """The password, the e-mail address or the telephone number."""
    SWITCH_SET = "switch_set"
    APP_VERSION_SET = "app_version_set"
    """The oldest version of an app that is served."""
    TERMS_ACCEPTED = "terms_accepted"
    ACCOUNT_HELD = "account_held"
    ACCOUNT_RELEASED = "account_released"
    """A hold of an account has ended."""
    ACCOUNT_CLOSED = "account_closed"
    ACCOUNT_ANONYMISED = "account_anonymised"
    SUSPICION_REPORTED = "suspicion_reported"
    SUSPICION_READ = "suspicion_read"
    SUSPICION_DECIDED = "suspicion_decided"
    SANCTION_IMPOSED = "sanction_imposed"
    SANCTION_LIFTED = "sanction_lifted"
    """By people, before its time."""
    SANCTION_ENDED = "sanction_ended"
    SANCTION_APPEALED = "sanction_appealed"
    SANCTION_APPEAL_DECIDED = "sanction_appeal_decided"
    ATTACHMENTS_LISTED = "attachments_listed"
    """Somebody on the staff looked at which files a trade has."""
    ATTACHMENT_READ = "attachment_read"
    """Somebody on the staff opened a file of a trade."""
    LINK_DECIDED = "link_decided"
    """Whether two accounts are one person's."""
    FLAG_RESOLVED = "flag_resolved"
    """The staff found nothing wrong with a trade that was held."""
    PASSPORT_READ = "passport_read"
    """Somebody on the staff had a passport of a trade made."""
    BREACH_SETTLED = "breach_settled"
    DISPUTE_READ = "dispute_read"
    """Somebody on the staff read a whole case."""
    DISPUTE_READ_REFUSED = "dispute_read_refused"
    """Somebody on the staff wanted to read a case that is not his."""
    DISPUTE_ASSIGNED = "dispute_assigned"
    DISPUTE_NOTED = "dispute_noted"
    DISPUTE_RULED = "dispute_ruled"
    RULING_CARRIED_OUT = "ruling_carried_out"
    RULING_AUDITED = "ruling_audited"
    """Somebody looked at a closed case again."""
    DISPUTE_TEXT_WRITTEN = "dispute_text_written"
    EXPORT_ASKED = "export_asked"
    """Somebody wants a copy of everything about him."""
    EXPORT_FETCHED = "export_fetched"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who acts and from where."""

    actor_kind: str
    actor_id: UUID | None = None
    request_id: str | None = None
    ip: str | None = None
    elevation_id: UUID | None = None
    """What he took in an emergency and acts by."""


SYSTEM = Origin("system")
OPERATOR = Origin("operator")
_origin: ContextVar[Origin] = ContextVar("audit_origin", default=SYSTEM)


def set_origin(origin: Origin) -> None:
    """Say who acts in this task from now on."""
    _origin.set(origin)


def note_elevation(elevation_id: UUID | None) -> None:
    """Say that what this task does from now on is done by a role taken in an emergency."""
    origin = _origin.get()
    if elevation_id is not None and origin.elevation_id is None:
        _origin.set(replace(origin, elevation_id=elevation_id))


def current_origin() -> Origin:
    """Who acts in this task."""
    return _origin.get()


async def record_audit(
    unit: Unit,
    action: Action,
    object_kind: str,
    object_id: UUID | str,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str | None = None,
    origin: Origin | None = None,
) -> UUID:
    """Write one row of the audit with this unit; its identifier.

    `before` and `after` hold JSON-ready values of what changed; what `mask_values` knows as secret
    or personal is masked. `origin` replaces whoever acts in this task, where nobody has signed in
    yet.
    """
    who = origin or _origin.get()
    entry_id = unit.ids.new_id()
    await unit.execute(
        insert(AuditEntry).values(
            id=entry_id,
            created_at=unit.now,
            actor_kind=who.actor_kind,
            actor_id=who.actor_id,
            action=action.value,
            object_kind=object_kind,
            object_id=str(object_id)[:OBJECT_CHARS_MAX],
            before=_write_values(before),
            after=_write_values(after),
            reason=None if reason is None else reason[:REASON_CHARS_MAX],
            request_id=who.request_id,
            ip=who.ip,
            elevation_id=who.elevation_id,
        )
    )
    await unit.execute(insert(AuditPending).values(entry_id=entry_id))
    return entry_id


def _write_values(values: Mapping[str, Any] | None) -> str | None:
    if values is None:
        return None
    return orjson.dumps(mask_values(values), option=orjson.OPT_SORT_KEYS).decode()


SECRET_WORDS = ("password", "secret", "token", "code", "proof", "key", "credential")
PERSONAL_WORDS = ("email", "phone", "holder", "number", "address", "payer_name", "full_name")
MASK = "***"


def mask_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values with secrets hidden and personal ones cut to what tells two apart."""
    return {name: _mask(name, value) for name, value in values.items()}


def _mask(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {inner: _mask(inner, each) for inner, each in value.items()}
    if isinstance(value, list | tuple):
        return [_mask(name, each) for each in value]
    if not isinstance(value, str):
        return value
    if any(word in name for word in SECRET_WORDS):
        return MASK
    if any(word in name for word in PERSONAL_WORDS):
        return _cut(value)
    return value


def _cut(text: str) -> str:
    """The first character and the last two of a longer text; the domain of an address stays."""
    local, at, domain = text.rpartition("@")
    if at:
        return f"{local[:1]}{MASK}@{domain}"
    return f"{text[:1]}{MASK}{text[-2:]}" if len(text) > 6 else MASK
