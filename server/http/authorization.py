"""The table of who may call what and hear what, written from the declarations alone."""

from collections.abc import Iterable, Mapping

from server.core.permissions import BUILT_IN_ROLES, Permission
from server.http.endpoint import Access, Endpoint, Subject
from server.http.scopes import Scope

ANONYMOUS, USER = "anonymous", "user"
KEYS = {f"key_{scope.value}": scope for scope in Scope}
"""Programs with an API key of each scope alone."""
CALLERS = (ANONYMOUS, USER, *KEYS, *BUILT_IN_ROLES)
"""Nobody, a user, his programs, and each built-in role of the staff."""
YES, OWN = "yes", "own"
HEAD = """# Who may do what

Written by `make contract` from the declarations of the endpoints and rooms; a test compares it with
the code, and another one asks every endpoint as every caller. Roles are the built-in ones as they
start; what an administrator edits counts at once.

`yes`: served. `own`: one's own things; those of others are answered like missing ones, 404.
`401`: sign in. `403`: refused, and noted in the audit where the call is the staff's. `404`: there
is no such room for the caller. `key read` and `key trade`: an API key with that scope alone, of a
user or of staff.

"""


def judge(endpoint: Endpoint, caller: str) -> str:
    """What the declaration promises a caller: `yes`, `own`, `401` or `403`."""
    if caller in KEYS and endpoint.scope is not KEYS[caller]:
        return "403"
    if endpoint.access is Access.PUBLIC:
        return YES
    if caller == ANONYMOUS:
        return "401"
    if isinstance(endpoint.access, Permission):
        return YES if holds(caller, endpoint.access) else "403"
    return OWN if endpoint.subject is Subject.OWN else YES


def judge_room(permission: Permission, caller: str) -> str:
    """The same of a room of the staff; to whom it is closed it does not exist."""
    if caller == ANONYMOUS:
        return "401"
    if caller in KEYS and KEYS[caller] is not Scope.READ:
        return "403"
    return YES if holds(caller, permission) else "404"


def holds(caller: str, permission: Permission) -> bool:
    """Whether a built-in role holds a permission."""
    return caller in BUILT_IN_ROLES and permission in BUILT_IN_ROLES[caller].permissions


def write_table(endpoints: Iterable[Endpoint], queues: Mapping[str, Permission]) -> str:
    """The document; `queues` are the rooms of the staff with the permission that opens each."""
    lines = ["## Calls", "", *_head("call")]
    for endpoint in sorted(endpoints, key=lambda one: (one.path, one.method)):
        cells = [judge(endpoint, caller) for caller in CALLERS]
        lines.append(_row(f"`{endpoint.method} {endpoint.path}`", endpoint.access.value, cells))
    lines += ["", "## Rooms", "", *_head("room")]
    reading = Permission.READ_TRADES
    own = {caller: "401" if caller == ANONYMOUS else OWN for caller in CALLERS}
    trades = {caller: YES if holds(caller, reading) else own[caller] for caller in CALLERS}
    rooms = (
        ("`market_updates`, `market:{market}`", Access.PUBLIC.value, dict.fromkeys(CALLERS, YES)),
        ("`user:{id}`", Access.USER.value, own),
        ("`trade:{id}`", f"party or {reading.value}", trades),
    )
    for name, needs, promised in rooms:
        deaf = {caller: "403" for caller, scope in KEYS.items() if scope is not Scope.READ}
        lines.append(_row(name, needs, list((promised | deaf).values())))
    for queue, permission in sorted(queues.items()):
        cells = [judge_room(permission, caller) for caller in CALLERS]
        lines.append(_row(f"`staff:{queue}`", permission.value, cells))
    return HEAD + "\n".join(lines) + "\n"


def _head(what: str) -> list[str]:
    names = [caller.replace("_", " ") for caller in CALLERS]
    return [_row(what, "needs", names), _row("---", "---", ["---"] * len(names))]


def _row(*cells: str | list[str]) -> str:
    flat = [each for cell in cells for each in (cell if isinstance(cell, list) else [cell])]
    return "| " + " | ".join(flat) + " |"
