"""The endpoints of proofs: what we sign, and the keys to check it with."""

from server.core.permissions import Permission
from server.core.refusals import NotFound
from server.db import Unit
from server.db.audit import Action, record_audit
from server.disputes.clocks import apply_due_rows as apply_due_cases
from server.disputes.staff_access import note_reading
from server.disputes.staff_context import CASE_DESK
from server.disputes.staff_refusals import CaseNotYours, CaseReadsExhausted, PartyToCase
from server.http.endpoint import Access, Call, Reply, Routes, Subject
from server.proofs import queries, schemas
from server.proofs.archive import pack_passport
from server.proofs.context import PROOFS
from server.proofs.paper import LANGUAGES, draw_passport
from server.proofs.passports import describe_trade
from server.proofs.receipts import make_receipt
from server.proofs.signing import PASSPORT
from server.trades.clocks import apply_due_rows
from server.trades.desk import DESK
from server.trades.trade import TradeRow, get_trade

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


ZIP = "application/zip"


async def _answer_passport(call: Call, trade: TradeRow) -> Reply:
    """The passport of a trade in the form that the caller asks for."""
    proofs, desk, asked = call.app[PROOFS], call.app[DESK], call.query
    signer, now = proofs.signer, call.database.clock.now()
    async with call.database.read() as connection:
        passport = await describe_trade(connection, desk.sealer, trade, signer.key_id, now)
        own = (await connection.execute(queries.language_of(call.user.user_id))).scalar()
    if asked["format"] == "json":
        shown = {"passport": passport, "key_id": signer.key_id}
        return Reply(shown | {"signature": signer.sign(PASSPORT, passport)})
    spoken = asked["language"] or str(own).partition("-")[0]
    language = spoken if spoken in LANGUAGES else LANGUAGES[0]

    def make() -> bytes:
        return pack_passport(signer, passport, draw_passport(passport, language))

    headers = {"Content-Disposition": f'attachment; filename="passport-{trade.id.hex}.zip"'}
    return Reply(await proofs.run_apart(make), 200, headers, ZIP)


@ROUTES.read(
    "GET",
    "/api/v1/trades/{id}/passport",
    subject=Subject.OWN,
    summary="All of your trade, signed, for a bank or the police: an archive, or JSON.",
    query=schemas.PassportQuery(),
    response=schemas.PassportSchema(),
    media=(ZIP,),
    refusals=(NotFound,),
)
async def get_passport(call: Call) -> Reply:
    """The passport as of now, after the trade's due clock rows."""
    trade_id = call.path_id()
    async with call.database.read() as connection:
        (await get_trade(connection, trade_id)).actor_of(call.user.user_id)
    await apply_due_rows(call.app[DESK], trade_id)
    async with call.database.read() as connection:
        trade = await get_trade(connection, trade_id)
    return await _answer_passport(call, trade)


@ROUTES.read(
    "GET",
    "/api/admin/trades/{id}/passport",
    access=Permission.READ_TRADES,
    summary="The passport of a trade of others; audited.",
    query=schemas.PassportQuery(),
    response=schemas.PassportSchema(),
    media=(ZIP,),
    refusals=(NotFound,),
)
async def get_passport_of_trade(call: Call) -> Reply:
    """The passport, to be handed to an authority."""
    trade_id, staff_id = call.path_id(), call.user.user_id

    async def work(unit: Unit) -> TradeRow:
        trade = await get_trade(unit, trade_id)
        if staff_id in (trade.buyer_id, trade.seller_id):
            raise NotFound
        await record_audit(unit, Action.PASSPORT_READ, "trade", trade_id)
        return trade

    return await _answer_passport(call, await call.database.transact(work, name="read_passport"))


@ROUTES.read(
    "GET",
    "/api/admin/disputes/{id}/passport",
    access=Permission.READ_DISPUTES,
    summary="The passport of the trade of a case that you were given; audited as a reading, too.",
    query=schemas.PassportQuery(),
    response=schemas.PassportSchema(),
    media=(ZIP,),
    refusals=(NotFound, CaseNotYours, PartyToCase, CaseReadsExhausted),
)
async def get_passport_of_case(call: Call) -> Reply:
    """The passport, for who decides the case."""
    desk = call.app[CASE_DESK]
    await apply_due_cases(desk.trades, call.path_id())
    case = await note_reading(desk, call.user.user_id, call.path_id())

    async def work(unit: Unit) -> TradeRow:
        await record_audit(unit, Action.PASSPORT_READ, "trade", case.trade_id)
        return await get_trade(unit, case.trade_id)

    return await _answer_passport(call, await call.database.transact(work, name="read_passport"))
