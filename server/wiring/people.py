"""Accounts, staff, messages and the check of identities, put together as the settings want."""

from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from aiohttp import web

from models.messages import Channel
from server.admin.context import Office
from server.admin.grants import list_grants
from server.admin.index_overrides import list_index_overrides
from server.admin.refused import RefusedAccess
from server.admin.switches import list_restarts
from server.core.clock import Clock
from server.core.tls import list_redis_options
from server.db import Unit
from server.http.counts import Counts, LocalCounts, SharedCounts
from server.identity.context import IDENTITY, Identity, PasskeySite, Policy
from server.identity.key_ring import KeyRing
from server.identity.passwords import BcryptHasher
from server.identity.presence import PresenceRecorder
from server.identity.revocations import OVERLAP, Revocations
from server.identity.sealing import Sealer
from server.identity.sign_in_limits import SignInLimits
from server.identity.tokens import AccessTokens
from server.jobs.schedule import Duty
from server.kyc.context import KYC, Kyc, KycRules, close_provider
from server.kyc.duties import purge_identities, recheck_identities
from server.kyc.name_list import NameList
from server.kyc.screening import screen_due
from server.kyc.screening_port import ScreeningPort
from server.kyc.store import FolderStore
from server.kyc.sumsub import Sumsub
from server.kyc.yente import Yente
from server.ledger.service import open_accounts
from server.markets.service import WakeLane
from server.messages.folder import FolderSender
from server.messages.mail import SmtpSender, SmtpServer
from server.messages.notices import OwnerNotices
from server.messages.ports import Sender
from server.messages.queue import Post, send_due
from server.messages.toll import SmsLimits
from server.notifications.channels import keep_notice
from server.orders.inbox import leave_rechecks, leave_removed_account, refuse_named_account
from server.recovery.cases import stop as stop_recovery
from server.recovery.completion import list_recovery_kinds
from server.recovery.duties import purge_recoveries, tend_recoveries
from server.settings import Settings, derive_key
from server.staff.approvals import ProposalKind
from server.staff.rights import Rights
from server.staff.version_gate import VersionGate
from server.staff.write_gate import WriteGate
from server.trades.payments import refuse_account_of_open_trade
from server.trust.closings import list_closings
from server.wiring.kernel import Kernel, run_in
from server.wiring.trust import follow_people

POST = web.AppKey("post", Post)
MESSAGE_THREAD = web.AppKey("message_thread", ThreadPoolExecutor)
PICTURE_THREAD = web.AppKey("picture_thread", ThreadPoolExecutor)
PASSWORD_THREAD = web.AppKey("password_thread", ThreadPoolExecutor)


def open_counts(settings: Settings, clock: Clock) -> Counts:
    """Counts in windows: of all processes where there is a Redis, else of this one."""
    own = LocalCounts(clock, processes=settings.processes)
    if not settings.redis_url:
        return own
    options = list_redis_options(settings.redis_url, settings.redis_ca)
    return SharedCounts(settings.redis_url, own, options=options)


def open_identity(kernel: Kernel, thread: ThreadPoolExecutor) -> Identity:
    """Accounts, sessions and tokens as the settings want them; passwords are hashed in `thread`."""
    settings, clock = kernel.settings, kernel.clock

    revocations = Revocations(clock, overlap=OVERLAP * settings.clock_speed)
    keys = {name: derive_key(secret) for name, secret in settings.token_keys.items()}
    secret = derive_key(settings.fingerprint_secret)
    blocked_countries = frozenset(settings.blocked_countries)
    seals = {name: derive_key(secret) for name, secret in settings.seal_keys.items()}
    identity = Identity(
        database=kernel.database,
        clock=clock,
        hasher=BcryptHasher(settings.bcrypt_rounds, run_in(thread)),
        tokens=AccessTokens(keys, clock, revocations),
        keys=KeyRing(kernel.database, revocations, secret, blocked_countries),
        revocations=revocations,
        sealer=Sealer(seals, kernel.random),
        fingerprint_secret=secret,
        limits=SignInLimits(open_counts(settings, clock), secret),
        presence=PresenceRecorder(clock, clock_speed=settings.clock_speed),
        policy=Policy(
            new_account_level=settings.new_account_level,
            step_up_by_password=settings.step_up == "password" and not settings.production,
            terms_version=settings.terms_version,
            blocked_countries=blocked_countries,
            secure_cookies=settings.production,
            session_life=timedelta(days=settings.session_days),
            session_idle=timedelta(hours=settings.session_idle_hours),
            device_hold=timedelta(hours=settings.device_hold_hours),
            change_hold=timedelta(hours=settings.change_hold_hours),
        ),
        passkeys=PasskeySite(settings.passkey_domain, settings.passkey_pages),
        sms_limits=SmsLimits(
            countries=frozenset(settings.sms_countries),
            per_number=settings.sms_per_number,
            per_prefix=settings.sms_per_prefix,
            per_country=settings.sms_per_country,
            conversion_percent=settings.sms_conversion_percent,
            conversion_after=settings.sms_conversion_after,
        ),
        sends_sms=bool(settings.twilio_account) or not settings.production,
    )
    identity.hooks.on_notice.append(
        OwnerNotices(identity.sealer, identity.sms_limits, identity.sends_sms)
    )

    async def stop_lost(unit: Unit, user_id: UUID) -> None:
        await stop_recovery(identity, unit, user_id)

    identity.hooks.on_notice.append(keep_notice)
    identity.hooks.on_factor_shown.append(stop_lost)
    identity.hooks.on_registered.append(open_accounts)
    identity.hooks.on_standing_changed.append(leave_rechecks)
    identity.hooks.on_account_removing += [refuse_named_account, refuse_account_of_open_trade]
    identity.hooks.on_account_removed.append(leave_removed_account)
    follow_people(identity)
    return identity


