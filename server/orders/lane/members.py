"""The users whom a lane knows: loaded when they are needed, forgotten when there are too many."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from server.db import Database
from server.matching.standings import Standing
from server.orders.lane import loading
from server.orders.lane.batch import MEMBERS_MAX, Desk
from server.orders.lane.commands import Command, Recheck
from server.orders.lane.records import MemberCard, StandingRow

MakeStanding = Callable[[StandingRow, MemberCard, frozenset[UUID]], Standing]
"""A user's row, card and whom he is kept apart from, as the book wants them."""


async def know_users(
    database: Database, desk: Desk, users: set[UUID], make_standing: MakeStanding
) -> None:
    """Load users whom the book has not met."""
    unknown = sorted(users - desk.members.keys())
    if not unknown:
        return
    async with database.read() as connection:
        members = await loading.load_members(connection, unknown)
    for user_id, member in members.items():
        desk.members[user_id] = member.card
        desk.book.set_standing(user_id, make_standing(member.row, member.card, member.apart))
    desk.book.forget()


def forget_idle(desk: Desk) -> None:
    """Forget users without living orders when there are too many; only between two batches."""
    if len(desk.members) <= desk.members_max:
        return
    for user_id in [user_id for user_id in desk.members if desk.book.forget_user(user_id)]:
        del desk.members[user_id]
    # Where nearly all have living orders, looking at all of them in each batch would cost more.
    desk.members_max = max(MEMBERS_MAX, 2 * len(desk.members))


async def read_standings(
    database: Database, desk: Desk, users: list[UUID], make_standing: MakeStanding
) -> list[Command]:
    """The standings of these users as they are now, as commands that take them over."""
    async with database.read() as connection:
        members = await loading.load_members(connection, users)
    commands: list[Command] = []
    for user_id, member in members.items():
        desk.members[user_id] = member.card
        standing = make_standing(member.row, member.card, member.apart)
        commands.append(Recheck(subject=user_id, standing=standing))
    return commands


async def recheck_moved(
    database: Database, desk: Desk, rows: list[StandingRow], make_standing: MakeStanding
) -> list[Recheck]:
    """Rows that moved since the book's standings were made, with the blocks of now."""
    async with database.read() as connection:
        apart = await loading.load_apart(connection, [row.user_id for row in rows])
    rechecks = []
    for row in rows:
        card = replace(desk.members[row.user_id], kyc_level=row.kyc_level)
        standing = make_standing(row, card, apart[row.user_id])
        known = desk.book.find_standing(row.user_id)
        if known is not None and known.is_present:
            standing.is_present = True
        rechecks.append(Recheck(subject=row.user_id, standing=standing))
    return rechecks


def wake_owners(desk: Desk, commands: list[Command]) -> list[Command]:
    """Who gives a command is present, whatever his row says for the moment."""
    woken: dict[UUID, Command] = {}
    for command in commands:
        if command.user_id is None or command.user_id in woken:
            continue
        standing = desk.book.find_standing(command.user_id)
        if standing is not None and not standing.is_present:
            present = replace(standing, is_present=True)
            woken[command.user_id] = Recheck(subject=command.user_id, standing=present)
    return list(woken.values())
