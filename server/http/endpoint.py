"""What an endpoint declares: who may call it, what it takes, what it gives, what it refuses."""

import enum
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from aiohttp import web
from marshmallow import Schema

from server.core.permissions import Permission
from server.core.refusals import NotFound, Refusal
from server.db import Database, Unit
from server.http.scopes import KeyNotEnough, Scope

DATABASE = web.AppKey("database", Database)
BODY_BYTES_MAX = 64 * 1024


class Access(enum.StrEnum):
    """Who may call an endpoint; endpoints of the staff name a `Permission` instead."""

    PUBLIC = "public"
    USER = "user"


class Subject(enum.StrEnum):
    """Whose the object is that an endpoint's path names."""

    NONE = "none"
    """The path names nothing."""
    PUBLIC = "public"
    """It is there for everybody."""
    OWN = "own"
    """Its owner's, or the parties'; to everybody else it does not exist."""
    STAFF = "staff"
    """The staff's, who have the endpoint's permission."""


STAFF_PATH = "/api/admin/"
OWN_PATH = "/api/v1/me/"
SIGN_IN_PATHS = ("/api/v1/auth/", "/api/auth/")
"""Calls of people who sign in: no API key opens them."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who calls: a user in a session, or a program with one of his API keys."""

    user_id: UUID
    session_id: UUID
    """The session, or the key."""
    role: str
    """`user`, `support` or `admin`; of a key always `user`."""
    scopes: frozenset[Scope] | None = None
    """What the key is good for; None in a session."""

    @property
    def by_key(self) -> bool:
        """Whether a program calls with an API key."""
        return self.scopes is not None


class Authenticator(Protocol):
    """Tells who holds an access token or an API key."""

    async def identify(self, token: str, ip: str) -> tuple[Actor, int]:
        """The actor who shows `token` from `ip`, and the second of the epoch at which it ends.

        Refuses `Unauthenticated`. An access token costs no reading of the database; an API key
        one, and then none for some minutes.
        """
        ...


AUTHENTICATOR = web.AppKey("authenticator", Authenticator)


class StaffRights(Protocol):
    """Tells what staff may do, without reading the database."""

    def permissions_of(self, user_id: UUID) -> frozenset[Permission]:
        """What the user holds now."""
        ...

    def allows(self, user_id: UUID, permission: Permission) -> bool:
        """Whether the user holds the permission now."""
        ...

    def elevation_for(self, user_id: UUID, permission: Permission) -> UUID | None:
        """What the user took in an emergency and holds the permission by, if he does."""
        ...


STAFF_RIGHTS = web.AppKey("staff_rights", StaffRights)


def holds_permission(rights: StaffRights, actor: Actor, permission: Permission) -> bool:
    """Whether the caller has the permission now; who calls with an API key has none."""
    return not actor.by_key and rights.allows(actor.user_id, permission)


class RefusedAccessListener(Protocol):
    """Hears who was refused what belongs to the staff."""

    async def note_refused(self, user_id: UUID, endpoint: str) -> None:
        """The caller was answered 403."""
        ...


REFUSED_ACCESS = web.AppKey("refused_access", RefusedAccessListener)


class RequestListener(Protocol):
    """Hears of every authenticated request: presence."""

    def note_request(self, user_id: UUID) -> None:
        """The user did something just now."""
        ...


REQUEST_LISTENER = web.AppKey("request_listener", RequestListener)


@dataclass(frozen=True, slots=True)
class Key:
    """The idempotency key of a call and the digest of its request."""

    text: str
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler answers: JSON-ready content, or bytes that are JSON already."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


@dataclass(slots=True)
class Call:
    """One request, checked as far as its endpoint declares."""

    app: web.Application
    endpoint: "Endpoint"
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    actor: Actor | None
    key: Key | None
    step_up: str | None
    """The proof in the `Step-Up` header."""
    request_id: str
    ip: str
    device: str
    """The user agent, cut."""
    accept: str
    """The `Accept` header."""
    country: str | None
    """Two letters, where a trusted proxy says it."""
    headers: Mapping[str, str]
    """All headers as sent, for what concerns browsers."""

    def __post_init__(self) -> None:
        """Every name in a path is ASCII: MariaDB refuses to compare such columns with other text,
        so what is not cannot be found, whatever the endpoint asks the database."""
        if not all(map(str.isascii, self.path.values())):
            raise NotFound

    @property
    def database(self) -> Database:
        """The service's database."""
        return self.app[DATABASE]

    @property
    def user(self) -> Actor:
        """The signed-in caller; the endpoint's access has made sure of him."""
        assert self.actor is not None, "the endpoint is public"
        return self.actor

    def path_id(self, name: str = "id") -> UUID:
        """An identifier in the path; what cannot be one is not found."""
        try:
            return UUID(self.path[name])
        except ValueError:
            raise NotFound from None


ReadHandler = Callable[[Call], Awaitable[Reply]]
WriteHandler = Callable[[Call, Unit], Awaitable[Reply]]
Admit = Callable[[web.Application, Mapping[str, str]], Awaitable[None]]
"""Application and headers: refuses who may not send a file, before any of it is read."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The declaration of one operation.

    With `transactional`, the handler gets a unit of work; its reply is kept under the
    idempotency key in the same transaction. Without, it reads, or commits by its own means (the
    lane keeps the replies to its commands, sign-in calls carry secrets and keep none).
    """

    method: str
    path: str
    name: str
    summary: str
    tag: str
    handler: Callable[..., Awaitable[Reply]]
    response: Schema | None
    access: Access | Permission = Access.USER
    subject: Subject = Subject.NONE
    transactional: bool = False
    keyed: bool = False
    body: Schema | None = None
    query: Schema | None = None
    status: int = 200
    refusals: tuple[type[Refusal], ...] = ()
    step_up: bool = False
    body_bytes_max: int = BODY_BYTES_MAX
    media: tuple[str, ...] = ()
    """Content types of the reply besides JSON."""
    also: tuple[Schema, ...] = ()
    """Other shapes that the reply may have."""
    takes: tuple[str, ...] = ()
    """Content types of a body that is handed over as its bytes; none for JSON."""
    count_changes: Callable[[Any], int] | None = None
    """How many changes a body asks for, before its shape is checked; one without it."""
    admit: Admit | None = None
    """Who may send a file where nobody is signed in."""
    scope: Scope | None = None
    """What an API key needs for it; None is that no key opens it."""

    def check_scope(self, actor: Actor) -> None:
        """Refuse `KeyNotEnough` to an API key that does not open this call."""
        if actor.scopes is not None and self.scope not in actor.scopes:
            raise KeyNotEnough


