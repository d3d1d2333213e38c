"""Expected refusals: a stable code, a status, one sentence. Faults are assertions, not these."""

from collections.abc import Mapping
from typing import Any, ClassVar


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of the program
    """An expected no.

    Subclasses name the violated rule. `code` is part of the API and never changes; `status` is
    the HTTP status; `title` is one sentence for people. `detail` says more about this case,
    `params` carries machine-readable values, `errors` maps a field to its sentences.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str] = "This cannot be done."

    def __init__(
        self,
        detail: str | None = None,
        *,
        errors: Mapping[str, Any] | None = None,
        retry_after_s: int | None = None,
        **params: Any,
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.errors = dict(errors) if errors else None
        self.retry_after_s = retry_after_s
        self.params = params


class BadRequest(Refusal):
    """The request cannot be parsed."""

    code = "bad_request"
    status = 400
    title = "The request could not be read."


class Unauthenticated(Refusal):
    """There is no valid session."""

    code = "unauthenticated"
    status = 401
    title = "Sign in to do this."


class Forbidden(Refusal):
    """The caller's role does not allow this."""

    code = "forbidden"
    status = 403
    title = "You may not do this."


class StepUpRequired(Refusal):
    """The action needs a fresh proof of who is asking."""

    code = "step_up_required"
    status = 403
    title = "Confirm that it is you to do this."


class NotFound(Refusal):
    """The object does not exist, or is not the caller's: both look the same."""

    code = "not_found"
    status = 404
    title = "There is nothing here."


class MethodNotAllowed(Refusal):
    """The path exists, the method does not."""

    code = "method_not_allowed"
    status = 405
    title = "This method is not offered here."


class Conflict(Refusal):
    """The object is in a state that does not allow this."""

    code = "conflict"
    status = 409
    title = "The object is no longer in a state that allows this."


class TooLarge(Refusal):
    """The body is larger than the endpoint takes."""

    code = "too_large"
    status = 413
    title = "The request is too large."


class UnsupportedMedia(Refusal):
    """The content type is not JSON."""

    code = "unsupported_media_type"
    status = 415
    title = "Send JSON with the content type application/json."


class Invalid(Refusal):
    """The values are not acceptable; `errors` names the fields."""

    code = "invalid"
    status = 422
    title = "Some values are not acceptable."


class KeyMissing(Refusal):
    """A call that changes something carries no idempotency key."""

    code = "idempotency_key_missing"
    status = 428
    title = "Send an Idempotency-Key header with this call."


class KeyInvalid(Refusal):
    """The idempotency key is empty, too long or has characters outside visible ASCII."""

    code = "idempotency_key_invalid"
    status = 422
    title = "The Idempotency-Key must be 1 to 255 visible ASCII characters."


class KeyReused(Refusal):
    """The idempotency key was used for another request."""

    code = "idempotency_key_reused"
    status = 422
    title = "This Idempotency-Key belongs to another request."


class KeyInFlight(Refusal):
    """A request with this key is being worked on."""

    code = "idempotency_key_in_flight"
    status = 409
    title = "A request with this Idempotency-Key is still being worked on."


class RateLimited(Refusal):
    """Too many requests."""

    code = "rate_limited"
    status = 429
    title = "Too many requests, try again in a moment."


class Unavailable(Refusal):
    """Something that this call needs is down or busy."""

    code = "unavailable"
    status = 503
    title = "This is not available for the moment, try again."


class ReadOnly(Unavailable):
    """The service is being worked on, and users change nothing meanwhile."""

    code = "read_only"
    title = "Nothing can be changed for the moment. What you have stays as it is."


class InsufficientFunds(Refusal):
    """The account does not hold enough."""

    code = "insufficient_funds"
    status = 422
    title = "There is not enough USDT available."
