"""The endpoints of signing in with a second factor or a passkey, and of step-up proofs."""

from typing import Any

from server.core.clock import format_instant
from server.db.idempotency import hash_request
from server.http.endpoint import Access, Call, Reply, Routes
from server.identity import factor_schemas, schemas
from server.identity import sign_in as signing_in
from server.identity.context import IDENTITY, Identity
from server.identity.cookies import answer_tokens, wants_cookie
from server.identity.countries import check_country
from server.identity.factor_checks import Offer
from server.identity.refusals import (
    AccountIsClosed,
    CountryBlocked,
    CrossSiteRefused,
    SecondFactorLocked,
    SecondFactorRefused,
    SignInsLimited,
    StepUpRefused,
    WrongCredentials,
)
from server.identity.sign_in_history import Visitor
from server.identity.step_up import (
    Act,
    act_of_request,
    ask_step_up,
    prove_by_factor,
    prove_by_password,
)
from server.identity.views import show_user

ROUTES = Routes("Identity")


def _answer(identity: Identity, done: signing_in.SignedIn, *, by_cookie: bool) -> Reply:
    more = {
        "user": show_user(done.profile),
        "device_token": done.credentials.device_token,
    }
    return answer_tokens(identity, done.credentials, by_cookie=by_cookie, more=more)


def visitor_of(call: Call) -> Visitor:
    """Who signs in with a call."""
    return Visitor(call.ip, call.device, call.country, call.body.get("device_token"))


def _read_offer(body: dict[str, Any]) -> Offer:
    return Offer(body.get("code"), body.get("recovery_code"), body.get("passkey"))


@ROUTES.own(
    "POST",
    "/api/v1/auth/login",
    summary="Sign in with address or number and password, or be asked for the second factor.",
    access=Access.PUBLIC,
    keyed=False,
    body=schemas.SignInSchema(),
    response=schemas.SignedInSchema(),
    also=(factor_schemas.SecondFactorAskedSchema(),),
    refusals=(WrongCredentials, SignInsLimited, CrossSiteRefused, AccountIsClosed, CountryBlocked),
)
async def login(call: Call) -> Reply:
    """A new session, or a token that waits for the second factor."""
    check_country(call)
    identity, by_cookie = call.app[IDENTITY], wants_cookie(call)
    done = await signing_in.sign_in(
        identity,
        call.body.get("identity") or call.body["email"],
        call.body["password"],
        visitor_of(call),
    )
    if isinstance(done, signing_in.SignedIn):
        return _answer(identity, done, by_cookie=by_cookie)
    waiting = {
        "token": done.token,
        "methods": done.methods,
        "expires_in": int(signing_in.PENDING_LIFE.total_seconds()),
    }
    return Reply({"second_factor": waiting})


@ROUTES.own(
    "POST",
    "/api/v1/auth/login/second-factor",
    summary="Finish signing in with a code, a passkey or a recovery code.",
    access=Access.PUBLIC,
    keyed=False,
    body=factor_schemas.SecondFactorSchema(),
    response=schemas.SignedInSchema(),
    refusals=(
        SecondFactorRefused,
        SecondFactorLocked,
        CrossSiteRefused,
        AccountIsClosed,
        CountryBlocked,
    ),
)
async def finish_login(call: Call) -> Reply:
    """A new session."""
    check_country(call)
    identity, by_cookie = call.app[IDENTITY], wants_cookie(call)
    done = await signing_in.finish_sign_in(
        identity,
        call.body["token"],
        _read_offer(call.body),
        visitor_of(call),
    )
    return _answer(identity, done, by_cookie=by_cookie)


@ROUTES.own(
    "POST",
    "/api/v1/auth/login/passkey/options",
    summary="What a browser needs to sign in with a passkey, alone or as second factor.",
    access=Access.PUBLIC,
    keyed=False,
    body=factor_schemas.PasskeyOptionsQuestionSchema(),
    response=factor_schemas.OptionsSchema(),
    refusals=(SecondFactorRefused,),
)
async def ask_login_passkey(call: Call) -> Reply:
    """Options for navigator.credentials.get()."""
    options = await signing_in.ask_passkey(call.app[IDENTITY], call.body.get("token"))
    return Reply({"options": options})


@ROUTES.own(
    "POST",
    "/api/v1/auth/login/passkey",
    summary="Sign in with a passkey alone.",
    access=Access.PUBLIC,
    keyed=False,
    body=factor_schemas.PasskeySignInSchema(),
    response=schemas.SignedInSchema(),
    refusals=(
        SecondFactorRefused,
        SignInsLimited,
        CrossSiteRefused,
        AccountIsClosed,
        CountryBlocked,
    ),
)
async def login_by_passkey(call: Call) -> Reply:
    """A new session."""
    check_country(call)
    identity, by_cookie = call.app[IDENTITY], wants_cookie(call)
    done = await signing_in.sign_in_by_passkey(identity, call.body["passkey"], visitor_of(call))
    return _answer(identity, done, by_cookie=by_cookie)


def _read_acts(call: Call) -> list[Act]:
    asked, action = call.body, call.body["action"]
    if "request" in asked:
        proven = asked["request"]
        told = hash_request(proven["method"], proven["path"], proven.get("body"))
        return [act_of_request(action, call.user.user_id, told)]
    return [
        Act(action, act["subject_id"], act["amount"], act["version"])
        for act in asked.get("acts", (asked,))
    ]


@ROUTES.own(
    "POST",
    "/api/v1/auth/step-up/options",
    summary="What a browser needs to give a proof with a passkey.",
    keyed=False,
    body=factor_schemas.StepUpOptionsSchema(),
    response=factor_schemas.OptionsSchema(),
)
async def ask_step_up_passkey(call: Call) -> Reply:
    """Options for navigator.credentials.get(), good for these acts alone."""
    options = await ask_step_up(call.app[IDENTITY], call.user, _read_acts(call))
    return Reply({"options": options})


@ROUTES.own(
    "POST",
    "/api/v1/auth/step-up",
    summary="A proof of two minutes, for the Step-Up header, that it is really you.",
    keyed=False,
    body=factor_schemas.StepUpSchema(),
    response=factor_schemas.ProofSchema(),
    refusals=(StepUpRefused, SignInsLimited, SecondFactorLocked),
)
async def step_up(call: Call) -> Reply:
    """A proof bound to the listed acts."""
    identity, acts = call.app[IDENTITY], _read_acts(call)
    if "password" in call.body:
        proof, expires_at = await prove_by_password(
            identity, call.user, call.body["password"], acts, ip=call.ip
        )
    else:
        proof, expires_at = await prove_by_factor(identity, call.user, _read_offer(call.body), acts)
    return Reply({"proof": proof, "expires_at": format_instant(expires_at)})
