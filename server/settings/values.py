"""The settings in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in use, in the order of their schemas."""

    env: str
    host: str
    port: int
    processes: int
    database_url: str
    database_pool: int
    redis_url: str
    log_level: str
    log_format: str
    metrics_addresses: tuple[str, ...]
    web_folder: str
    audit_head_folder: str
    allowed_origins: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    country_header: str
    reads_per_s: int
    writes_per_s: int
    public_per_s: int
    key_calls_per_s: int
    sockets_per_user: int
    sockets_per_address: int
    lane_lease_s: int
    relay_lease_s: int

    tls_certificate: str
    tls_key: str
    database_ca: str
    redis_ca: str

    token_keys: Mapping[str, str]
    seal_keys: Mapping[str, str]
    proof_keys: Mapping[str, str]
    fingerprint_secret: str
    bcrypt_rounds: int
    new_account_level: int
    step_up: str
    second_factor_before_trade: bool
    blocked_countries: tuple[str, ...]
    terms_version: int
    passkey_domain: str
    passkey_origins: tuple[str, ...]
    session_days: int
    session_idle_hours: int
    sign_in_history_days: int
    change_hold_hours: int
    device_hold_hours: int
    closed_account_days: int
    dormant_months: int

    smtp_host: str
    smtp_port: int
    smtp_user: str
    smtp_password: str
    smtp_security: str
    mail_from: str
    mail_folder: str
    twilio_account: str
    twilio_token: str
    twilio_from: str
    twilio_base_url: str
    sms_countries: tuple[str, ...]
    sms_per_number: int
    sms_per_prefix: int
    sms_per_country: int
    sms_conversion_percent: int
    sms_conversion_after: int

    kyc_folder: str
    kyc_recheck_days: int
    kyc_refused_days: int
    kyc_kept_days: int
    sumsub_app_token: str
    sumsub_secret: str
    sumsub_message_secret: str
    sumsub_url: str
    sumsub_level: str
    screening_list: str
    screening_url: str
    screening_dataset: str
    screening_key: str

    files_folder: str
    files_s3_url: str
    files_s3_bucket: str
    files_s3_region: str
    files_s3_key_id: str
    files_s3_secret: str
    files_s3_ca: str
    files_origin: str
    file_days: int
    scanner_url: str

    first_trade_cap_usdt: int
    open_unpaid_max: int
    open_unpaid_max_new: int
    level_limits_usdt: tuple[int, ...]

    markets: tuple[str, ...]
    price_sources: tuple[str, ...]
    price_urls: dict[str, str]
    price_keys: dict[str, str]
    price_interval_s: int
    price_timeout_s: int

    development_helpers: bool
    price_feed_s: int
    clock_speed: int
    fault_points: str

    @property
    def production(self) -> bool:
        """Whether real money is at stake."""
        return self.env == "production"

    @property
    def web_origin(self) -> str:
        """Where people open the web app."""
        return self.passkey_pages[0]

    @property
    def passkey_pages(self) -> tuple[str, ...]:
        """The origins at which passkeys are made and used."""
        if self.passkey_origins:
            return self.passkey_origins
        domain = self.passkey_domain
        own = f"http://localhost:{self.port}" if domain == "localhost" else f"https://{domain}"
        hosts = ((origin, urlsplit(origin).hostname or "") for origin in self.allowed_origins)
        listed = (at for at, host in hosts if host == domain or host.endswith(f".{domain}"))
        return (own, *listed)
