"""What identity refuses."""

from server.core.refusals import Conflict, Invalid, RateLimited, Refusal, Unauthenticated


class IdentityTaken(Conflict):
    """The e-mail address or the username belongs to somebody."""

    code = "identity_taken"
    title = "This e-mail address or username is already in use."


class WrongCredentials(Unauthenticated):
    """No account has this address and password; which of the two is wrong is not said."""

    code = "wrong_credentials"
    title = "The e-mail address or the password is wrong."


class RefreshRefused(Unauthenticated):
    """The refresh token is unknown, used, or its session has ended."""

    code = "refresh_refused"
    title = "The session has ended. Sign in again."


class CrossSiteRefused(Refusal):
    """A call with a session's cookie that no page of ours sent."""

    code = "cross_site_refused"
    status = 403
    title = "Calls with the session's cookie must come from a page of this site."


class SignInsLimited(RateLimited):
    """Too many attempts for one account or from one address."""

    code = "sign_ins_limited"
    title = "Too many attempts to sign in. Try again later."


class RegistrationsLimited(RateLimited):
    """The caller has heard too often that an address is taken."""

    code = "registrations_limited"
    title = "Too many attempts to open an account. Try again later."


class PasswordRefused(Invalid):
    """The password does not meet the policy."""

    code = "password_refused"
    title = "This password cannot be used."


class StepUpRefused(Refusal):
    """The proof offered for a step-up is wrong, or this way of proving is not offered."""

    code = "step_up_refused"
    status = 403
    title = "The proof does not show that it is you."


class SecondFactorRefused(Unauthenticated):
    """The second factor is wrong or used, or the sign-in that waits for it has expired."""

    code = "second_factor_refused"
    title = "The second factor was not accepted."


class SecondFactorLocked(RateLimited):
    """Too many wrong codes: none is accepted for a while."""

    code = "second_factor_locked"
    title = "Too many wrong codes. Try again later, or use a passkey."


class SecondFactorRequired(Refusal):
    """The platform asks everybody for a second factor before this."""

    code = "second_factor_required"
    status = 403
    title = "Add an authenticator app or a passkey first."


class CodeWrong(Invalid):
    """The code does not belong to the app that is being added."""

    code = "code_wrong"
    title = "The code is wrong or too old. Type the one that the app shows now."


class ResetRefused(Invalid):
    """The token of the mail is unknown, used or too old."""

    code = "reset_refused"
    title = "This link is no longer good. Ask for a new one."


class CodeRefused(Invalid):
    """The code that was sent was not given back: wrong, too old, used, or five errors."""

    code = "code_refused"
    title = "The code is wrong or no longer good. Ask for a new one."


class AlreadyVerified(Conflict):
    """There is nothing to confirm."""

    code = "already_verified"
    title = "This is confirmed already."


class ContactIsSame(Conflict):
    """The new address or number is the one that the user has."""

    code = "contact_is_same"
    title = "This is the address or number that you have."


class TotpExists(Conflict):
    """The user has an authenticator app already."""

    code = "totp_exists"
    title = "You have an authenticator app already. Remove it first."


class PasskeyRefused(Invalid):
    """What the browser sent does not make a passkey here."""

    code = "passkey_refused"
    title = "This passkey was not accepted."


class TooManyPasskeys(Conflict):
    """The user has as many passkeys as one may have."""

    code = "too_many_passkeys"
    title = "You have as many passkeys as one may have. Remove one first."


class NoSecondFactor(Conflict):
    """Recovery codes stand in for a second factor that the user does not have."""

    code = "no_second_factor"
    title = "You have no second factor yet."


class TooManyPaymentAccounts(Conflict):
    """The user has as many payment accounts as one may have."""

    code = "too_many_payment_accounts"
    title = "You have as many payment accounts as one may have. Remove one first."


class PaymentAccountExists(Conflict):
    """The user has an account with the same details already."""

    code = "payment_account_exists"
    title = "You have this payment account already."


class PaymentAccountTaken(Conflict):
    """The account is another user's; whose is not said, and compliance hears of it."""

    code = "payment_account_taken"
    title = "This payment account cannot be added. Ask support if it is yours."

    def __init__(self, method_id: str = "", digest: bytes = b"") -> None:
        super().__init__()
        # For compliance; the answer carries neither.
        self.method_id = method_id
        self.digest = digest


class HolderDiffers(Invalid):
    """The account's holder is not the person that the user was found to be."""

    code = "holder_differs"
    title = "The holder of the account must be you, as your identity was checked."


class PaymentAccountInUse(Conflict):
    """A living order or an open trade names the account."""

    code = "payment_account_in_use"
    title = "An order or an open trade uses this payment account. End it first."


class CountryBlocked(Refusal):
    """People of this country are not served."""

    code = "country_blocked"
    status = 403
    title = "We do not offer this service in your country."


class AccountIsClosed(Refusal):
    """The owner has closed the account."""

    code = "account_closed"
    status = 403
    title = "This account was closed."


class TermsChanged(Conflict):
    """The terms that were accepted are not those that count now."""

    code = "terms_changed"
    title = "These are not the terms that count now. Read and accept the current ones."


class TooManyBlocks(Conflict):
    """The user blocks as many people as one may block."""

    code = "too_many_blocks"
    title = "You block as many people as one may block. Remove one first."


class BlockOfOneself(Invalid):
    """Nobody can block himself."""

    code = "block_of_oneself"
    title = "You cannot block yourself."


class TooManyTrusted(Conflict):
    """The user trusts as many people as one may have on that list."""

    code = "too_many_trusted"
    title = "You have as many people on this list as one may. Remove one first."


class TrustOfOneself(Invalid):
    """Nobody is on his own list."""

    code = "trust_of_oneself"
    title = "You cannot put yourself on this list."


class TrustOfBlocked(Conflict):
    """The user blocks whom he says to trust."""

    code = "trust_of_blocked"
    title = "You block this user. Take the block back first."


class TooManyApiKeys(Conflict):
    """A user has as many API keys as he may."""

    code = "too_many_api_keys"
    title = "You have as many API keys as you may. End one first."


class AccountIsFrozen(Conflict):
    """The account is frozen: what gives others access or changes its contacts waits."""

    code = "own_account_frozen"
    title = "Your account is frozen. This has to wait until it is open again."
