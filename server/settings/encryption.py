"""Encryption on the line: our own certificate, and which ones we trust."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, fields
from sqlalchemy.engine import make_url

from server.settings.kinds import declare_setting

FILES = ("tls_certificate", "tls_key", "database_ca", "redis_ca", "files_s3_ca")
NEAR = (None, "", "localhost", "127.0.0.1", "::1")
"""Hosts that are this machine; a database that is a file has none."""


class EncryptionSettings(Schema):
    """Encryption on the line: our own certificate, and which ones we trust."""

    tls_certificate = declare_setting(
        fields.String(),
        "",
        "file of our certificate and those that sign it; empty where a proxy speaks TLS for us",
    )
    tls_key = declare_setting(fields.String(), "", "file of that certificate's key")
    database_ca = declare_setting(
        fields.String(),
        "",
        "file of the certificates that sign the database's; the database is then spoken to over "
        "TLS only; production needs it unless the database is on this machine",
    )
    redis_ca = declare_setting(
        fields.String(),
        "",
        "file of the certificates that sign that of Redis; empty trusts the operating system's",
    )


def find_missing_files(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Certificates that are not there, and one without its key."""
    problems = {
        name: ["There is no such file."]
        for name in FILES
        if values[name] and not Path(values[name]).is_file()
    }
    if bool(values["tls_certificate"]) != bool(values["tls_key"]):
        problems["tls_certificate"] = ["Give the certificate and its key together."]
    return problems


def find_plain_lines(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Lines to other machines that are not encrypted, which production refuses."""
    url = make_url(values["database_url"])
    # The driver takes a host behind the question mark in place of the other one.
    database = url.query.get("host", url.host)
    redis = urlsplit(values["redis_url"])
    speaks_tls = values["tls_certificate"] or values["trusted_proxies"]
    plain = {
        "database_ca": (
            not values["database_ca"] and database not in NEAR,
            "Production speaks TLS to a database on another machine.",
        ),
        # What stands behind a question mark could switch the check of the certificate off.
        "redis_url": (
            bool(redis.query) or (redis.scheme == "redis" and redis.hostname not in NEAR),
            "Production speaks TLS to Redis on another machine: rediss://HOST:PORT/N.",
        ),
        "tls_certificate": (
            not speaks_tls and values["host"] not in NEAR,
            "Production needs a certificate, or trusted_proxies that speak TLS for it.",
        ),
    }
    return {name: [sentence] for name, (wrong, sentence) in plain.items() if wrong}