def _find_subject(path: str, access: Access | Permission, subject: Subject | None) -> Subject:
    """Whose the path's object is; a path without a rule is refused when its module is imported."""
    of_staff = isinstance(access, Permission)
    assert of_staff or not path.startswith(STAFF_PATH), f"{path} needs a permission"
    if "{" not in path:
        assert subject is None, f"{path} names no object"
        return Subject.NONE
    if subject is None and of_staff:
        return Subject.STAFF
    if subject is None and path.startswith(OWN_PATH):
        return Subject.OWN
    assert subject is not None, f"say whose the object of {path} is"
    return subject


def _find_scope(path: str, access: Access | Permission, scope: Scope | None) -> Scope | None:
    """What a key needs: for what everybody may call, to read."""
    if access is Access.PUBLIC and not path.startswith(SIGN_IN_PATHS):
        return scope or Scope.READ
    assert scope is None or access is Access.USER, f"{path} is nothing for a key"
    return scope


class Routes:
    """Collects the endpoints of one part of the domain.

    Every call of a user is declared with the `scope` that an API key needs for it; without one it
    needs a session.
    """

    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.endpoints: list[Endpoint] = []

    def read(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        response: Schema | None,
        access: Access | Permission = Access.USER,
        subject: Subject | None = None,
        scope: Scope | None = None,
        body: Schema | None = None,
        query: Schema | None = None,
        status: int = 200,
        refusals: tuple[type[Refusal], ...] = (),
        media: tuple[str, ...] = (),
    ) -> Callable[[ReadHandler], ReadHandler]:
        """Declare an endpoint that changes nothing, or that commits by its own means."""
        return self._declare(
            method, path, access, subject, scope, summary=summary, response=response, body=body,
            query=query, status=status, refusals=refusals, media=media,
        )  # fmt: skip

    def own(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        response: Schema | None,
        also: tuple[Schema, ...] = (),
        access: Access | Permission = Access.USER,
        subject: Subject | None = None,
        scope: Scope | None = None,
        keyed: bool = True,
        body: Schema | None = None,
        status: int = 200,
        refusals: tuple[type[Refusal], ...] = (),
        step_up: bool = False,
        body_bytes_max: int = BODY_BYTES_MAX,
        takes: tuple[str, ...] = (),
        media: tuple[str, ...] = (),
        count_changes: Callable[[Any], int] | None = None,
        admit: Admit | None = None,
    ) -> Callable[[ReadHandler], ReadHandler]:
        """Declare a change that the handler commits, and whose reply it keeps, by its own means."""
        return self._declare(
            method, path, access, subject, scope, summary=summary, response=response, also=also,
            body=body, status=status, refusals=refusals, keyed=keyed, step_up=step_up,
            body_bytes_max=body_bytes_max, takes=takes, media=media, count_changes=count_changes,
            admit=admit,
        )  # fmt: skip

    def write(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        response: Schema | None,
        access: Access | Permission = Access.USER,
        subject: Subject | None = None,
        scope: Scope | None = None,
        body: Schema | None = None,
        status: int = 200,
        refusals: tuple[type[Refusal], ...] = (),
        step_up: bool = False,
        body_bytes_max: int = BODY_BYTES_MAX,
    ) -> Callable[[WriteHandler], WriteHandler]:
        """Declare a change in one unit of work; it takes an idempotency key."""
        return self._declare(
            method, path, access, subject, scope, summary=summary, response=response, body=body,
            status=status, refusals=refusals, keyed=True, transactional=True, step_up=step_up,
            body_bytes_max=body_bytes_max,
        )  # fmt: skip

    def _declare(
        self,
        method: str,
        path: str,
        access: Access | Permission,
        subject: Subject | None,
        scope: Scope | None,
        **facts: Any,
    ) -> Callable[[Any], Any]:
        named = _find_subject(path, access, subject)
        opened_by = _find_scope(path, access, scope)

        def register(handler: Callable[..., Awaitable[Reply]]) -> Callable[..., Awaitable[Reply]]:
            endpoint = Endpoint(
                method, path, handler.__name__, tag=self.tag, handler=handler, access=access,
                subject=named, scope=opened_by, **facts,
            )  # fmt: skip
            _check_facts(endpoint)
            self.endpoints.append(endpoint)
            return handler

        return register


def _check_facts(endpoint: Endpoint) -> None:
    """What contradicts itself is refused when its module is imported."""
    public = endpoint.access is Access.PUBLIC
    assert not (endpoint.keyed and public), "keys belong to a user"
    assert not (endpoint.takes and endpoint.body), "a body is JSON or bytes"
    large = endpoint.body_bytes_max > BODY_BYTES_MAX
    assert endpoint.admit or not (public and large), endpoint.path
    # Money leaves an escrow, and a sign-in changes, by the hand of a person alone.
    assert not (endpoint.step_up and endpoint.scope), f"{endpoint.path} needs a person"
