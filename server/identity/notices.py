"""What identity tells the owner of an account, on the screen and at his contact."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from server.core.clock import format_instant
from server.core.events import Event, room_of_user
from server.db import Unit
from server.identity import factor_queries as queries
from server.identity.context import Identity
from server.identity.hooks import Hooks, Notice

WARNED_AGAIN = timedelta(hours=1)
"""How long the owner of an address is not told again that somebody tried it."""
FORMER_TOLD = timedelta(hours=72)
"""How long a contact that was given up still hears what matters for the account's safety."""


async def tell_owner(unit: Unit, hooks: Hooks, user_id: UUID, kind: str, **params: str) -> None:
    """Tell a user that something of his sign-in happened: `kind` names it, `params` say more.

    Emits `notification_created` and calls the hooks with the contact as it is before any change
    that this unit goes on to make, so that a thief cannot have the notice sent to himself.
    """
    contact: Any = (await unit.execute(queries.contact_of(user_id))).one()
    notice = Notice(
        id=unit.ids.new_id(), user_id=user_id, kind=kind, params=params, created_at=unit.now,
        email=contact.email, email_verified=contact.email_verified_at is not None,
        phone=contact.phone, language=contact.language,
    )  # fmt: skip
    unit.emit(
        Event(
            room_of_user(user_id),
            "notification_created",
            {
                "id": str(notice.id),
                "kind": kind,
                "created_at": format_instant(notice.created_at),
                "params": params,
            },
            subject_id=notice.id,
        )
    )
    for hook in hooks.on_notice:
        await hook(unit, notice)


async def note_tried(unit: Unit, hooks: Hooks, owner_id: UUID) -> None:
    """Tell an owner that somebody tried his address or number for another account, once an hour."""
    due = queries.warn_owner(owner_id, unit.now, unit.now - WARNED_AGAIN)
    if (await unit.execute(due)).rowcount == 1:
        await tell_owner(unit, hooks, owner_id, "address_tried")


async def warn_owner(identity: Identity, owner_id: UUID) -> None:
    """`note_tried` in a unit of its own."""

    async def work(unit: Unit) -> None:
        await note_tried(unit, identity.hooks, owner_id)

    await identity.database.transact(work, name="warn_owner")
