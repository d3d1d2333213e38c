"""The command line of the service and of its operators."""

import asyncio
import gc
import random
import secrets
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import click
import uvloop
from aiohttp import web
from rich.console import Console
from sqlalchemy.engine import make_url

from seeds.demo.own_server import Workshop
from seeds.demo.run import Demo, Options
from seeds.plan import EMAIL_DOMAIN, PASSWORD
from seeds.world import seed_markets, seed_world
from server import wiring
from server.core import fault
from server.core.refusals import Refusal
from server.core.tls import present_certificate
from server.db import Unit
from server.db import migrate as migrations
from server.db.audit import OPERATOR, set_origin
from server.http.authorization import write_table
from server.http.connection import DrainingRunner
from server.http.openapi import build_document, write_document
from server.identity import service as people
from server.identity.context import Identity
from server.jobs.reseal import reseal_all
from server.log import configure_logs
from server.markets.catalog import CatalogError, write_catalog
from server.monitor.audit_check import read_exported_heads, run_verify_audit
from server.monitor.settling import settle_breaches
from server.monitor.verifier import find_breaches, run_verify
from server.proofs.commands import verify_passport, verify_receipt
from server.settings import (
    Settings,
    SettingsError,
    describe_settings,
    load_settings,
    write_environment,
)
from server.staff.audit_chain import chain_waiting
from server.staff.service import seed_roles
from server.web.build import BuildError
from sockets.audience import STAFF_QUEUES
from sockets.events import document_events

GC_THRESHOLD = (50_000, 20, 100)
"""A batch makes many objects and drops them all: looking for cycles after every 700, as Python
does by itself, took a tenth of the time of an order."""


def _settings() -> Settings:
    try:
        settings = load_settings()
    except SettingsError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    configure_logs(settings.log_level, settings.log_format)
    return settings


@click.group()
def main() -> None:
    """IQX, a peer-to-peer USDT marketplace with escrow."""


@main.command()
def run() -> None:
    """Serve everything in one process."""
    settings = _settings()
    fault.arm_from(settings.fault_points)
    gc.set_threshold(*GC_THRESHOLD)
    uvloop.run(_run(settings))


