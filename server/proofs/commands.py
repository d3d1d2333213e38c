"""The commands that check what we signed, without the network and the database."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import orjson

from server.proofs.archive import check_passport
from server.proofs.signing import ProofBroken, check_receipt

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
Check = Callable[[bytes, Mapping[str, Any]], Mapping[str, Any]]


def _check(check: Check, shown: Path, keys: Path) -> Mapping[str, Any]:
    try:
        return check(shown.read_bytes(), orjson.loads(keys.read_bytes()))
    except (ProofBroken, orjson.JSONDecodeError) as error:
        raise click.ClickException(f"It cannot be believed. {error}") from None


def _read_receipt(content: bytes, published: Mapping[str, Any]) -> Mapping[str, Any]:
    return check_receipt(orjson.loads(content), published)


@click.command("verify-receipt")
@click.argument("receipt", type=FILE)
@click.option("--keys", required=True, type=FILE, help="The answer of GET /api/v1/proofs/keys.")
def verify_receipt(receipt: Path, keys: Path) -> None:
    """Check a receipt of an escrow."""
    said = _check(_read_receipt, receipt, keys)
    trade, escrow = said["trade"], said["escrow"]
    click.echo(
        f"Ours, of {said['issued_at']}: trade {trade['trade_id']},"
        f" {escrow['locked']} {escrow['asset']} {escrow['state']}."
    )


@click.command("verify-passport")
@click.argument("passport", type=FILE)
@click.option("--keys", required=True, type=FILE, help="The answer of GET /api/v1/proofs/keys.")
def verify_passport(passport: Path, keys: Path) -> None:
    """Check the passport of a trade, an archive or JSON, with the chain of its chat."""
    said = _check(check_passport, passport, keys)
    case = said["case"]
    told = "" if case is None else f" A case, {case['status']}, {len(case['rulings'])} rulings."
    click.echo(
        f"Ours, of {said['issued_at']}: trade {said['trade']['trade_id']}, {said['status']},"
        f" {said['chat']['number']} messages, {len(said['evidence'])} files.{told}"
    )
