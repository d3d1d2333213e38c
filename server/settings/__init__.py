"""Every setting of the service: name, meaning, default. The only place that reads the environment.

Settings are environment variables that start with IQX_, or lines of a `.env` file beside the
program; the environment wins. Unknown and malformed ones are refused by name, all at once. A secret
may come from a file of its own, as container platforms hand it over. Each subject has a schema in a
file of its own; `values.py` lists what they become.
"""

from server.settings.keys import derive_key
from server.settings.kinds import PREFIX
from server.settings.loading import (
    SettingsError,
    SettingsSchema,
    describe_settings,
    load_settings,
    write_environment,
)
from server.settings.values import Settings

__all__ = [
    "PREFIX",
    "Settings",
    "SettingsError",
    "SettingsSchema",
    "derive_key",
    "describe_settings",
    "load_settings",
    "write_environment",
]
