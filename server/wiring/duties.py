"""What a process does again and again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

from aiohttp import web

from server.compliance.closure import forget_closed
from server.compliance.holds import put_to_sleep
from server.identity.context import Identity
from server.identity.sign_in_history import purge_sign_ins
from server.jobs.chain_audit import FILE, CopyOut, append_line, export_heads_to
from server.jobs.schedule import DUTIES, Duty, Schedule
from server.orders.lane.lease import is_known_dead, name_owner
from server.privacy.exports import prepare_exports
from server.settings import Settings
from server.trades.desk import Desk

EXPORT_LOOK_S = 30
LIFE_LOOK_S = 3600
"""Seconds between two looks at accounts that sleep or were closed."""
SCHEDULE = web.AppKey("schedule", Schedule)


def list_life_duties(settings: Settings, identity: Identity) -> tuple[Duty, ...]:
    """What becomes of accounts with time: copies are made, the unused sleep, the closed lose their
    names, and old attempts to sign in are forgotten."""

    async def put_unused_to_sleep(_desk: Desk) -> int:
        return await put_to_sleep(identity, settings.dormant_months)

    async def forget_closed_accounts(_desk: Desk) -> int:
        return await forget_closed(identity)

    async def forget_old_sign_ins(_desk: Desk) -> int:
        return await purge_sign_ins(identity, timedelta(days=settings.sign_in_history_days))

    async def prepare_data_exports(_desk: Desk) -> int:
        return await prepare_exports(identity)

    return (
        Duty("prepare_exports", 5, prepare_data_exports),
        Duty("purge_sign_ins", LIFE_LOOK_S, forget_old_sign_ins, by_time=True),
        Duty("put_to_sleep", LIFE_LOOK_S, put_unused_to_sleep, by_time=True),
        Duty("forget_closed", LIFE_LOOK_S, forget_closed_accounts, by_time=True),
    )


def list_duties(settings: Settings) -> tuple[Duty, ...]:
    """What this process does again and again."""
    copy_out: CopyOut | None = None
    if settings.audit_head_folder:
        path = Path(settings.audit_head_folder) / FILE

        async def copy_out_to_file(line: bytes) -> None:
            await asyncio.to_thread(append_line, path, line)

        copy_out = copy_out_to_file
    return (*DUTIES, Duty("export_audit_head", EXPORT_LOOK_S, export_heads_to(copy_out)))


def open_schedule(settings: Settings, desk: Desk, identity: Identity, *more: Duty) -> Schedule:
    """The duties of this process."""
    duties = (*list_duties(settings), *list_life_duties(settings, identity), *more)
    return Schedule(desk, owner=name_owner(), is_dead=is_known_dead, duties=duties)


async def run_schedule(app: web.Application) -> AsyncIterator[None]:
    """Do the duties while the application runs."""
    await app[SCHEDULE].start()
    yield
    await app[SCHEDULE].stop()
