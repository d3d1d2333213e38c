"""`.env.example` lists what the settings know, and nothing else."""

from server.settings import PREFIX, SettingsSchema, describe_settings, load_settings
from tests.services import ROOT


def test_example_is_current():
    text = (ROOT / ".env.example").read_text()
    assert text == describe_settings(), "run: .venv/bin/iqx settings --example > .env.example"


def test_example_gives_each_setting_its_meaning_and_default():
    blocks = [block.splitlines() for block in describe_settings().strip().split("\n\n")[1:]]
    assert len(blocks) == len(SettingsSchema().fields)
    for (meaning, line), name in zip(blocks, SettingsSchema().fields, strict=True):
        assert len(meaning) > len("# short")
        assert line.startswith(f"#{PREFIX}{name.upper()}=")


def test_example_taken_as_it_is_changes_no_default():
    lines = [
        line.removeprefix("#").partition("=")
        for line in describe_settings().splitlines()
        if line.startswith(f"#{PREFIX}")
    ]
    written = {name: value for name, _, value in lines if value}
    assert load_settings(written) == load_settings({})
