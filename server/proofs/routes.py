"""The endpoints of proofs: what we sign, and the keys to check it with."""

from server.core.refusals import NotFound
from server.http.endpoint import Access, Call, Reply, Routes, Subject
from server.proofs import schemas
from server.proofs.context import PROOFS
from server.proofs.receipts import make_receipt
from server.trades.clocks import apply_due_rows
from server.trades.desk import DESK
from server.trades.trade import get_trade

ROUTES = Routes("Proofs")


@ROUTES.read(
    "GET",
    "/api/v1/proofs/keys",
    access=Access.PUBLIC,
    summary="The public keys that check receipts and passports, newest first.",
    response=schemas.ProofKeysSchema(),
)
async def list_proof_keys(call: Call) -> Reply:
    """The keys."""
    return Reply({"keys": call.app[PROOFS].signer.publish()})


@ROUTES.read(
    "GET",
    "/api/v1/trades/{id}/receipt",
    subject=Subject.OWN,
    summary="A signed statement of what is locked for your trade, which anybody can check.",
    response=schemas.ReceiptSchema(),
    refusals=(NotFound,),
)
async def get_receipt(call: Call) -> Reply:
    """The receipt as of now, after the trade's due clock rows."""
    trade_id = call.path_id()
    async with call.database.read() as connection:
        (await get_trade(connection, trade_id)).actor_of(call.user.user_id)
    await apply_due_rows(call.app[DESK], trade_id)
    async with call.database.read() as connection:
        trade = await get_trade(connection, trade_id)
        now = call.database.clock.now()
        return Reply(await make_receipt(connection, call.app[PROOFS].signer, trade, now))
