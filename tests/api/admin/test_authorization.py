"""Every call and every room, asked by every caller, answers as it is declared."""

from uuid import UUID

import pytest

from server.core.permissions import ADMINISTRATOR, BUILT_IN_ROLES, Permission
from server.core.refusals import NotFound, Unauthenticated
from server.http.authorization import (
    ANONYMOUS,
    CALLERS,
    KEYS,
    USER,
    judge,
    judge_room,
    write_table,
)
from server.http.endpoint import Access, Routes, Subject
from server.http.scopes import KeyNotEnough, Scope
from server.settings import load_settings
from server.wiring import list_endpoints
from sockets.app import SOCKETS
from sockets.audience import STAFF_QUEUES, check_audience, read_room
from sockets.auth import read_token
from tests.services import ROOT

ENDPOINTS = list_endpoints(load_settings({}))
DEAF = "key_trade"
"""Who hears no room: a key that does not read."""
MISSING = "01890000-0000-7000-8000-000000000000"
PATHS = {"{id}": MISSING, "{market}": "USDT-VND"}

REFUSED = {"unauthenticated", "forbidden", "api_key_not_enough"}
SECRET_REFUSALS = {"recovery_unknown"}
"""What calls answer that ask for a secret in place of a session, and get none."""


def path_of(endpoint):
    """A path whose object is missing, with a parameter that no call takes: no handler runs."""
    path = endpoint.path
    for name, value in PATHS.items():
        path = path.replace(name, value)
    while "{" in path:
        head, _, rest = path.partition("{")
        path = f"{head}none{rest.partition('}')[2]}"
    return f"{path}?no_such_parameter=1"


@pytest.fixture
async def people(bureau):
    """The token of each caller; None of nobody."""
    tokens = {ANONYMOUS: None, USER: (await bureau.join("una"))[1]}
    names = ("sam", "dora", "fay", "carl", "max", "aud", "ada")
    for name, role in zip(names, BUILT_IN_ROLES, strict=True):
        _, tokens[role] = await bureau.join(name, role)
    for caller, scope in KEYS.items():
        # Of somebody who holds every permission: his programs hold none.
        tokens[caller] = await make_key(bureau, tokens[ADMINISTRATOR], scope.value)
    return {caller: tokens[caller] for caller in CALLERS}


async def make_key(bureau, token, *scopes):
    """An API key of who has the token."""
    path, body = "/api/v1/me/api-keys", {"name": "Bot", "scopes": scopes}
    proof = await bureau.prove(token, "api_key", "POST", path, body)
    made = await bureau.ask("POST", path, body, token=token, headers={"Step-Up": proof})
    return (await made.json())["key"]


async def ask(bureau, endpoint, token):
    """How far a call gets: `401`, `403`, or `yes` when only its shape or own secret is wrong."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    reply = await bureau.client.request(endpoint.method, path_of(endpoint), headers=headers)
    code = (await reply.json())["code"]
    if endpoint.admit is not None and code in SECRET_REFUSALS:
        return "yes"
    if reply.status in (401, 403):
        assert code in REFUSED, (endpoint.name, code)
        return str(reply.status)
    assert code in ("invalid", "idempotency_key_missing"), (endpoint.name, reply.status, code)
    return "yes"


async def test_every_call_answers_every_caller_as_it_is_declared(bureau, people):
    assert len(ENDPOINTS) > 90
    different = {}
    for endpoint in ENDPOINTS:
        for caller, token in people.items():
            promised = judge(endpoint, caller).replace("own", "yes")
            got = await ask(bureau, endpoint, token)
            if got != promised:
                different[endpoint.method, endpoint.path, caller] = (got, promised)
    assert different == {}


async def test_every_room_opens_to_every_caller_as_it_is_declared(bureau, people):
    rights, bearers = bureau.office.rights, bureau.identity.bearers
    trades = bureau.client.server.app[SOCKETS].trades
    different = {}
    async with bureau.database.read() as connection:
        for caller, token in people.items():
            if caller == DEAF:
                with pytest.raises(KeyNotEnough):
                    await read_token({"token": token}, bearers, "192.0.2.1")
                continue
            actor = None
            if token is not None:
                actor, _ = await read_token({"token": token}, bearers, "192.0.2.1")
            own = f"user:{MISSING if actor is None else actor.user_id}"
            promised = {
                "market_updates": "yes",
                own: "401" if actor is None else "yes",
                f"user:{UUID(int=5)}": "401" if actor is None else "404",
                f"trade:{MISSING}": "401" if actor is None else "404",
                **{
                    f"staff:{queue}": judge_room(permission, caller)
                    for queue, permission in STAFF_QUEUES.items()
                },
            }
            for name, wanted in promised.items():
                try:
                    await check_audience(connection, rights, trades, actor, read_room(name))
                    got = "yes"
                except Unauthenticated:
                    got = "401"
                except NotFound:
                    got = "404"
                if got != wanted:
                    different[caller, name] = (got, wanted)
    assert different == {}


def test_table_promises_the_deaf_key_no_room():
    assert {judge_room(needed, DEAF) for needed in STAFF_QUEUES.values()} == {"403"}
    rooms = write_table([], STAFF_QUEUES).partition("## Rooms")[2].splitlines()
    column = rooms[2].split(" | ").index(DEAF.replace("_", " "))
    assert {line.split(" | ")[column] for line in rooms[4:]} == {"403"}


def test_committed_table_is_the_one_of_the_declarations():
    """`make contract` writes it."""
    committed = (ROOT / "docs" / "security" / "authorization.md").read_text()
    assert committed == write_table(ENDPOINTS, STAFF_QUEUES)
    for endpoint in ENDPOINTS:
        assert f"`{endpoint.method} {endpoint.path}`" in committed


def test_call_without_a_rule_cannot_be_declared():
    routes = Routes("Test")
    for path, access in (
        ("/api/admin/anything", Access.USER),
        ("/api/admin/anything", Access.PUBLIC),
        ("/api/v1/things/{id}", Access.USER),
        ("/api/v1/things/{id}", Access.PUBLIC),
    ):
        with pytest.raises(AssertionError):
            routes.read("GET", path, summary="No rule.", access=access, response=None)
    assert routes.endpoints == []
    routes.read("GET", "/api/v1/things/{id}", summary="A rule.", subject=Subject.OWN, response=None)


def test_call_that_needs_a_person_cannot_be_declared_for_keys():
    routes = Routes("Test")
    wrong = (
        ("/api/v1/things", {"step_up": True}),
        ("/api/v1/auth/things", {"access": Access.PUBLIC, "keyed": False}),
        ("/api/admin/things", {"access": Permission.READ_AUDIT}),
    )

    def declare(path, facts):
        routes.own(
            "POST", path, summary="A rule.", response=None, scope=Scope.TRADE, **facts
        )(make_key)  # fmt: skip

    for path, facts in wrong:
        with pytest.raises(AssertionError):
            declare(path, facts)
    assert routes.endpoints == []


def test_every_role_is_refused_something_and_the_administrator_nothing():
    for caller in CALLERS[1:]:
        answers = {judge(endpoint, caller) for endpoint in ENDPOINTS}
        assert ("403" in answers) is (caller != ADMINISTRATOR), caller
    assert len(BUILT_IN_ROLES) == 7
    used = {one.access for one in ENDPOINTS if isinstance(one.access, Permission)}
    assert used <= set(Permission)