async def _run(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    certificate = None
    if settings.tls_certificate:
        try:
            certificate = present_certificate(settings.tls_certificate, settings.tls_key)
        except OSError as error:
            click.echo(f"The certificate cannot be used: {error.strerror or error}.", err=True)
            sys.exit(1)
    try:
        runner = DrainingRunner(wiring.build_app(wiring.open_kernel(settings)))
    except BuildError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    await runner.setup()
    site = web.TCPSite(runner, settings.host, settings.port, ssl_context=certificate)
    try:
        await site.start()
    except OSError as error:
        await runner.cleanup()
        click.echo(
            f"Port {settings.port} cannot be used ({error.strerror}). "
            "Choose another one: PORT=8081 make run",
            err=True,
        )
        sys.exit(1)
    host, port = runner.addresses[0][:2]
    scheme, named = "https" if certificate else "http", "localhost" if host == "127.0.0.1" else host
    click.echo(f"IQX answers on {scheme}://{named}:{port}")
    try:
        await stop.wait()
        click.echo("Stopping: requests under way may finish.")
    finally:
        await runner.cleanup()


@main.command()
def migrate() -> None:
    """Bring the database, its markets and its payment methods to the newest version."""
    settings = _settings()
    try:
        asyncio.run(_migrate(settings))
    except CatalogError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    click.echo("The database is at the newest version.")


async def _migrate(settings: Settings) -> None:
    path = make_url(settings.database_url).database
    if settings.database_url.startswith("sqlite") and path:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    kernel = wiring.open_kernel(settings)
    await migrations.upgrade(kernel.database.engine)
    await wiring.sample_time(kernel)

    async def work(unit: Unit) -> int:
        return await write_catalog(unit, settings.markets)

    try:
        await kernel.database.transact(work, name="write_catalog")
        await seed_roles(kernel.database)
    finally:
        await kernel.close()


@main.command()
@click.option("--bare", is_flag=True, help="Markets, rails and prices only; nobody and no past.")
def seed(*, bare: bool) -> None:
    """Fill a development database with the demo world; only what is missing is made."""
    settings = _settings()

    async def run() -> int:
        async with wiring.open_stage(settings) as stage:
            stage.say = click.echo
            return await (seed_markets if bare else seed_world)(stage)

    try:
        made = uvloop.run(run())
    except Refusal as refusal:
        click.echo(refusal.detail or refusal.title, err=True)
        sys.exit(1)
    if not made:
        click.echo("The demo world is complete, there is nothing to do.")
    elif not bare:
        click.echo(f"Everyone has the password {PASSWORD}: sign in as alice@{EMAIL_DOMAIN}.")


@main.command("create-admin")
@click.option("--email", required=True, help="Where the administrator is reached.")
@click.option("--username", required=True, help="The name shown to others.")
@click.password_option(help="Asked for when not given; do not write it into a shell history.")
def create_admin(email: str, username: str, password: str) -> None:
    """Make an administrator; there is no other way to make the first one."""

    async def work(identity: Identity) -> str:
        user_id = await people.create_admin(
            identity, email=email, username=username, password=password
        )
        return f"{username} is an administrator now ({user_id})."

    _run_with_identity(work)


@main.command("set-level")
@click.argument("user")
@click.argument("level", type=click.IntRange(0, 3))
def set_level(user: str, level: int) -> None:
    """Set the KYC level of USER, a username or an e-mail address, to LEVEL (0 to 3)."""

    async def work(identity: Identity) -> str:
        row = await people.set_level_of(identity, user, level)
        return f"{user} is at level {row.kyc_level} now."

    _run_with_identity(work)


def _run_with_identity(work: Callable[[Identity], Awaitable[str]]) -> None:
    """Do an operator's work and say the outcome; a refusal is one sentence and status 1."""
    settings = _settings()

    async def run() -> str:
        set_origin(OPERATOR)
        async with wiring.identity_apart(settings) as identity:
            return await work(identity)

    try:
        click.echo(asyncio.run(run()))
    except Refusal as refusal:
        reasons = [" ".join(map(str, each)) for each in (refusal.errors or {}).values()]
        click.echo(" ".join([refusal.detail or refusal.title, *reasons]), err=True)
        sys.exit(1)


@main.command("rotate-keys")
def rotate_keys() -> None:
    """Seal everything at rest anew with the first of IQX_SEAL_KEYS; run it after adding one."""

    async def work(identity: Identity) -> str:
        counts = await reseal_all(identity.database, identity.sealer)
        lines = [f"{name}: {count} sealed anew" for name, count in counts.items()]
        return "\n".join([*lines, "Older keys may now be removed from IQX_SEAL_KEYS."])

    _run_with_identity(work)


@main.command("settle")
@click.option("--reason", required=True, help="What was wrong and how it was corrected.")
def settle(reason: str) -> None:
    """Close the breaches and let releases go on, if everything holds again."""

    async def work(identity: Identity) -> str:
        count = await settle_breaches(identity.database, reason)
        return f"{count} breaches are settled. Releases and withdrawals go on."

    _run_with_identity(work)


@main.command()
def verify() -> None:
    """Check every invariant on one snapshot; exit 1 when one is broken."""
    settings = _settings()

    async def run() -> int:
        kernel = wiring.open_kernel(settings)
        try:
            await wiring.sample_time(kernel)
            # What commands wrote while no server ran has nobody else to chain it.
            await chain_waiting(kernel.database)
            return await run_verify(kernel.database)
        finally:
            await kernel.close()

    sys.exit(asyncio.run(run()))


@main.command("verify-audit")
@click.option(
    "--head",
    "files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file of exported heads; the chain must go through each of them.",
)
def verify_audit(files: tuple[Path, ...]) -> None:
    """Walk the whole chain of the audit; exit 1 when it is broken."""
    settings = _settings()
    try:
        heads = [head for path in files for head in read_exported_heads(path)]
    except ValueError as error:
        click.echo(str(error), err=True)
        sys.exit(1)

    async def run() -> int:
        kernel = wiring.open_kernel(settings)
        try:
            return await run_verify_audit(kernel.database, heads)
        finally:
            await kernel.close()

    sys.exit(asyncio.run(run()))


@main.command()
@click.option(
    "--users",
    type=click.IntRange(3, 500),
    default=30,
    show_default=True,
    help="How many people take part.",
)
@click.option(
    "--minutes", type=click.FloatRange(0.1, 600), default=2.0, show_default=True, help="Real time."
)
@click.option(
    "--speed",
    type=click.IntRange(1, 150),
    default=60,
    show_default=True,
    help="How many times as fast the clock of the demo's own server runs.",
)
@click.option("--url", default="", help="Join this running development server, at its own speed 1.")
@click.option(
    "--picture", type=click.Path(path_type=Path, dir_okay=False), help="Write the live view as SVG."
)
@click.option("--seed", type=int, default=None, help="Repeat the chances of another run.")
def demo(
    *, users: int, minutes: float, speed: int, url: str, picture: Path | None, seed: int | None
) -> None:
    """Watch simulated people trade over real HTTP and real sockets, and check all of it.

    Without --url it starts a server of its own with a temporary database, which is gone afterwards.
    Exit code 0 only when every event came once and in order, every client's view equals a fresh
    fetch, and every invariant holds.
    """
    options = Options(users, minutes, speed, url, picture, tag=secrets.token_hex(2) if url else "")
    chance = random.Random(seed)  # noqa: S311 - chances of made-up people
    configure_logs("error", "console")
    sys.exit(asyncio.run(Demo(options, chance, Console()).run(DEMO_WORKSHOP)))


async def _prepare_demo(written: Mapping[str, str]) -> None:
    settings = load_settings(written)
    await _migrate(settings)
    async with wiring.open_stage(settings) as stage:
        await seed_markets(stage)


async def _verify_demo(written: Mapping[str, str]) -> list[str]:
    kernel = wiring.open_kernel(load_settings(written))
    try:
        await wiring.sample_time(kernel)
        await chain_waiting(kernel.database)
        breaches = await find_breaches(kernel.database, since=None)
    finally:
        await kernel.close()
    return [f"{one.invariant} is broken: {one.subject}: {one.detail}" for one in breaches]


DEMO_WORKSHOP = Workshop(write_environment, _prepare_demo, _verify_demo)


@main.command("settings")
@click.option("--example", is_flag=True, help="Print the text of .env.example.")
def show_settings(*, example: bool) -> None:
    """Check the settings, or list all of them."""
    if example:
        click.echo(describe_settings(), nl=False)
        return
    settings = _settings()
    click.echo(f"The settings are good for {settings.env}.")


@main.command()
def openapi() -> None:
    """Print the OpenAPI document of a development server, as it is committed."""
    # The environment must not change what is committed.
    document = build_document(wiring.list_endpoints(load_settings({})), events=document_events())
    click.echo(write_document(document), nl=False)


@main.command()
def authorization() -> None:
    """Print who may call and hear what, as it is committed."""
    click.echo(write_table(wiring.list_endpoints(load_settings({})), STAFF_QUEUES), nl=False)


main.add_command(verify_receipt)
main.add_command(verify_passport)
