"""GET /wallet and GET /transactions."""

from server.core.clock import format_instant
from server.core.money import format_usdt
from server.http.endpoint import Call, Reply, Routes
from server.http.pages import page_schema
from server.http.scopes import Scope
from server.ledger import history
from server.wallets.schemas import TransactionSchema, TransactionsQuery, WalletSchema
from server.wallets.service import read_wallet

ROUTES = Routes("Wallet")
CSV = "text/csv"


@ROUTES.read(
    "GET",
    "/api/v1/wallet",
    scope=Scope.READ,
    summary="Your balances: every bucket, what is locked, and lots with their release times.",
    response=WalletSchema(),
)
async def get_wallet(call: Call) -> Reply:
    """The caller's wallet."""
    async with call.database.read() as connection:
        return Reply(await read_wallet(connection, call.user.user_id))


@ROUTES.read(
    "GET",
    "/api/v1/transactions",
    scope=Scope.READ,
    summary="Your ledger history with running balances, newest first; also as CSV.",
    query=TransactionsQuery(),
    response=page_schema(TransactionSchema),
    media=(CSV,),
)
async def list_transactions(call: Call) -> Reply:
    """A page of the caller's entries.

    As CSV (`Accept: text/csv` or `format=csv`) a page has up to 10,000 entries, `limit` does not
    apply, and the header `X-Next-Cursor` says where the next page begins.
    """
    asked = call.query
    filters = history.Filters(
        asset=asked["asset"],
        kind=asked["kind"],
        reason=asked["reason"],
        since=asked["since"],
        until=asked["until"],
    )
    after = None if asked["cursor"] is None else history.read_place(asked["cursor"])
    user_id = call.user.user_id
    if asked["format"] == "csv" or (asked["format"] is None and prefers_csv(call.accept)):
        async with call.database.read() as connection:
            entries, place = await history.list_entries_for_export(
                connection, user_id, filters, after=after
            )
        headers = {"Content-Disposition": 'attachment; filename="transactions.csv"'}
        if place is not None:
            headers["X-Next-Cursor"] = history.write_place(place)
        return Reply(history.write_csv(entries), headers=headers, content_type=CSV)

    async with call.database.read() as connection:
        entries, place = await history.list_entries(
            connection, user_id, filters, after=after, limit=asked["limit"]
        )
    return Reply(
        {
            "items": [show_entry(entry) for entry in entries],
            "next_cursor": None if place is None else history.write_place(place),
        }
    )


def prefers_csv(accept: str) -> bool:
    """Whether an `Accept` header names CSV and not JSON."""
    named = {part.partition(";")[0].strip().lower() for part in accept.split(",")}
    return CSV in named and "application/json" not in named


def show_entry(entry: history.Entry) -> dict[str, object]:
    """An entry as the API shows it."""
    return {
        "transfer_id": str(entry.transfer_id),
        "asset": entry.asset,
        "kind": entry.kind,
        "amount": format_usdt(entry.amount),
        "balance_after": format_usdt(entry.balance_after),
        "reason": entry.reason,
        "subject_id": None if entry.subject_id is None else str(entry.subject_id),
        "created_at": format_instant(entry.created_at),
    }
