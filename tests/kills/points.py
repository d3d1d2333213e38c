"""The fault points, by what passes them. Each is killed by a test of this folder."""

PLACE = (
    "lane.after_run",
    "lane.before_write",
    "lane.after_write",
    "lane.before_commit",
    "lane.after_commit",
    "lane.before_publish",
    "http.before_reply@place_order",
)
ACTION = ("trade.before_update", "trade.before_escrow", "trade.before_events")
LEDGER = (
    "ledger.before_resolve",
    "ledger.before_transfers",
    "ledger.before_postings",
    "ledger.before_balances",
)
RETURN = PLACE[:-1]
RELAY = (
    "relay.before_commit",
    "unit.before_commit@relay",
    "unit.after_commit@relay",
    "relay.after_commit",
    "relay.after_emit",
    "unit.before_commit@hold_relay",
    "unit.after_commit@hold_relay",
)
START = (
    "unit.before_commit@take_lease",
    "unit.after_commit@take_lease",
    "unit.before_commit@take_relay",
    "unit.after_commit@take_relay",
)
CHAIN = (
    "unit.before_commit@chain_audit",
    "unit.after_commit@chain_audit",
    "audit.after_links",
)
NOTIFYING = (
    "notifications.before_insert",
    "notifications.before_mark",
    "unit.before_commit@tell_of_events",
    "unit.after_commit@tell_of_events",
)
CASE = ("case.before_update", "case.before_events")
EVIDENCE = ("case.after_evidence", *CASE)
ACCEPT = ("case.after_accept", *CASE)
CLAIM = ("claim.before_update",)
RULING = ("ruling.after_insert", CASE[-1])
OBJECTION = ("objection.after_insert", CASE[-1])
CARRYING_OUT = (
    "case.before_update",
    "ruling.before_end",
    "trade.before_escrow",
    "unit.before_commit@apply_due_case_rows",
    "unit.after_commit@apply_due_case_rows",
)
APPROVAL = ("approval.before_vote", "approval.before_act", "approval.before_close")
CHAT = ("chat.before_messages", "chat.before_events")
READ = ("chat.before_read",)
FILE = (
    "file.after_reserve",
    "file.after_put",
    "unit.before_commit@reserve_attachment",
    "unit.after_commit@reserve_attachment",
    "unit.before_commit@keep_attachment",
    "unit.after_commit@keep_attachment",
)


def ends_of(call):
    """The points at the end of a transaction and of its call."""
    return (f"unit.before_commit@{call}", f"unit.after_commit@{call}", f"http.before_reply@{call}")


def is_late(point):
    """Whether the work is committed when it is reached."""
    return any(word in point for word in ("after_commit", "before_publish", "before_reply"))
