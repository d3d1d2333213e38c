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


def find_wrong_files(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """What production refuses of these."""
    problems = {}
    scanner = urlsplit(values["scanner_url"])
    if scanner.scheme == "tcp" and scanner.hostname not in NEAR:
        problems["scanner_url"] = ["Production sends files to a scanner on this machine only."]
    if values["files_origin"].startswith("http:"):
        problems["files_origin"] = ["Production needs https."]
    return problems
