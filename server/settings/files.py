"""Files of trades: where they lie, who looks into them, how long they are kept."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from marshmallow import Schema, fields, validate

from server.settings.encryption import NEAR
from server.settings.kinds import declare_setting


class FileSettings(Schema):
    """Files of trades."""

    files_folder = declare_setting(
        fields.String(validate=validate.Length(min=1)),
        ".run/files",
        "folder of the encrypted files of trades; every process needs the same one",
    )
    files_s3_url = declare_setting(
        fields.String(validate=validate.Regexp(r"(https?://[a-z0-9.-]+(:[0-9]{1,5})?)?\Z")),
        "",
        "store that speaks as S3 does and keeps those files in place of the folder, such as "
        "https://s3.eu-central-1.amazonaws.com; or empty",
    )
    files_s3_bucket = declare_setting(
        fields.String(validate=validate.Regexp(r"([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?\Z")),
        "",
        "bucket of that store",
    )
    files_s3_region = declare_setting(
        fields.String(validate=validate.Regexp(r"[a-z0-9-]{1,40}\Z")),
        "us-east-1",
        "region that requests to that store are signed for",
    )
    files_s3_key_id = declare_setting(
        fields.String(), "", "name of the key that may put, get and delete objects of that bucket"
    )
    files_s3_secret = declare_setting(fields.String(), "", "secret of that key")
    files_s3_ca = declare_setting(
        fields.String(),
        "",
        "file of the certificates that sign that store's; empty trusts the public authorities",
    )
    files_origin = declare_setting(
        fields.String(validate=validate.Regexp(r"(https?://[a-z0-9.-]+(:[0-9]{1,5})?)?\Z")),
        "",
        "where links to files lead, such as https://files.example.org, which serves this service "
        "too; empty is the API's own",
    )
    file_days = declare_setting(
        fields.Integer(validate=validate.Range(90, 7300)),
        1825,
        "days for which files of trades are kept",
    )
    scanner_url = declare_setting(
        fields.String(validate=validate.Regexp(r"(tcp://[^\s/]+:[0-9]{1,5}|unix:/\S+)?\Z")),
        "",
        "ClamAV daemon that looks into files: tcp://HOST:PORT or unix:/PATH; empty leaves it to "
        "the rules about contents",
    )


def find_half_stores(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What a store for files needs besides the rest of it."""
    parts = [f"files_s3_{part}" for part in ("url", "bucket", "key_id", "secret")]
    given = [name for name in parts if values[name]]
    if not given:
        return {}
    missing = [name for name in parts if name not in given]
    return {name: ["Give address, bucket, key and secret together."] for name in missing}


def find_wrong_files(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What production refuses of these."""
    problems = {}
    for name in ("files_origin", "files_s3_url"):
        if values[name].startswith("http:"):
            problems[name] = ["Production needs https."]
    scanner = urlsplit(values["scanner_url"])
    if scanner.scheme == "tcp" and scanner.hostname not in NEAR:
        problems["scanner_url"] = ["Production sends files to a scanner on this machine only."]
    return problems