async def run_password_thread(app: web.Application) -> AsyncIterator[None]:
    """Warm the hashing up, and end its thread with the application."""
    await app[IDENTITY].hasher.warm_up()
    yield
    app[PASSWORD_THREAD].shutdown(wait=True, cancel_futures=True)


def open_office(
    kernel: Kernel,
    identity: Identity,
    gate: WriteGate,
    versions: VersionGate,
    wake_lane: WakeLane,
    more_kinds: Mapping[str, ProposalKind],
) -> Office:
    """The staff's affairs; `more_kinds` are acts of parts that are put together later."""
    database = kernel.database
    rights = Rights(kernel.clock)
    # Each part of the domain adds the acts that take more than one person.
    kinds = {
        **list_grants(identity, rights),
        **list_recovery_kinds(identity),
        **list_restarts(gate, wake_lane),
        **list_closings(identity.hooks),
        **list_index_overrides(wake_lane),
        **more_kinds,
    }
    refused = RefusedAccess(database)
    return Office(database, identity, rights, refused, kinds, gate, versions, wake_lane)


def open_post(kernel: Kernel, identity: Identity, thread: ThreadPoolExecutor) -> Post:
    """What sends messages; Twilio's client, which blocks, works in `thread`."""
    settings = kernel.settings
    folder = FolderSender(Path(settings.mail_folder), kernel.clock, run_in(thread))
    senders: dict[Channel, Sender] = {}
    if settings.smtp_host:
        server = SmtpServer(
            settings.smtp_host,
            settings.smtp_port,
            settings.smtp_user,
            settings.smtp_password,
            settings.smtp_security,
            settings.mail_from,
        )
        senders[Channel.MAIL] = SmtpSender(server)
    elif not settings.production:
        senders[Channel.MAIL] = folder
    if settings.twilio_account:
        # The library is large: who sends no text messages does not load it.
        from server.messages.sms import TwilioAccount, TwilioSender  # noqa: PLC0415 - see above

        account = TwilioAccount(
            settings.twilio_account,
            settings.twilio_token,
            settings.twilio_from,
            settings.twilio_base_url,
        )
        senders[Channel.SMS] = TwilioSender(account, run_in(thread))
    elif not settings.production:
        senders[Channel.SMS] = folder
    return Post(kernel.database, identity.sealer, senders)


def add_post(app: web.Application, kernel: Kernel, identity: Identity) -> Duty:
    """What sends messages here, and the duty of doing so."""
    thread = app[MESSAGE_THREAD] = ThreadPoolExecutor(1, "messages")
    post = app[POST] = open_post(kernel, identity, thread)
    app.cleanup_ctx.append(_run_message_thread)
    return Duty("send_messages", 1, lambda _desk: send_due(post))


async def _run_message_thread(app: web.Application) -> AsyncIterator[None]:
    yield
    app[MESSAGE_THREAD].shutdown(wait=True, cancel_futures=True)


def open_kyc(kernel: Kernel, identity: Identity, thread: ThreadPoolExecutor) -> Kyc:
    """The check of identities; pictures are decoded and files are written in `thread`."""
    settings = kernel.settings
    provider = None
    if settings.sumsub_app_token:
        provider = Sumsub(
            url=settings.sumsub_url,
            app_token=settings.sumsub_app_token,
            secret=settings.sumsub_secret,
            message_secret=settings.sumsub_message_secret,
            level_name=settings.sumsub_level,
            clock=kernel.clock,
        )
    screening: ScreeningPort | None = None
    if settings.screening_list:
        screening = NameList(Path(settings.screening_list), run_in(thread))
    elif settings.screening_url:
        screening = Yente(
            url=settings.screening_url,
            dataset=settings.screening_dataset,
            key=settings.screening_key,
            clock=kernel.clock,
        )
    return Kyc(
        database=kernel.database,
        identity=identity,
        store=FolderStore(Path(settings.kyc_folder)),
        run_apart=run_in(thread),
        rules=KycRules(
            recheck_after=timedelta(days=settings.kyc_recheck_days),
            refused_kept=timedelta(days=settings.kyc_refused_days),
            approved_kept=timedelta(days=settings.kyc_kept_days),
        ),
        provider=provider,
        screening=screening,
    )


def add_kyc(app: web.Application, kernel: Kernel, identity: Identity) -> tuple[Duty, ...]:
    """The check of identities here, and what time does to it."""
    thread = app[PICTURE_THREAD] = ThreadPoolExecutor(1, "pictures")
    kyc = app[KYC] = open_kyc(kernel, identity, thread)
    app.cleanup_ctx.append(_run_picture_thread)
    app.cleanup_ctx.append(close_provider)
    return (
        Duty("recheck_identities", 600, lambda _desk: recheck_identities(kyc), by_time=True),
        Duty("purge_identities", 3600, lambda _desk: purge_identities(kyc), by_time=True),
        Duty("screen_names", 5, lambda _desk: screen_due(kyc), by_time=True),
        Duty("tend_recoveries", 60, lambda _desk: tend_recoveries(kyc), by_time=True),
        Duty("purge_recoveries", 3600, lambda _desk: purge_recoveries(kyc), by_time=True),
    )


async def _run_picture_thread(app: web.Application) -> AsyncIterator[None]:
    yield
    app[PICTURE_THREAD].shutdown(wait=True, cancel_futures=True)
