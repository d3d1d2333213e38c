"""The kind of proposal that closes a person's account by a sanction, by two people."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from models.trust import SanctionKind, SanctionReason
from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.identity.hooks import Hooks
from server.identity.standing import lock_standing
from server.staff.approvals import Body, ProposalKind, Subject
from server.trust import sanction_queries as queries
from server.trust.refusals import SanctionExists
from server.trust.sanction_schemas import ClosingSchema
from server.trust.sanctions import check_duration, impose

LIFE = timedelta(days=3)


def list_closings(hooks: Hooks) -> Mapping[str, ProposalKind]:
    """The kind, by name."""

    async def close(unit: Unit, requester: UUID, object_id: str, body: Body) -> None:
        await impose(
            unit,
            hooks,
            user_id=UUID(object_id),
            kind=SanctionKind.CLOSED,
            reason=SanctionReason(body["reason"]),
            explanation=body["explanation"],
            imposed_by=requester,
            duration=_read_duration(body),
        )

    kind = ProposalKind(
        name="close_account",
        sentence="Close a person's account by a sanction.",
        propose=Permission.SANCTION_PEOPLE,
        approve=Permission.APPROVE_CLOSING,
        approvals_needed=1,
        life=LIFE,
        body=ClosingSchema(),
        read_subject=_read_person,
        check=_let_through,
        carry_out=close,
    )
    return {kind.name: kind}


def _read_duration(body: Body) -> timedelta | None:
    return None if body["hours"] is None else timedelta(hours=body["hours"])


async def _read_person(unit: Unit, object_id: str, body: Body) -> Subject:
    """The person with the sanctions that last. Refuses `NotFound`, `SanctionExists`."""
    try:
        user_id = UUID(object_id)
    except ValueError:
        raise NotFound from None
    await lock_standing(unit, user_id)
    check_duration(SanctionKind.CLOSED, _read_duration(body))
    lasting = (await unit.execute(queries.lasting_of(user_id))).all()
    if any(row.kind == SanctionKind.CLOSED for row in lasting):
        raise SanctionExists
    version = f"{len(lasting)} {lasting[-1].id}" if lasting else "none"
    return Subject("user", str(user_id), version, frozenset({user_id}))


async def _let_through(_unit: Unit, _actor: UUID, _body: Body) -> None:
    """The permission that the kind asks for is enough."""
