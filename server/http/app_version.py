"""Which versions of our apps are still served. An app says its own in the `App-Version` header, as
`ios/1.2.3`; browsers and programs say none and are always served."""

import re
from collections.abc import Callable, Mapping

from server.core.refusals import Invalid, Refusal

HEADER = "App-Version"
PLATFORMS = ("android", "ios")
ALWAYS_SERVED = frozenset(
    {
        "/api/health",
        "/api/v1/app",
        "/api/v1/status",
        "/api/v1/auth/logout",
        "/api/auth/logout",
    }
)
"""What an app that is too old may still call: to learn that it is, and to sign out."""
NUMBERS = re.compile(r"(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})\.(0|[1-9][0-9]{0,4})", re.ASCII)
Version = tuple[int, int, int]
CheckApp = Callable[[str | None], None]
"""Refuses `AppOutdated` by what the header says, if there is one."""


class AppOutdated(Refusal):
    """The app is older than what is still served on its platform."""

    code = "app_outdated"
    status = 426
    title = "This version of the app is no longer served. Install the newest one."


def read_version(text: str) -> Version | None:
    """Three numbers, or None for what is no version."""
    found = NUMBERS.fullmatch(text)
    return None if found is None else (int(found[1]), int(found[2]), int(found[3]))


def check_app(header: str | None, least: Mapping[str, tuple[Version, str]]) -> None:
    """Let through browsers, programs and apps that are new enough; `least` has the least version
    and what to tell of each platform that has one.

    Refuses `AppOutdated`, and `Invalid` for a header that names no version of a known platform.
    """
    if header is None:
        return
    platform, _, numbers = header.partition("/")
    version = read_version(numbers)
    if platform not in PLATFORMS or version is None:
        raise Invalid(errors={HEADER: ["Write ios/1.2.3 or android/1.2.3, or leave it out."]})
    needed = least.get(platform)
    if needed is not None and version < needed[0]:
        written = ".".join(map(str, needed[0]))
        raise AppOutdated(needed[1], platform=platform, least=written)
