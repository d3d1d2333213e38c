"""USDT for development. Served only with development helpers, which production refuses."""

from server.db import Unit
from server.http.endpoint import Call, Reply, Routes
from server.wallets.schemas import BalancesSchema, DevAmountSchema
from server.wallets.service import give_credit, give_test_usdt

DEV_ROUTES = Routes("Development")


@DEV_ROUTES.write(
    "POST",
    "/api/v1/dev/faucet",
    summary="Give yourself USDT_TEST.",
    body=DevAmountSchema(),
    response=BalancesSchema(),
    status=201,
)
async def use_faucet(call: Call, unit: Unit) -> Reply:
    """Book `USDT_TEST` to the caller."""
    return Reply(await give_test_usdt(unit, call.user.user_id, call.body["amount"]), 201)


@DEV_ROUTES.write(
    "POST",
    "/api/v1/dev/credit",
    summary="Give yourself USDT.",
    body=DevAmountSchema(),
    response=BalancesSchema(),
    status=201,
)
async def use_credit(call: Call, unit: Unit) -> Reply:
    """Book `USDT` to the caller."""
    return Reply(await give_credit(unit, call.user.user_id, call.body["amount"]), 201)
