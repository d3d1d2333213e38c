"""What staff may do: a closed list of permissions, and the roles that group them.

A permission is checked where it is declared, on the endpoint, and nowhere is a role asked for.
The administrator role holds every permission and is fixed here; the other built-in roles are rows
that an administrator edits, and start with what is written here.
"""

import enum
from collections.abc import Iterable
from dataclasses import dataclass


class Permission(enum.StrEnum):
    """One thing that staff may do; `SENTENCES` says it in words."""

    READ_HEALTH = "read_health"
    READ_METRICS = "read_metrics"
    WORK_TICKETS = "work_tickets"
    READ_DISPUTES = "read_disputes"
    WORK_DISPUTES = "work_disputes"
    RULE_DISPUTES = "rule_disputes"
    APPROVE_RULINGS = "approve_rulings"
    ASSIGN_DISPUTES = "assign_disputes"
    AUDIT_DISPUTES = "audit_disputes"
    WRITE_DISPUTE_TEXTS = "write_dispute_texts"
    READ_TRADES = "read_trades"
    REVIEW_KYC = "review_kyc"
    APPROVE_WITHDRAWALS = "approve_withdrawals"
    PROPOSE_INDEX = "propose_index"
    APPROVE_INDEX = "approve_index"
    STOP_SERVICES = "stop_services"
    PROPOSE_RESTART = "propose_restart"
    APPROVE_RESTART = "approve_restart"
    READ_AUDIT = "read_audit"
    READ_PERSONAL = "read_personal"
    READ_STAFF = "read_staff"
    MANAGE_STAFF = "manage_staff"
    MANAGE_ROLES = "manage_roles"
    GRANT_ADMINISTRATOR = "grant_administrator"
    READ_APPROVALS = "read_approvals"
    BREAK_GLASS = "break_glass"
    READ_ELEVATIONS = "read_elevations"
    FREEZE_ACCOUNTS = "freeze_accounts"
    END_SESSIONS = "end_sessions"
    HOLD_LEGALLY = "hold_legally"
    REPORT_SUSPICIONS = "report_suspicions"
    DECIDE_SUSPICIONS = "decide_suspicions"
    DECIDE_SCREENINGS = "decide_screenings"
    WORK_RECOVERIES = "work_recoveries"
    APPROVE_RECOVERIES = "approve_recoveries"
    DECIDE_REPORTS = "decide_reports"
    SANCTION_PEOPLE = "sanction_people"
    APPROVE_CLOSING = "approve_closing"
    REVIEW_LINKS = "review_links"


SENTENCES: dict[Permission, str] = {
    Permission.READ_HEALTH: "Read how each part of the service is, and hear the alarms.",
    Permission.READ_METRICS: "Read the metrics.",
    Permission.WORK_TICKETS: "Work on support tickets and hear their queue.",
    Permission.READ_DISPUTES: "See the queue of disputes and precedents, and read one's own.",
    Permission.WORK_DISPUTES: "Be given disputes by lot, note them and write in their chats.",
    Permission.RULE_DISPUTES: "Rule a dispute that one was given.",
    Permission.APPROVE_RULINGS: "Approve a ruling of somebody else above the limit.",
    Permission.ASSIGN_DISPUTES: "Give a dispute to somebody, with a reason.",
    Permission.AUDIT_DISPUTES: "Look again at closed disputes, and see how those who rule do.",
    Permission.WRITE_DISPUTE_TEXTS: "Write the texts that disputes are answered with.",
    Permission.READ_TRADES: "Read and hear what belongs to a trade about which one has a case.",
    Permission.REVIEW_KYC: "Review identities and hear their queue.",
    Permission.APPROVE_WITHDRAWALS: "Decide withdrawals and hear their queue.",
    Permission.PROPOSE_INDEX: "Propose another price index for a market.",
    Permission.APPROVE_INDEX: "Approve a proposed price index of somebody else.",
    Permission.STOP_SERVICES: "Stop a market, a rail, all trading, releases or withdrawals.",
    Permission.PROPOSE_RESTART: "Propose that something which was stopped goes on.",
    Permission.APPROVE_RESTART: "Approve that of somebody else.",
    Permission.READ_AUDIT: "Search the audit and export its head.",
    Permission.READ_PERSONAL: "See addresses of callers whole where others see their network.",
    Permission.READ_STAFF: "See who works here, with which roles, and what the roles hold.",
    Permission.MANAGE_STAFF: "Give roles to people and take them away.",
    Permission.MANAGE_ROLES: "Make roles and change what they hold.",
    Permission.GRANT_ADMINISTRATOR: "Propose and approve that somebody becomes administrator.",
    Permission.READ_APPROVALS: "See proposals; to decide one, its own permission is needed too.",
    Permission.BREAK_GLASS: "Take a role for a short time in an emergency; everybody is told.",
    Permission.READ_ELEVATIONS: "See who holds a role for a short time, and end it.",
    Permission.FREEZE_ACCOUNTS: "Freeze accounts with a reason, unfreeze them, and see holds.",
    Permission.END_SESSIONS: "Sign a person out everywhere, with a reason.",
    Permission.HOLD_LEGALLY: "Keep everything of a user for an authority, and end that.",
    Permission.REPORT_SUSPICIONS: "Report suspicious activity of a user.",
    Permission.DECIDE_SUSPICIONS: "Read reports of suspicious activity, file or dismiss them.",
    Permission.DECIDE_SCREENINGS: "Decide whether users are those of a list of names.",
    Permission.WORK_RECOVERIES: "Look at recoveries of lost factors, refuse them, propose them.",
    Permission.DECIDE_REPORTS: "Read what users report of one another, and decide it.",
    Permission.APPROVE_RECOVERIES: "Approve a recovery of lost factors that somebody proposed.",
    Permission.SANCTION_PEOPLE: "Give and lift sanctions, decide appeals, propose to close.",
    Permission.REVIEW_LINKS: "See linked accounts and held trades, decide links, end holds.",
    Permission.APPROVE_CLOSING: "Approve that an account is closed, which somebody proposed.",
}
assert SENTENCES.keys() == set(Permission), "every permission has its sentence"

