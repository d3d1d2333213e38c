"""The operator's command: what it offers and what it says of itself."""

import click
import pytest
from click.testing import CliRunner

from server.cli import main

COMMANDS = (
    "authorization",
    "create-admin",
    "demo",
    "migrate",
    "openapi",
    "rotate-keys",
    "run",
    "seed",
    "set-level",
    "settings",
    "settle",
    "verify",
    "verify-audit",
    "verify-passport",
    "verify-receipt",
)


def test_command_offers_what_operators_need():
    assert sorted(main.commands) == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_says_what_it_does_and_explains_its_options(name):
    shown = CliRunner().invoke(main, [name, "--help"])
    command = main.commands[name]

    assert shown.exit_code == 0
    assert command.help
    assert command.help.strip().endswith(".")
    assert f"Usage: main {name}" in shown.output
    options = [given for given in command.params if isinstance(given, click.Option)]
    assert all(option.help for option in options), [option.name for option in options]


def test_list_of_commands_tells_each_in_a_line():
    shown = CliRunner().invoke(main, ["--help"]).output.splitlines()
    for name in COMMANDS:
        assert any(line.startswith(f"  {name} ") and len(line.split()) > 3 for line in shown), name


def test_unknown_command_is_refused():
    assert CliRunner().invoke(main, ["fly"]).exit_code == click.UsageError.exit_code
