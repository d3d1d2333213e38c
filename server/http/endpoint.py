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


@dataclass(frozen=True, slots=True)
class Actor:
    """Who calls: a user in a session."""

    user_id: UUID
    session_id: UUID
    role: str
    """`user`, `support` or `admin`."""


class Authenticator(Protocol):
    """Tells who holds an access token, without reading the database."""

    def authenticate(self, token: str) -> Actor:
        """The actor of a valid access token; refuses `Unauthenticated` otherwise."""
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
    access: Access | Permission
    subject: Subject
    handler: Callable[..., Awaitable[Reply]]
    transactional: bool
    keyed: bool
    body: Schema | None
    query: Schema | None
    response: Schema | None
    status: int
    refusals: tuple[type[Refusal], ...]
    step_up: bool
    body_bytes_max: int
    tag: str
    media: tuple[str, ...]
    """Content types of the reply besides JSON."""
    also: tuple[Schema, ...] = ()
    """Other shapes that the reply may have."""
    takes: tuple[str, ...] = ()
    """Content types of a body that is handed over as its bytes; none for JSON."""
    count_changes: Callable[[Any], int] | None = None
    """How many changes a body asks for, before its shape is checked; one without it."""
    admit: Admit | None = None
    """Who may send a file where nobody is signed in."""


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


class Routes:
    """Collects the endpoints of one part of the domain."""

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
        body: Schema | None = None,
        query: Schema | None = None,
        status: int = 200,
        refusals: tuple[type[Refusal], ...] = (),
        media: tuple[str, ...] = (),
    ) -> Callable[[ReadHandler], ReadHandler]:
        """Declare an endpoint that changes nothing, or that commits by its own means."""
        return self._declare(
            method,
            path,
            summary=summary,
            response=response,
            access=access,
            subject=subject,
            body=body,
            query=query,
            status=status,
            refusals=refusals,
            media=media,
        )

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
            method,
            path,
            summary=summary,
            response=response,
            also=also,
            access=access,
            subject=subject,
            body=body,
            status=status,
            refusals=refusals,
            keyed=keyed,
            step_up=step_up,
            body_bytes_max=body_bytes_max,
            takes=takes,
            media=media,
            count_changes=count_changes,
            admit=admit,
        )

    def write(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        response: Schema | None,
        access: Access | Permission = Access.USER,
        subject: Subject | None = None,
        body: Schema | None = None,
        status: int = 200,
        refusals: tuple[type[Refusal], ...] = (),
        step_up: bool = False,
        body_bytes_max: int = BODY_BYTES_MAX,
    ) -> Callable[[WriteHandler], WriteHandler]:
        """Declare a change in one unit of work; it takes an idempotency key."""
        return self._declare(
            method,
            path,
            summary=summary,
            response=response,
            access=access,
            subject=subject,
            body=body,
            status=status,
            refusals=refusals,
            keyed=True,
            transactional=True,
            step_up=step_up,
            body_bytes_max=body_bytes_max,
        )

    def _declare(
        self,
        method: str,
        path: str,
        *,
        summary: str,
        response: Schema | None,
        access: Access | Permission,
        subject: Subject | None,
        status: int,
        refusals: tuple[type[Refusal], ...],
        body: Schema | None = None,
        query: Schema | None = None,
        media: tuple[str, ...] = (),
        also: tuple[Schema, ...] = (),
        transactional: bool = False,
        keyed: bool = False,
        step_up: bool = False,
        body_bytes_max: int = BODY_BYTES_MAX,
        takes: tuple[str, ...] = (),
        count_changes: Callable[[Any], int] | None = None,
        admit: Admit | None = None,
    ) -> Callable[[Any], Any]:
        assert not (keyed and access is Access.PUBLIC), "keys belong to a user"
        assert not (takes and body), "a body is JSON or bytes"
        assert admit or access is not Access.PUBLIC or body_bytes_max <= BODY_BYTES_MAX, path
        named = _find_subject(path, access, subject)

        def register(handler: Callable[..., Awaitable[Reply]]) -> Callable[..., Awaitable[Reply]]:
            self.endpoints.append(
                Endpoint(
                    method,
                    path,
                    handler.__name__,
                    summary,
                    access,
                    named,
                    handler,
                    transactional,
                    keyed,
                    body,
                    query,
                    response,
                    status,
                    refusals,
                    step_up,
                    body_bytes_max,
                    self.tag,
                    media,
                    also,
                    takes,
                    count_changes,
                    admit,
                )
            )
            return handler

        return register