ADMINISTRATOR = "administrator"
RESERVED = frozenset({Permission.GRANT_ADMINISTRATOR})
"""Only the administrator role holds these."""
GIVEN_BY_TWO = frozenset(
    {
        Permission.APPROVE_WITHDRAWALS,
        Permission.WORK_DISPUTES,
        Permission.RULE_DISPUTES,
        Permission.APPROVE_RULINGS,
        Permission.ASSIGN_DISPUTES,
        Permission.PROPOSE_INDEX,
        Permission.APPROVE_INDEX,
        Permission.WORK_RECOVERIES,
        Permission.APPROVE_RECOVERIES,
        Permission.SANCTION_PEOPLE,
        Permission.APPROVE_CLOSING,
        Permission.PROPOSE_RESTART,
        Permission.APPROVE_RESTART,
        Permission.REVIEW_KYC,
        Permission.MANAGE_STAFF,
        Permission.MANAGE_ROLES,
        Permission.BREAK_GLASS,
    }
)
"""What moves other people's money, decides where two people must, or gives or takes such rights.

Nobody gets one of these on one person's word: he could give it to a second account of his own and
be both people at once.
"""
NEVER_BY_ELEVATION = frozenset(
    {
        Permission.MANAGE_STAFF,
        Permission.MANAGE_ROLES,
        Permission.GRANT_ADMINISTRATOR,
        Permission.BREAK_GLASS,
    }
)
"""What an emergency does not give: with these a short time could be made long."""


@dataclass(frozen=True, slots=True)
class BuiltInRole:
    """A role that is there from the start."""

    id: str
    name: str
    permissions: frozenset[Permission]


def _role(role_id: str, name: str, *permissions: Permission) -> BuiltInRole:
    return BuiltInRole(role_id, name, frozenset({Permission.READ_HEALTH, *permissions}))


BUILT_IN_ROLES: dict[str, BuiltInRole] = {
    role.id: role
    for role in (
        _role(
            "support_agent", "Support agent",
            Permission.WORK_TICKETS, Permission.READ_TRADES, Permission.WORK_RECOVERIES,
            Permission.READ_APPROVALS, Permission.END_SESSIONS, Permission.DECIDE_REPORTS,
        ),
        _role(
            "dispute_ruler", "Dispute ruler",
            Permission.READ_DISPUTES, Permission.WORK_DISPUTES, Permission.RULE_DISPUTES,
            Permission.APPROVE_RULINGS, Permission.WRITE_DISPUTE_TEXTS, Permission.READ_TRADES,
            Permission.READ_APPROVALS, Permission.BREAK_GLASS, Permission.SANCTION_PEOPLE,
        ),
        _role(
            "finance", "Finance",
            Permission.APPROVE_WITHDRAWALS, Permission.APPROVE_INDEX, Permission.STOP_SERVICES,
            Permission.APPROVE_RESTART, Permission.READ_APPROVALS, Permission.BREAK_GLASS,
        ),
        _role(
            "compliance", "Compliance",
            Permission.REVIEW_KYC, Permission.READ_TRADES, Permission.READ_AUDIT,
            Permission.READ_PERSONAL, Permission.READ_APPROVALS, Permission.BREAK_GLASS,
            Permission.FREEZE_ACCOUNTS, Permission.HOLD_LEGALLY, Permission.DECIDE_REPORTS,
            Permission.REPORT_SUSPICIONS, Permission.DECIDE_SUSPICIONS,
            Permission.WORK_RECOVERIES, Permission.APPROVE_RECOVERIES,
            Permission.DECIDE_SCREENINGS, Permission.SANCTION_PEOPLE, Permission.APPROVE_CLOSING,
            Permission.REVIEW_LINKS,
            Permission.END_SESSIONS, Permission.STOP_SERVICES, Permission.PROPOSE_RESTART,
            Permission.READ_DISPUTES, Permission.APPROVE_RULINGS, Permission.ASSIGN_DISPUTES,
            Permission.AUDIT_DISPUTES,
        ),
        _role(
            "market_manager", "Market manager",
            Permission.PROPOSE_INDEX, Permission.STOP_SERVICES, Permission.PROPOSE_RESTART,
            Permission.READ_APPROVALS, Permission.BREAK_GLASS,
        ),
        _role(
            "auditor", "Auditor",
            Permission.READ_METRICS, Permission.READ_AUDIT, Permission.READ_STAFF,
            Permission.READ_APPROVALS, Permission.READ_ELEVATIONS, Permission.READ_DISPUTES,
            Permission.AUDIT_DISPUTES,
        ),
        _role(ADMINISTRATOR, "Administrator", *Permission),
    )
}  # fmt: skip


def read_permissions(names: Iterable[str]) -> frozenset[Permission]:
    """The permissions of these names; one that a newer version dropped is left out."""
    known = set(Permission)
    return frozenset(Permission(name) for name in names if name in known)


def coarse_role_of(role_ids: Iterable[str]) -> str:
    """What a person with these roles is in a word: `admin`, `support` (any staff) or `user`."""
    held = set(role_ids)
    if ADMINISTRATOR in held:
        return "admin"
    return "support" if held else "user"
